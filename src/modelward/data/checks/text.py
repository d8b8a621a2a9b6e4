"""Texts as words: what the features of inputs and the expectation are made of.

A word is a run of letters and digits with apostrophes inside, or one sign that is neither; each character of
a script that is written without spaces is a word. Words are compared in lower case and NFKC.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from modelward.data.checks.corpus import Texts
from modelward.data.engine import Engine

#: Of one text so many words are looked at: from the beginning, and a third of them from the end.
MAX_WORDS = 1536
#: So many texts are one piece of work.
PART = 20_000
#: So many codes are counted at a time.
_CODES = 4_000_000
#: So many texts at a time have their words sorted or hashed.
_BLOCK = 50_000
_MIX, _PLACE = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD1342543DE82EF95)

_ASCII = re.compile(r"[A-Za-z0-9]+(?:'[A-Za-z]+)*|[^A-Za-z0-9\s]")
_ALONE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_ANY = re.compile(rf"[{_ALONE}]|[^\W_{_ALONE}]+(?:['’][^\W\d_{_ALONE}]+)*|[^\w\s]|_")


def split(text: str) -> list[str]:
    """The words of a text as they are written."""
    found = (_ASCII if text.isascii() else _ANY).findall(text)
    if len(found) > MAX_WORDS:
        found = found[: MAX_WORDS - MAX_WORDS // 3] + found[-(MAX_WORDS // 3) :]
    return found


def normal(word: str) -> str:
    """A word as it is compared."""
    return word.lower() if word.isascii() else unicodedata.normalize("NFKC", word).lower() or word


@dataclass(frozen=True)
class Words:
    """The words of many texts: of text `i`, `ids[bounds[i]:bounds[i + 1]]`, named by `names`.

    `written` are the words as they are written, where `ids` are without case; see `written_names`.
    """

    ids: Any
    bounds: Any
    names: list[str]
    written: Any
    written_names: list[str]

    @property
    def rows(self) -> int:
        """How many texts."""
        return len(self.bounds) - 1

    @property
    def counts(self) -> Any:
        """How many words each text has."""
        return np.diff(self.bounds)

    def owners(self) -> Any:
        """Of each word, the number of the text it is in."""
        return np.repeat(np.arange(self.rows, dtype=np.int32), self.counts)

    def of(self, row: int) -> list[str]:
        """The words of one text."""
        return [self.names[at] for at in self.ids[self.bounds[row] : self.bounds[row + 1]]]


def words(texts: Sequence[Texts], engine: Engine) -> Words:
    """The words of these texts, one after the other."""
    parts = (each.part(start, start + PART) for each in texts for start in range(0, max(len(each), 1), PART))
    numbered: dict[str, int] = {}
    ids, counts = [], []
    for names, found, sizes in engine.map(split_part, parts):
        table = np.array([numbered.setdefault(name, len(numbered)) for name in names], np.int32)
        ids.append(table[found] if len(table) else found)
        counts.append(sizes)
    written = np.concatenate(ids) if ids else np.empty(0, np.int32)
    bounds = np.concatenate([[0], np.cumsum(np.concatenate(counts))]) if counts else np.zeros(1, np.int64)
    lower: dict[str, int] = {}
    table = np.array([lower.setdefault(normal(name), len(lower)) for name in numbered], np.int32)
    return Words(table[written] if len(table) else written, bounds, list(lower), written, list(numbered))


def split_part(texts: Iterable[str]) -> tuple[list[str], Any, Any]:
    """The distinct words of some texts, the texts as numbers of them, and how many words each text has."""
    numbered: dict[str, int] = {}
    ids: list[int] = []
    sizes: list[int] = []
    for text in texts:
        found = split(text)
        sizes.append(len(found))
        ids += [numbered.setdefault(word, len(numbered)) for word in found]
    return list(numbered), np.array(ids, np.int32), np.array(sizes, np.int64)


def row_hashes(words: Words) -> Any:
    """A number for each text that is the same for the same words in the same order; 0 without words."""
    found = np.zeros(words.rows, np.uint64)
    for rows, spots, bounds in blocks(words):
        mixed = (words.ids[spots].astype(np.uint64) + np.uint64(1)) * _MIX
        mixed ^= mixed >> np.uint64(29)
        place = (np.arange(len(mixed)) - np.repeat(bounds[:-1], np.diff(bounds))).astype(np.uint64)
        mixed *= (place * _PLACE) | np.uint64(1)
        sums = np.concatenate([[np.uint64(0)], np.cumsum(mixed, dtype=np.uint64)])
        found[rows] = sums[bounds[1:]] - sums[bounds[:-1]]
    return found


def blocks(words: Words) -> Iterator[tuple[slice, slice, Any]]:
    """The texts some at a time: which, where their words are, and the bounds of each within these."""
    for first in range(0, words.rows, _BLOCK):
        last = min(first + _BLOCK, words.rows)
        start, stop = int(words.bounds[first]), int(words.bounds[last])
        yield slice(first, last), slice(start, stop), words.bounds[first : last + 1] - start


def distinct(words: Words, rows: Any, wanted: Any = None) -> tuple[Any, Any]:
    """Each word of some texts once, and the place in `rows` of its text; sorted by these.

    Where `wanted` flags words, only those.
    """
    width = max(len(words.names), 1)
    found, places = [np.empty(0, np.int32)], [np.empty(0, np.int32)]
    for first in range(0, len(rows), _BLOCK):
        at, spots = spots_of(words.bounds, rows[first : first + _BLOCK])
        ids = words.ids[spots]
        if wanted is not None:
            at, ids = at[wanted[ids]], ids[wanted[ids]]
        pairs = np.sort(at * width + ids)
        if len(pairs):
            pairs = pairs[np.concatenate([[True], pairs[1:] != pairs[:-1]])]
        found.append((pairs % width).astype(np.int32))
        places.append((pairs // width + first).astype(np.int32))
    return np.concatenate(found), np.concatenate(places)


def counted(codes: Any, size: int, weights: Any = None) -> Any:
    """np.bincount in little memory, as floats; `weights` gives those of the codes from a place to another."""
    found = np.zeros(size)
    for start in range(0, len(codes), _CODES):
        part = codes[start : start + _CODES]
        found += np.bincount(part, None if weights is None else weights(start, start + len(part)), size)
    return found


def spots_of(bounds: Any, rows: Any) -> tuple[Any, Any]:
    """Where the words of some texts are: for each word the place in `rows` of its text, and its own."""
    sizes = bounds[rows + 1] - bounds[rows]
    at = np.repeat(np.arange(len(rows)), sizes)
    return at, np.arange(len(at)) - (np.cumsum(sizes) - sizes - bounds[rows])[at]
