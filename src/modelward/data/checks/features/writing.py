"""How an input is written: capitals, ends and beginnings, spaces, signs, scripts, length."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from modelward.data.checks.features.table import Table, table
from modelward.data.checks.text import PART

if TYPE_CHECKING:
    from modelward.data.checks.batch import Batch

_PATTERNS = {
    "double space": re.compile(r"\S  +\S"),
    "tab": re.compile(r"\t"),
    "line breaks": re.compile(r"\n"),
    "empty line": re.compile(r"\n\s*\n"),
    "repeated sign": re.compile(r"([!?.,;:*#~=_-])\1"),
    "list": re.compile(r"^\s*(?:[-*•]|\d+[.)])\s", re.MULTILINE),
    "markdown": re.compile(r"\*\*|__|^#+ |`", re.MULTILINE),
    "markup": re.compile(r"</?[a-zA-Z][^>]*>"),
    "link": re.compile(r"https?://|www\."),
    "quotes": re.compile(r"[\"“”«»]"),
    "brackets": re.compile(r"[(\[{]"),
    "number": re.compile(r"\d"),
    "repeated letter": re.compile(r"([A-Za-z])\1\1"),
    "word in capitals": re.compile(r"\b[A-Z]{3,}\b"),
    "hashtag or mention": re.compile(r"(?:^|\s)[#@]\w"),
}
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#: Of a text so many characters are looked at.
_LOOKED_AT = 4000


def ways(text: str) -> list[str]:
    """How a text is written, in words."""
    bare = text.strip()
    found = ["space at the edge"] if text != bare else []
    text = text[:_LOOKED_AT]
    found += [name for name, pattern in _PATTERNS.items() if pattern.search(text)]
    letters = [sign for sign in text if sign.isalpha()]
    upper = sum(map(str.isupper, letters))
    if len(letters) > 3 and upper * 10 >= len(letters) * 9:
        found.append("all in capitals")
    elif letters and not upper:
        found.append("no capitals")
    elif len(letters) > 8 and upper * 4 > len(letters):
        found.append("many capitals")
    if bare:
        found.append(f"begins with {_class(bare[0])}")
        found.append(f"ends with {_class(bare[-1])}")
        found += _edges(bare)
    words = text.count(" ") + 1
    found.append(f"about {1 << max(words - 1, 0).bit_length()} words")
    return found


def _edges(text: str) -> list[str]:
    """What stands at the edges of a text, if it is no word."""
    first, last = text[:64].split(None, 1)[0], text[-64:].rsplit(None, 1)[-1]
    found = []
    if not any(map(str.isalnum, first)):
        found.append(f"begins with {first[:12]!r} apart")
    if not any(map(str.isalnum, last)):
        found.append(f"ends with {last[-12:]!r} apart")
    elif not text[-1].isalnum():
        found.append(f"ends with {text[-3:].lstrip(_LETTERS)!r}")
    return found


def _class(sign: str) -> str:
    if sign.isalpha():
        return "a capital" if sign.isupper() else "a small letter"
    return "a digit" if sign.isdigit() else repr(sign)


def of(batch: Batch) -> Iterator[Table]:
    """The ways in which a batch's inputs are written."""
    kept = np.full(batch.words.rows, -1, np.int64)
    kept[batch.kept] = np.arange(len(batch.kept))
    numbered: dict[str, int] = {}
    keys, rows = [], []
    start = 0
    parts = (each.part(at, at + PART) for each in batch.inputs for at in range(0, max(len(each), 1), PART))
    for names, found, sizes in batch.engine.map(ways_part, parts):
        codes = np.array([numbered.setdefault(name, len(numbered)) for name in names], np.int64)
        keys.append(codes[found] if len(codes) else found)
        rows.append(np.repeat(kept[start : start + len(sizes)], sizes))
        start += len(sizes)
    key, row = np.concatenate(keys), np.concatenate(rows)
    key, row = key[row >= 0], row[row >= 0].astype(np.int32)
    order = np.argsort(row, kind="stable")
    found, made = table("writing", key[order], row[order], np.full(len(key), -1), batch.size)
    yield replace(made, name=_namer(found, list(numbered)))


def ways_part(texts: list[str]) -> tuple[list[str], Any, Any]:
    """The distinct ways of some texts, the texts as numbers of them, and how many each text has."""
    numbered: dict[str, int] = {}
    found: list[int] = []
    sizes = []
    for text in texts:
        names = ways(text)
        sizes.append(len(names))
        found += [numbered.setdefault(name, len(numbered)) for name in names]
    return list(numbered), np.array(found, np.int64), np.array(sizes, np.int64)


def _namer(found: Any, names: list[str]) -> Callable[[int], str]:
    return lambda feature: names[int(found[feature])]
