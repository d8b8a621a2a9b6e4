"""Rows of one dataset without an equal in the other: which they are, where there are copies of them.

Digests cannot tell copies apart, so it is the order that says which of them was changed or removed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from modelward.core.errors import InputError
from modelward.data.index import Index, member
from modelward.data.rowsets import Surplus
from modelward.data.runs import RECORD, digests_of, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.uint8]

#: Of more rows without an equal than this, the last copies are taken, whatever stands around them.
MAX_WALKED = 100_000

#: Rows that are compared to see how it goes on, and at once where nothing differs.
_AHEAD = 64
_BLOCK = 1 << 16


@dataclass(frozen=True)
class Numbers:
    """The numbers of the first rows of a dataset that the other has not, and how many more there are."""

    named: NDArray[np.int64]
    more: int = 0


NONE = Numbers(np.empty(0, np.int64))


def unpaired(
    expected: Index, found: Index, removed: Surplus, added: Surplus, most: int
) -> tuple[Numbers, Numbers]:
    """Where the rows are of which one of two datasets has more copies, `most` of each.

    `removed` and `added` are what `rowsets.difference` says. Raises InputError if an index is damaged.
    """
    old, new = _Side(expected, removed), _Side(found, added)
    if max(removed.total, added.total) <= min(most, MAX_WALKED):
        _walk(old, new)
    return old.numbers(most), new.numbers(most)


class _Side:
    """One of the datasets, read from its start: rows before `at` are settled."""

    def __init__(self, index: Index, over: Surplus) -> None:
        self.index = index
        self.total = over.total
        self.records = np.concatenate([np.empty(0, RECORD), *over.records()])
        self.left: NDArray[np.int64] = self.records["count"].copy()
        self.at = 0
        self._named: list[int] = []

    def rows(self, start: int, count: int) -> Matrix:
        return self.index.table.digests(start, min(start + count, self.index.rows))

    def known(self) -> dict[bytes, int]:
        """The number of its record, by digest."""
        return {line.tobytes(): at for at, line in enumerate(digests_of(self.records))}

    def take(self, record: int) -> None:
        """The row at hand is one of those without an equal."""
        self._named.append(self.at)
        self.left[record] -= 1
        self.at += 1

    def numbers(self, most: int) -> Numbers:
        """The rows that were taken; of those not met so far the last copies."""
        wanted = min(self.total, most)
        named = np.concatenate([np.array(self._named, np.int64), *self._last(wanted - len(self._named))])
        if len(named) != wanted:
            raise InputError(
                "the index is damaged: its set is not that of its rows", where=str(self.index.table.path)
            )
        return Numbers(named, self.total - wanted)

    def _last(self, most: int) -> Iterator[NDArray[np.int64]]:
        over = self.left > 0
        if not over.any():
            return
        sought = self.records["row"][over]
        spare = -self.left[over]  # copies that the other dataset has too, to be passed over
        for _, lines in self._rest():
            at = member(words(lines), sought)
            np.add.at(spare, at[at >= 0], 1)
        for start, lines in self._rest():
            at = member(words(lines), sought)
            hits = np.flatnonzero(at >= 0)
            kept = spare[at[hits]] > 0
            for place in np.flatnonzero(kept).tolist():
                record = at[hits[place]]
                kept[place] = spare[record] > 0
                spare[record] -= kept[place]
            hits = hits[~kept][:most]
            most -= len(hits)
            yield hits + start
            if not most:
                return

    def _rest(self) -> Iterator[tuple[int, Matrix]]:
        for start in range(self.at, self.index.rows, _BLOCK):
            yield start, self.rows(start, _BLOCK)


def _walk(old: _Side, new: _Side) -> None:
    """Go through both side by side, as far as rows were only changed, removed and added, not moved."""
    gone, fresh = old.known(), new.known()
    while True:
        run = _equal_run(old, new, old.at, new.at, old.index.rows)
        old.at += run
        new.at += run
        was, came = _over(old, gone), _over(new, fresh)
        steps = [
            (mine, theirs)
            for mine, theirs in ((True, True), (True, False), (False, True))
            if (was is not None or not mine) and (came is not None or not theirs)
        ]
        if not steps:
            return
        mine, theirs = steps[0]
        if len(steps) > 1:  # changed, or removed, or added before it: what goes on longest in step
            mine, theirs = max(
                steps, key=lambda step: _equal_run(old, new, old.at + step[0], new.at + step[1], _AHEAD)
            )
        if mine and was is not None:
            old.take(was)
        if theirs and came is not None:
            new.take(came)


def _over(side: _Side, known: dict[bytes, int]) -> int | None:
    """The record of the row at hand, if one of its copies has no equal."""
    record = known.get(side.rows(side.at, 1).tobytes())
    return record if record is not None and side.left[record] > 0 else None


def _equal_run(old: _Side, new: _Side, at: int, to: int, most: int) -> int:
    """How many rows from these on are equal on both sides; no more than about `most` are read."""
    run, size = 0, _AHEAD
    while run < most:
        mine, theirs = old.rows(at + run, size), new.rows(to + run, size)
        count = min(len(mine), len(theirs))
        differ = np.flatnonzero((mine[:count] != theirs[:count]).any(axis=1))
        if len(differ):
            return run + int(differ[0])
        run += count
        if count < size:
            break
        size = min(size * 4, _BLOCK)
    return run
