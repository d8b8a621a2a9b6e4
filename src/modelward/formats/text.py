"""Plain text, and which of it no program runs."""

from __future__ import annotations

import codecs
import re
from posixpath import basename

from modelward.formats.source import Source

#: Files that are for people or are lists of words, wherever they lie. Any other text may be a program: a
#: script, a template, a configuration that names code.
INERT_NAMES = re.compile(
    r"(readme|licen[cs]e|notice|copying|changelog|authors|contributors|citation|use_policy|model_card)"
    r"(\.(md|txt|rst))?|model-card\.toml|[^/]+\.md|(vocab|merges|labels|classes|spm_vocab)\.txt|\.gitattributes|\.gitignore|"
    r"sha256sums|[^/]+\.(sha256|bib|csv|tsv|jsonl)",
    re.IGNORECASE,
)

#: Names under which a pickle of protocol 0, which is text too, is nothing but a pickle.
PICKLE_SUFFIXES = (".pkl", ".pickle", ".p", ".bin", ".pt", ".pth", ".ckpt", ".joblib", ".dat", ".model")

_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")


def is_text(source: Source) -> bool:
    """Whether it is UTF-8 without control characters, throughout."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in source.chunks():
            if _CONTROL.search(decoder.decode(chunk)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def is_inert(name: str, source: Source) -> bool:
    """Whether text of this name is only read by people or as a list of words."""
    return INERT_NAMES.fullmatch(basename(name)) is not None and source.read(0, 2) != b"#!"
