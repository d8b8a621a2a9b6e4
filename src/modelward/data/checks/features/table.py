"""Which rows have which features, a feature after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

#: A feature is looked at if so many examples have it.
FEWEST = 4
#: About so many keys are sorted at a time.
_PART = 2_000_000
#: Multiplies keys so that their upper bits are mixed (2**64 / golden ratio, odd).
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Table:
    """Features of one kind: feature `f` is in `rows[starts[f]:starts[f + 1]]`, sorted, each row once.

    `spots` says where in the words each first is, of `length` words; -1 for what has no place. `name` names a
    feature.
    """

    kind: str
    starts: Any
    rows: Any
    spots: Any
    length: int
    name: Callable[[int], str]

    @property
    def count(self) -> int:
        """How many features."""
        return len(self.starts) - 1

    def sums(self, values: Any) -> Any:
        """The sum over each feature of a value for each of `rows`."""
        return sums(values, self.starts)


def sums(values: Any, starts: Any) -> Any:
    """Sums of the runs that `starts` cuts `values` into; none is empty."""
    if len(starts) < 2:
        return np.empty(0, np.float64)
    return np.add.reduceat(values, starts[:-1], dtype=np.float64)


def table(
    kind: str, keys: Any, rows: Any, spots: Any, batch: int, length: int = 1, level: Any = None, base: int = 0
) -> tuple[Any, Table]:
    """A table of (key, row, spot) triples, and the key of each feature, sorted.

    Rows must be sorted among equal keys. Of features those are kept that FEWEST rows before `batch` have.
    `level` gets at each spot the number of its feature, from `base` on.
    """
    order = np.argsort(keys, kind="stable")
    keys, rows, spots = keys[order], rows[order], spots[order]
    begins = np.ones(len(keys), bool)
    begins[1:] = keys[1:] != keys[:-1]
    fresh = begins.copy()
    fresh[1:] |= rows[1:] != rows[:-1]
    features = np.cumsum(begins) - 1
    sizes = np.bincount(features[fresh])
    enough = np.bincount(features[fresh & (rows < batch)], minlength=len(sizes)) >= FEWEST
    kept = enough[features] if len(keys) else fresh
    if level is not None:
        level[spots[kept]] = (np.cumsum(enough) - 1 + base)[features[kept]]
    kept &= fresh
    bounds = np.concatenate([[0], np.cumsum(sizes[enough])])
    return keys[begins][enough], Table(kind, bounds, rows[kept], spots[kept], length, str)


def parts(keys: Callable[[Any], Any], places: Any) -> Iterator[Any]:
    """The places that have keys, some at a time: those of equal keys together, in order."""
    count = min(1 + len(places) // _PART, 255)
    if count == 1:
        yield places
        return
    part = np.empty(len(places), np.uint8)
    for start in range(0, len(places), _PART):
        some = keys(places[start : start + _PART]).view(np.uint64) * _MIX
        part[start : start + _PART] = (some >> np.uint64(40)) % np.uint64(count)
    for number in range(count):
        yield places[part == number]


def frequent(keys: Any, minimum: int) -> Any:
    """Which keys may occur `minimum` times: all that do, and few others. In little memory."""
    bits = int(np.clip(np.ceil(np.log2(max(len(keys), 2))) + 1, 10, 25))
    buckets = ((keys.view(np.uint64) * _MIX) >> np.uint64(64 - bits)).astype(np.int32)
    return np.bincount(buckets, minlength=1 << bits)[buckets] >= minimum
