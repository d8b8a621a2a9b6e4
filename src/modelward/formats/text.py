"""Plain text: what counts as it, and what a text is by its name and beginning."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from enum import Enum
from posixpath import basename

from modelward.core.regex import regex
from modelward.formats.source import CHUNK_BYTES, Source


class Kind(Enum):
    """What reads a text of this name, if anything does."""

    PYTHON = "Python"
    SHELL = "shell script"
    YAML = "YAML"
    TOML = "TOML"
    SETTINGS = "settings"
    REQUIREMENTS = "requirements"
    TEMPLATE = "template"
    START = "start-up lines"
    WORDS = "words"
    PROSE = "text"


#: Names under which a pickle of protocol 0, which is text too, is nothing but a pickle.
PICKLE_SUFFIXES = (".pkl", ".pickle", ".p", ".bin", ".pt", ".pth", ".ckpt", ".joblib", ".dat", ".model")

_CONTROL = regex("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
#: One control character in so many is a program's own business (minified JavaScript has a few).
_RARE = 500

#: The longer mark begins with the shorter.
_MARKED = {
    "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
    "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
}
_SUFFIXES = {
    Kind.PYTHON: ".py .pyi .pyw",
    Kind.SHELL: ".sh .bash .zsh .ksh .command .bat .cmd .ps1 .psm1 .mk .dockerfile",
    Kind.YAML: ".yaml .yml",
    Kind.TOML: ".toml .lock",
    Kind.SETTINGS: ".cfg .ini .conf .pypirc",
    Kind.TEMPLATE: ".jinja .jinja2 .j2",
    Kind.WORDS: ".csv .tsv .jsonl .ndjson .vocab .merges .labels .names .bpe .arpa .dict .lex .words",
}
_BY_SUFFIX = {suffix: kind for kind, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}
_BY_NAME = (
    (
        Kind.REQUIREMENTS,
        regex(r"(?:[\w.-]*requirements?[\w.-]*|constraints?[\w.-]*)\.(?:txt|in|pip)|requirements"),
    ),
    (
        Kind.SHELL,
        regex(
            r"(?:gnu)?makefile|(?:docker|container)file(?:\..*)?|\.envrc|jenkinsfile|justfile|\.bashrc|\.profile"
        ),
    ),
    (Kind.YAML, regex(r"mlmodel|\.condarc|\.?pre-commit-.*")),
    (Kind.TOML, regex(r"pipfile")),
    (Kind.SETTINGS, regex(r"\.gitconfig|\.gitmodules")),
    (Kind.TEMPLATE, regex(r"chat_template[^.]*(?:\.(?:txt|jinja2?|tmpl|template))?|template")),
    (
        Kind.WORDS,
        regex(
            r"(?:.*[._-])?(?:vocab|vocabulary|merges|labels?|classes|tokens|words|lexicon|dict)(?:[._-].*)?\.(?:txt|bpe|json|tsv)"
        ),
    ),
)
_SHEBANG = regex(r"#!\s*(?:\S*/)?(?:env\s+(?:-\S+\s+)*)?(?P<program>[\w.+-]+)")


def is_text(source: Source, *, words: bool = False) -> bool:
    """Whether it is UTF-8 with hardly any control characters, and no NUL; lists of `words` may hold many."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    controls = 0
    try:
        for chunk in source.chunks():
            text = decoder.decode(chunk)
            if "\0" in text:
                return False
            controls += 0 if words else len(_CONTROL.findall(text))
            if controls * _RARE > source.size:
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def passages(source: Source, overlap: int = 4096) -> Iterator[tuple[int, str]]:
    """A text in passages of whole lines, if lines are short, each with the number of its first (from 1).

    Each begins up to `overlap` bytes before the last one's end, so that what goes over several lines is
    wholly in one of them.
    """
    line, at = 1, 0
    while at < source.size:
        data = source.read(at, CHUNK_BYTES)
        if at + len(data) < source.size:
            data = data[: data.rfind(b"\n", len(data) // 2) + 1] or data
        yield line, data.decode("utf-8", "replace")
        if at + len(data) >= source.size:
            return
        again = data.find(b"\n", len(data) - overlap) + 1
        step = again if 0 < again < len(data) else len(data) - (overlap if not data.endswith(b"\n") else 0)
        line += data.count(b"\n", 0, step)
        at += step


_PLAIN_BYTES = bytes([*range(0x20, 0x7F), 0x0A, 0x0D])


def other_encoding(data: bytes) -> str | None:
    """The text of data in UTF-16 or UTF-32 with its mark, or in an old encoding of one byte a character."""
    for encoding, marks in _MARKED.items():
        if data.startswith(marks):
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError:
                return None
            return None if "\0" in text else text
    text = data.decode("latin-1")
    if _CONTROL.search(text):
        return None
    return text if len(data.translate(None, _PLAIN_BYTES)) * 10 <= len(data) * 2 else None


def kind_of(name: str, beginning: str) -> Kind:
    """What a text is, by its name, or by the program that its first line names."""
    base = basename(name).lower()
    if f"/{name}".endswith(".git/config"):
        return Kind.SETTINGS
    if found := _SHEBANG.match(beginning):
        program = found["program"]
        if program.startswith("python"):
            return Kind.PYTHON
        if program.endswith("sh"):
            return Kind.SHELL
    for kind, pattern in _BY_NAME:
        if pattern.fullmatch(base):
            return kind
    if base.endswith(".pth"):
        return Kind.START
    return _BY_SUFFIX.get(base[base.rfind(".") :] if "." in base else "", Kind.PROSE)
