"""Comparing data with the index of its snapshot: which rows were changed, added, removed or moved.

From the index alone; the data as it was is not needed.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from modelward.core.progress import Progress
from modelward.data.index import CELL, Index, Place
from modelward.data.index_file import read_index
from modelward.data.snapshot import take

#: Between two rows that stayed, so many pairs of old and new rows are compared cell by cell to see which
#: became which; past it, rows pair up in order.
MAX_PAIRINGS = 250_000


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row whose cells differ in `columns`: where it was and where it is."""

    before: Place
    after: Place
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MovedRow:
    """A row that kept its cells but not its order among the others."""

    before: Place
    after: Place


@dataclass(frozen=True, slots=True)
class RowDifference:
    """How data differs from its index. `expected` is the index, `found` the data now."""

    expected: Index
    found: Index
    changed: tuple[ChangedRow, ...]
    added: tuple[Place, ...]
    removed: tuple[Place, ...]
    moved: tuple[MovedRow, ...]

    @property
    def same_rows(self) -> bool:
        """Whether every row is there, unchanged and in order."""
        return not (self.changed or self.added or self.removed or self.moved)

    @property
    def same_bytes(self) -> bool:
        """Whether the files are the very same."""
        return self.expected.subject == self.found.subject


def verify(
    path: str | os.PathLike[str], index_path: str | os.PathLike[str], progress: Progress | None = None
) -> RowDifference:
    """Compare the data at `path` with an index file. Raises InputError if either cannot be read."""
    expected = read_index(Path(index_path))
    # The labels of the index are columns of the data; rows compare without them.
    options = replace(expected.options, contributor=(), source=(), time=(), label=())
    found = take(path, expected.dataset, options, progress)
    return compare(expected, found)


def compare(expected: Index, found: Index) -> RowDifference:
    """How the rows of `found` differ from those `expected`."""
    if expected.rows_root == found.rows_root:
        return RowDifference(expected, found, (), (), (), ())
    old = expected.table["row"].to_pylist()
    new = found.table["row"].to_pylist()
    partner = _matched(old, new)
    steady = _longest_rising([at for at in partner if at is not None])
    changed, removed, added = _between(expected, found, partner, steady)
    moved = [(at, to) for at, to in enumerate(partner) if to is not None and to not in steady]
    return RowDifference(
        expected,
        found,
        changed=tuple(
            ChangedRow(expected.place(at), found.place(to), _differing(expected, found, at, to))
            for at, to in changed
        ),
        added=tuple(found.place(at) for at in added),
        removed=tuple(expected.place(at) for at in removed),
        moved=tuple(MovedRow(expected.place(at), found.place(to)) for at, to in moved),
    )


def _matched(old: list[bytes], new: list[bytes]) -> list[int | None]:
    """For each old row the number of the equal new row, copies in order; None where there is none."""
    waiting: defaultdict[bytes, deque[int]] = defaultdict(deque)
    for number, row in enumerate(new):
        waiting[row].append(number)
    return [waiting[row].popleft() if waiting.get(row) else None for row in old]


def _longest_rising(numbers: Sequence[int]) -> set[int]:
    """A longest rising subsequence (patience sorting): the rows that kept their order."""
    tops: list[int] = []
    piles: list[int] = []
    before: list[int] = [-1] * len(numbers)
    for at, number in enumerate(numbers):
        pile = bisect_left(tops, number)
        if pile == len(tops):
            tops.append(number)
            piles.append(at)
        else:
            tops[pile], piles[pile] = number, at
        before[at] = piles[pile - 1] if pile else -1
    kept = set()
    at = piles[-1] if piles else -1
    while at >= 0:
        kept.add(numbers[at])
        at = before[at]
    return kept


def _between(
    expected: Index, found: Index, partner: list[int | None], steady: set[int]
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Sort the rows without a partner into changed pairs, removed and added, gap by gap.

    A gap lies between two rows that stayed; within it an old row can have become a new one.
    """
    taken = {to for to in partner if to is not None}
    changed: list[tuple[int, int]] = []
    removed: list[int] = []
    added: list[int] = []
    gap: list[int] = []
    start = 0
    for at, to in [*enumerate(partner), (len(partner), found.rows)]:
        if to is None:
            gap.append(at)
        elif at == len(partner) or to in steady:
            fresh = [number for number in range(start, to) if number not in taken]
            pairs = _paired(expected, found, gap, fresh)
            changed += pairs
            removed += sorted(set(gap) - {pair[0] for pair in pairs})
            added += sorted(set(fresh) - {pair[1] for pair in pairs})
            gap, start = [], to + 1
    return changed, removed, added


def _paired(expected: Index, found: Index, gap: list[int], fresh: list[int]) -> list[tuple[int, int]]:
    """Which old rows of a gap became which new ones."""
    if len(gap) == len(fresh):
        return list(zip(gap, fresh, strict=True))
    if len(gap) * len(fresh) > MAX_PAIRINGS or not gap or not fresh:
        return []
    columns = max(len(expected.columns), 1)
    old = [_cells(expected, number) for number in gap]
    new = [_cells(found, number) for number in fresh]
    pairs = []
    start = 0
    for at, cells in enumerate(old):
        likeness = [len(cells.items() & other.items()) for other in new[start:]]
        best = max(likeness, default=0)
        if best * 2 >= columns:
            to = start + likeness.index(best)
            pairs.append((gap[at], fresh[to]))
            start = to + 1
    return pairs


def _cells(index: Index, number: int) -> dict[str, bytes | None]:
    return {column.name: index.table[CELL + column.name][number].as_py() for column in index.columns}


def _differing(expected: Index, found: Index, at: int, to: int) -> tuple[str, ...]:
    before, after = _cells(expected, at), _cells(found, to)
    return tuple(sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)))
