"""The words of many texts at once, as hashes: what duplicates, near-duplicates and overlap are found by.

A word is a run of letters and digits, lower case. Each character of a script that is written without spaces
(Chinese, Japanese, Thai, Lao, Khmer, Burmese) is a word. Punctuation and spaces do not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from modelward.data.profile.sketches import mixed

#: Only so many bytes of one text are read.
MAX_TEXT = 1 << 20

_CHUNK = 1 << 16
_MASK = (1 << 64) - 1
_BYTE = 0x100000001B3
_WORD = 0xD1342543DE82EF95
_SEPARATOR = b"\n"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of some texts: of text `i`, `hashes[bounds[i]:bounds[i + 1]]`."""

    hashes: Any
    bounds: Any
    #: Decimal digits in each text.
    digits: Any

    @property
    def counts(self) -> Any:
        """How many words each text has."""
        return np.diff(self.bounds)

    def whole(self) -> Any:
        """A hash of each text's words in order; that of a text without words is 0."""
        powers, inverses = _powers(_WORD)
        result = np.zeros(len(self.bounds) - 1, np.uint64)
        for first, last in _spans(self.bounds, _CHUNK):
            start, stop = self.bounds[first], self.bounds[last]
            part = self.hashes[start:stop]
            sums = np.concatenate([[np.uint64(0)], np.cumsum(part * powers[: len(part)], dtype=np.uint64)])
            at = self.bounds[first : last + 1] - start
            inside = (sums[at[1:]] - sums[at[:-1]]) * inverses[at[:-1]]
            result[first:last] = np.where(at[1:] > at[:-1], mixed(inside), np.uint64(0))
        return result

    def grams(self, length: int) -> tuple[Any, Any]:
        """The hash of each run of `length` words inside a text, and the number of the text it is of."""
        if len(self.hashes) < length:
            return np.empty(0, np.uint64), np.empty(0, np.int64)
        count = len(self.hashes) - length + 1
        sums = np.zeros(count, np.uint64)
        for offset in range(length):
            sums += self.hashes[offset : offset + count] * np.uint64(pow(_WORD, offset, 1 << 64))
        texts = np.repeat(np.arange(len(self.bounds) - 1), self.counts)
        inside = texts[:count] == texts[length - 1 :]
        return mixed(sums[inside]), texts[:count][inside]


def words(texts: Sequence[str]) -> Words:
    """The words of each text."""
    encoded = [text.lower().encode("utf-8", "replace")[:MAX_TEXT] for text in texts]
    sizes = np.fromiter(map(len, encoded), np.int64, len(encoded)) + 1
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    hashes, counts, digits = [], [], []
    for first, last in _spans(bounds, _CHUNK):
        buffer = np.frombuffer(_SEPARATOR.join(encoded[first:last]) + _SEPARATOR, np.uint8)
        starts = bounds[first:last] - bounds[first]
        found, at = _hashed(buffer)
        edges = np.append(np.searchsorted(at, starts), len(at))
        hashes.append(found)
        counts.append(np.diff(edges))
        numeral = np.concatenate([[0], np.cumsum((buffer >= 0x30) & (buffer <= 0x39))])
        digits.append(np.diff(numeral[np.append(starts, len(buffer))]))
    return Words(
        np.concatenate(hashes) if hashes else np.empty(0, np.uint64),
        np.concatenate([[0], np.cumsum(np.concatenate(counts))]) if counts else np.zeros(1, np.int64),
        np.concatenate(digits) if digits else np.empty(0, np.int64),
    )


def _hashed(buffer: Any) -> tuple[Any, Any]:
    """The hash of each word in the bytes, and where it starts."""
    if buffer.max() < 0x80:
        inside = _TABLE[buffer]
        starts = inside.copy()
        starts[1:] &= ~inside[:-1]
    else:
        inside, starts = _foreign(buffer)
    at = np.flatnonzero(starts)
    if not len(at):
        return np.empty(0, np.uint64), at
    powers, inverses = _powers(_BYTE)
    sums = np.cumsum(np.where(inside, buffer, 0).astype(np.uint64) * powers[: len(buffer)], dtype=np.uint64)
    sums = np.concatenate([[np.uint64(0)], sums])
    # Between a word and the next only separators lie, and those add nothing.
    return mixed((sums[np.append(at[1:], len(buffer))] - sums[at]) * inverses[at]), at


def _foreign(buffer: Any) -> tuple[Any, Any]:
    """Which bytes of text that is not all ASCII are inside words, and which begin one."""
    inside = _TABLE[buffer]
    pairs = buffer.astype(np.uint16) << 8
    pairs[:-1] |= buffer[1:]
    # General punctuation (U+2000 to U+207F) and the no-break space separate.
    for mark, width in ((0xE280, 3), (0xE281, 3), (0xC2A0, 2)):
        at = np.flatnonzero(pairs == mark)
        for offset in range(width):
            inside[np.minimum(at + offset, len(buffer) - 1)] = False
    alone = (buffer >= 0xE3) & (buffer <= 0xE9)  # a character that is a word by itself
    alone |= (pairs >= 0xE0B8) & (pairs <= 0xE0BB)
    alone |= ((pairs >= 0xE180) & (pairs <= 0xE182)) | (pairs == 0xE19E) | (pairs == 0xE19F)
    starts = inside.copy()
    starts[1:] &= ~inside[:-1] | alone[1:]
    starts[3:] |= alone[:-3] & inside[3:]
    return inside, starts


_TABLE = np.zeros(256, bool)
_TABLE[0x30:0x3A] = _TABLE[0x61:0x7B] = _TABLE[0x80:] = True


def _spans(bounds: Any, size: int) -> list[tuple[int, int]]:
    """Runs of texts of at most `size` units each (or one text), as first and last + 1."""
    spans, first, count = [], 0, len(bounds) - 1
    while first < count:
        last = int(np.searchsorted(bounds, bounds[first] + size, "right")) - 1
        last = min(max(last, first + 1), count)
        spans.append((first, last))
        first = last
    return spans


@cache
def _powers(base: int) -> tuple[Any, Any]:
    """The powers of an odd number modulo 2 ** 64, and their inverses, from the 0th on."""
    size = max(_CHUNK, MAX_TEXT) + 2
    result = []
    for number in (base, pow(base, -1, 1 << 64)):
        table = np.full(size, np.uint64(number & _MASK))
        table[0] = 1
        result.append(np.cumprod(table, dtype=np.uint64))
    return result[0], result[1]
