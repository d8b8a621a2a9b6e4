"""Which rows have which features, a feature after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

#: A feature is looked at if so many examples have it.
FEWEST = 4
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


def table(kind: str, keys: Any, rows: Any, spots: Any, batch: int, length: int = 1) -> tuple[Any, Table]:
    """A table of (key, row, spot) triples, and the key of each feature, sorted.

    Rows must be sorted among equal keys. Of features those are kept that FEWEST rows before `batch` have.
    """
    order = np.argsort(keys, kind="stable")
    keys, rows, spots = keys[order], rows[order], spots[order]
    fresh = np.ones(len(keys), bool)
    fresh[1:] = (keys[1:] != keys[:-1]) | (rows[1:] != rows[:-1])
    keys, rows, spots = keys[fresh], rows[fresh], spots[fresh]
    starts = (
        np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
        if len(keys)
        else np.empty(0, np.int64)
    )
    sizes = np.diff(np.append(starts, len(keys)))
    enough = sums((rows < batch).astype(np.int32), np.append(starts, len(keys))) >= FEWEST
    kept = np.repeat(enough, sizes)
    bounds = np.concatenate([[0], np.cumsum(sizes[enough])])
    made = Table(kind, bounds, rows[kept], spots[kept], length, str)
    return keys[starts[enough]] if len(starts) else keys, made


def frequent(keys: Any, minimum: int) -> Any:
    """Which keys may occur `minimum` times: all that do, and few others. In little memory."""
    bits = int(np.clip(np.ceil(np.log2(max(len(keys), 2))) + 1, 10, 25))
    buckets = ((keys.view(np.uint64) * _MIX) >> np.uint64(64 - bits)).astype(np.int32)
    return np.bincount(buckets, minlength=1 << bits)[buckets] >= minimum
