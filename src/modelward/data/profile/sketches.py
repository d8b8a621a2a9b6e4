"""Summaries of bounded size that merge: what was seen in parts is what was seen at once, bit for bit.

Hashes are 64 bits, evenly spread. Nothing here depends on the order of rows, only on the rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

#: Below this many distinct values they are counted exactly; above, estimated within about 2%.
DISTINCT = 4096
#: Below this many distinct rows copies are counted exactly; above, in an even sample of the hashes.
COPIES = 1 << 22
#: Rows of a sample. Quantiles and rates of a sample of this size are within about 1%.
SAMPLE = 10_000

_PENDING = 1 << 18
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


def mixed(numbers: Any) -> Any:
    """Each number as an evenly spread 64-bit hash (the finaliser of splitmix64)."""
    h = numbers.astype(np.uint64) + _SPREAD
    h ^= h >> np.uint64(30)
    h *= np.uint64(0xBF58476D1CE4E5B9)
    h ^= h >> np.uint64(27)
    h *= np.uint64(0x94D049BB133111EB)
    h ^= h >> np.uint64(31)
    return h


class Distinct:
    """How many different values: the smallest hashes tell."""

    def __init__(self) -> None:
        self._kept = np.empty(0, np.uint64)

    def update(self, hashes: Any) -> None:
        """Note the hashes of some values."""
        if len(self._kept) >= DISTINCT:
            hashes = hashes[hashes < self._kept[-1]]
        if len(hashes):
            self._kept = np.union1d(self._kept, hashes)[:DISTINCT]

    def merge(self, other: Distinct) -> None:
        """Add what the other saw."""
        self.update(other._kept)

    @property
    def exact(self) -> bool:
        """Whether `count` is exact."""
        return len(self._kept) < DISTINCT

    def count(self) -> int:
        """How many different values."""
        if self.exact:
            return len(self._kept)
        return round((DISTINCT - 1) * 2.0**64 / float(self._kept[-1]))


class Copies:
    """How often each hash occurs, and where first.

    Past COPIES distinct hashes every second one (by value) is let go, all its copies with it: what is kept is
    an even sample of the distinct hashes, 1 in 2 ** `level`.
    """

    def __init__(self) -> None:
        self.hashes = np.empty(0, np.uint64)
        self.counts = np.empty(0, np.int64)
        self.firsts = np.empty(0, np.int64)
        self.level = 0
        self._pending: list[tuple[Any, Any, Any]] = []
        self._waiting = 0

    def update(self, hashes: Any, places: Any) -> None:
        """Note hashes and where they were seen."""
        self._add(hashes, np.ones(len(hashes), np.int64), places)

    def merge(self, other: Copies) -> None:
        """Add what the other saw."""
        other.settle()
        self.level = max(self.level, other.level)
        self._add(other.hashes, other.counts, other.firsts)

    def _add(self, hashes: Any, counts: Any, places: Any) -> None:
        self._pending.append((hashes, counts, places))
        self._waiting += len(hashes)
        if self._waiting >= max(_PENDING, len(self.hashes) // 2):
            self.settle()

    def settle(self) -> None:
        """Take in what waits. Must come before `hashes`, `counts` and `firsts` are read."""
        if not self._pending:
            return
        parts = [(self.hashes, self.counts, self.firsts), *self._pending]
        hashes, counts, places = (np.concatenate(column) for column in zip(*parts, strict=True))
        self._pending, self._waiting = [], 0
        order = np.argsort(hashes, kind="stable")
        hashes, counts, places = hashes[order], counts[order], places[order]
        starts = np.flatnonzero(np.r_[True, hashes[1:] != hashes[:-1]]) if len(hashes) else order
        self.hashes = hashes[starts]
        self.counts = np.add.reduceat(counts, starts) if len(starts) else counts
        self.firsts = np.minimum.reduceat(places, starts) if len(starts) else places
        self._shrink()

    def _shrink(self) -> None:
        keep = self._below()
        while keep > COPIES:
            self.level += 1
            keep = self._below()
        if keep < len(self.hashes):
            self.hashes = self.hashes[:keep].copy()
            self.counts = self.counts[:keep].copy()
            self.firsts = self.firsts[:keep].copy()

    def _below(self) -> int:
        if not self.level:
            return len(self.hashes)
        return int(np.searchsorted(self.hashes, np.uint64(1 << (64 - self.level))))

    @property
    def exact(self) -> bool:
        """Whether all hashes were kept."""
        return self.level == 0

    def distinct(self) -> int:
        """How many different hashes (estimated where not exact)."""
        self.settle()
        return len(self.hashes) << self.level

    def repeated(self) -> int:
        """How many rows are copies of an earlier one (estimated where not exact)."""
        self.settle()
        return int((self.counts - 1).sum()) << self.level

    def most_repeated(self, limit: int) -> list[tuple[int, int]]:
        """Place of the first and number of copies, of what occurs most often."""
        self.settle()
        often = np.flatnonzero(self.counts > 1)
        order = often[np.lexsort((self.firsts[often], -self.counts[often]))][:limit]
        return [(int(self.firsts[at]), int(self.counts[at])) for at in order]


class Sample:
    """Up to SAMPLE rows, chosen evenly by their place: the same rows in whatever order they come."""

    def __init__(self, size: int = SAMPLE) -> None:
        self._size = size
        self._ranks = np.empty(0, np.uint64)
        self._values: Any = np.empty(0, object)
        self.seen = 0

    def chosen(self, places: Any) -> Any:
        """Which of the rows at these places are to be given to `update`, as their numbers."""
        ranks = mixed(places)
        if len(self._ranks) < self._size:
            return np.arange(len(places))
        return np.flatnonzero(ranks < self._ranks.max())

    def update(self, places: Any, values: Any, seen: int) -> None:
        """Note values at places; `seen` rows were offered."""
        self.seen += seen
        self._take(mixed(places), values)

    def merge(self, other: Sample) -> None:
        """Add what the other saw."""
        self.seen += other.seen
        self._take(other._ranks, other._values)

    def _take(self, ranks: Any, values: Any) -> None:
        ranks = np.concatenate([self._ranks, ranks])
        values = np.concatenate([self._values, values]) if len(self._values) else values
        if len(ranks) > self._size:
            kept = np.sort(np.argpartition(ranks, self._size)[: self._size])
            ranks, values = ranks[kept], values[kept]
        self._ranks, self._values = ranks, values

    @property
    def whole(self) -> bool:
        """Whether every row is in it."""
        return self.seen <= self._size

    def values(self) -> Any:
        """The values, in the order of their ranks."""
        return self._values[np.argsort(self._ranks, kind="stable")]


class Categories:
    """How often each value occurs, as long as there are no more than `limit`; then `counts` is None."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.counts: Counter[Any] | None = Counter()

    def update(self, values: Iterable[Any]) -> None:
        """Note values."""
        if self.counts is not None:
            self.counts.update(values)
            self._cut()

    def merge(self, other: Categories) -> None:
        """Add what the other saw."""
        if self.counts is None or other.counts is None:
            self.counts = None
        else:
            self.update(other.counts)

    def _cut(self) -> None:
        if self.counts is not None and len(self.counts) > self._limit:
            self.counts = None

    def ranked(self) -> list[tuple[Any, int]]:
        """Values and counts, most frequent first; none where there were too many."""
        return sorted((self.counts or {}).items(), key=lambda pair: (-pair[1], pair[0]))


class ExactSum:
    """A sum of floats without any rounding, so that it is the same in whatever order they come."""

    _BIAS = 1200

    def __init__(self) -> None:
        self._total = 0

    def update(self, values: Any) -> None:
        """Add finite floats."""
        if not len(values):
            return
        mantissa, exponent = np.frexp(values)
        whole = (mantissa * (1 << 53)).astype(np.int64)
        high, low = whole >> 27, whole & ((1 << 27) - 1)
        least = int(exponent.min())
        at = exponent - least
        highs, lows = np.bincount(at, weights=high), np.bincount(at, weights=low)
        for offset, (upper, lower) in enumerate(zip(highs.tolist(), lows.tolist(), strict=True)):
            if upper or lower:
                scaled = (int(upper) << 27) + int(lower)
                self._total += scaled << (offset + least + self._BIAS)

    def merge(self, other: ExactSum) -> None:
        """Add what the other has."""
        self._total += other._total

    def mean(self, count: int) -> float:
        """The sum divided by `count`; infinite where no float holds it."""
        try:
            return self._total / (count << (53 + self._BIAS))
        except OverflowError:
            return float("inf") if self._total > 0 else float("-inf")


def merged_examples(one: Sequence[Any], other: Sequence[Any], limit: int) -> list[Any]:
    """The first `limit` examples of both, in order."""
    return sorted([*one, *other])[:limit]
