"""Python source, read as a syntax tree: what it does on import, when a model is loaded or used, and
otherwise.

Nothing is compiled or run. Names are followed through imports, aliases, `getattr`, `__import__` and texts
put together from pieces; calls of functions of the same file are followed with their arguments, within
bounds. Ordinary programs run commands and open connections: what counts is what harms beyond doubt, and
what runs without being asked.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

from msgspec import Struct

from modelward.core.errors import InputError, LimitExceeded
from modelward.core.regex import regex
from modelward.formats.python_calls import Phase
from modelward.formats.python_walk import Walk

#: Larger sources are not read; a module of this size takes a second or two.
MAX_BYTES = 3 << 20
#: Texts that a program runs, or hides, are read this many layers deep.
MAX_LAYERS = 3

_ENCODING = regex(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_PLAIN_ENCODINGS = regex(
    r"utf-?8(-sig)?|u8|ascii|us-ascii|latin-?1|l1|iso-?8859-?\d+|cp\d+|windows-?\d+|gbk|gb2312|gb18030|big5|"
    r"euc-?(jp|kr)|shift_?jis|sjis|koi8-?r|mbcs|utf8mb4",
)


class CodeUse(Struct, frozen=True):
    """Something that a program does and no model needs.

    `line` counts from 1; `expression` is the code, cut short; `what` says what it does, `when` when.
    `harm` is `what` if it is harmful beyond doubt and None if it could not be judged.
    """

    line: int
    expression: str
    what: str
    when: str
    harm: str | None


def judge_source(
    text: str, *, origin: str = "", layer: int = 0, loaded: bool = True, served: bool = False
) -> Iterator[CodeUse]:
    """Every use in a program that harms, or that runs on its own and cannot be judged.

    `origin` is the file's name, for errors; `layer` how many texts it was hidden in. `loaded`: some loader
    imports it. `served`: it is there to serve a model, so that all its functions are called. Raises
    InputError where it is not Python 3, LimitExceeded where it is too large or deep.
    """
    tree = parse(text, origin)
    lines = text.split("\n")
    least = Phase.LOADED if served else Phase.CALLED
    walk = Walk(lambda source: harm_in(source, depth=layer + 1) if layer < MAX_LAYERS else None, least)
    try:
        walk.module(tree, Phase.IMPORTED if loaded else Phase.CALLED)
    except RecursionError:
        raise LimitExceeded("the code nests too deep to be read", where=origin or None) from None
    for node, (what, harmful, phase) in sorted(walk.found.items(), key=lambda item: item[0]):
        line, column = node
        source = lines[line - 1].encode()[column:].decode("utf-8", "replace") if line <= len(lines) else ""
        yield CodeUse(line, source.strip()[:160], what, phase.words, what if harmful else None)


def parse(text: str, origin: str = "") -> ast.Module:
    """The syntax tree. Raises InputError, LimitExceeded."""
    if len(text) > MAX_BYTES:
        raise LimitExceeded(f"it is over {MAX_BYTES >> 20} MiB of Python", where=origin or None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text.removeprefix("\ufeff"))
        except SyntaxError as error:
            raise InputError(f"it is not Python 3: {error.msg} (line {error.lineno})") from None
        except (ValueError, UnicodeError):
            raise InputError("it is not Python: it holds characters that no source may") from None
        except (RecursionError, MemoryError):
            raise LimitExceeded("the code nests too deep to be read", where=origin or None) from None


def harm_in(text: str, *, depth: int = 0) -> str | None:
    """The first harm that a piece of code does if it is run, or None (also where it cannot be read)."""
    if depth > MAX_LAYERS:
        return None
    try:
        return next((use.harm for use in judge_source(text, layer=depth) if use.harm), None)
    except InputError:
        return None


def decode(data: bytes) -> str:
    """The text of a source file, in the encoding it declares. Raises InputError; for a codec that is a
    disguise (`# coding: rot13`), naming it.
    """
    name = "utf-8"
    for line in data.split(b"\n", 2)[:2]:
        if found := _ENCODING.match(line):
            name = found.group(1).decode().lower().replace("_", "-")
            break
    if not _PLAIN_ENCODINGS.fullmatch(name):
        raise InputError(f"it is Python under the codec {name!r}, which hides what it says")
    try:
        return data.decode("utf-8" if name in ("u8", "utf8mb4", "mbcs") else name)
    except (UnicodeDecodeError, LookupError):
        return data.decode("utf-8", "backslashreplace")
