"""Comparing data with the index of its snapshot: which rows were changed, added, removed or moved.

From the index alone; the data as it was is not needed. Both sides are read block by block: what is held is
the rows that differ, so there are bounds on how many are named, and what is past a bound is counted.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from modelward.core.errors import InputError
from modelward.core.progress import Progress
from modelward.data import leaf_key, rowsets
from modelward.data.digesting import Cells, row_digests
from modelward.data.engine import Engine, connect
from modelward.data.index import CELL, Index, Place
from modelward.data.index_file import check_against, open_index
from modelward.data.index_table import ROW
from modelward.data.order import Order, reordered
from modelward.data.snapshot import take
from modelward.data.unpaired import NONE, unpaired

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.uint8]

#: Rows of each kind (changed, added, removed, moved) that are named; the rest are counted.
MAX_NAMED = 1_000_000
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
    """How data differs from its index. `expected` is the index, `found` the data now.

    `unnamed` counts the rows of each kind past MAX_NAMED. Past `order.MAX_WINDOW` no moved row is named, and
    `unnamed["moved"]` counts the rows from the first to the last of them.
    """

    expected: Index
    found: Index
    changed: tuple[ChangedRow, ...] = ()
    added: tuple[Place, ...] = ()
    removed: tuple[Place, ...] = ()
    moved: tuple[MovedRow, ...] = ()
    unnamed: Mapping[str, int] = field(default_factory=dict)

    @property
    def same_rows(self) -> bool:
        """Whether every row is there, unchanged and in order."""
        return self.same_set and not (self.moved or self.unnamed.get("moved"))

    @property
    def same_set(self) -> bool:
        """Whether every row is there, unchanged and as often, in whatever order."""
        return not (self.changed or self.added or self.removed)

    @property
    def same_bytes(self) -> bool:
        """Whether the files are the very same."""
        return self.expected.subject == self.found.subject


def verify(
    path: str | os.PathLike[str],
    index_path: str | os.PathLike[str],
    progress: Progress | None = None,
    *,
    engine: Engine | None = None,
    key: bytes | None = None,
) -> RowDifference:
    """Compare the data at `path` with an index file; `key` is that of its keyed cells.

    The index is checked against its roots; line by line only if the data's are others. Raises InputError if
    either cannot be read, UsageError if the index has keyed cells and the key is not theirs.
    """
    expected = open_index(Path(index_path))
    # The labels of the index are columns of the data; rows compare without them.
    options = replace(expected.options, contributor=(), source=(), time=(), label=(), key=key)
    found = take(path, expected.dataset, options, progress, engine=engine)
    if expected.rows_root != found.rows_root:
        with ExitStack() as stack:
            check_against(expected, found, engine or stack.enter_context(connect(None, expected.rows * 32)))
    return compare(expected, found)


def compare(expected: Index, found: Index) -> RowDifference:
    """How the rows of `found` differ from those `expected`. Raises UsageError if they are keyed otherwise."""
    leaf_key.check_same([expected.options, found.options])
    if expected.rows_root == found.rows_root:
        return RowDifference(expected, found)
    if expected.set_root == found.set_root:
        gone = fresh = NONE
    else:
        gone, fresh = unpaired(expected, found, *rowsets.difference(expected, found), MAX_NAMED)
    whole = not (gone.more or fresh.more)
    order = reordered(expected, found, gone.named, fresh.named, MAX_NAMED) if whole else Order()
    changed = _changed(expected, found, gone.named, fresh.named, order) if whole else []
    was, became = {pair[0] for pair in changed}, {pair[1] for pair in changed}
    left = [number for number in gone.named.tolist() if number not in was]
    new = [number for number in fresh.named.tolist() if number not in became]
    counts = {"removed": gone.more, "added": fresh.more, "moved": order.unnamed}
    return RowDifference(
        expected,
        found,
        changed=tuple(
            ChangedRow(expected.place(at), found.place(to), columns)
            for (at, to), columns in zip(changed, _differing(expected, found, changed), strict=True)
        ),
        added=tuple(found.place(at) for at in new),
        removed=tuple(expected.place(at) for at in left),
        moved=tuple(MovedRow(expected.place(at), found.place(to)) for at, to in order.moved),
        unnamed={kind: count for kind, count in counts.items() if count},
    )


# --- changed rows -----------------------------------------------------------------------------------------


def _changed(
    expected: Index, found: Index, gone: NDArray[np.int64], fresh: NDArray[np.int64], order: Order
) -> list[tuple[int, int]]:
    """Which removed rows became which added ones: those in one gap between two rows that stayed."""
    old = _gaps(gone, np.sort(np.array([at for at, _ in order.moved], np.int64)))
    new = _gaps(fresh, np.sort(np.array([to for _, to in order.moved], np.int64)))
    pairs: list[tuple[int, int]] = []
    for gap in old.keys() & new.keys():
        pairs += _paired(expected, found, old[gap], new[gap])
    return sorted(pairs)


def _gaps(numbers: NDArray[np.int64], moved: NDArray[np.int64]) -> dict[int, list[int]]:
    """Rows by the number of rows before them that stayed."""
    steady = numbers - np.arange(len(numbers)) - np.searchsorted(moved, numbers)
    gaps: dict[int, list[int]] = {}
    for number, gap in zip(numbers.tolist(), steady.tolist(), strict=True):
        gaps.setdefault(gap, []).append(number)
    return gaps


def _paired(expected: Index, found: Index, gap: list[int], fresh: list[int]) -> list[tuple[int, int]]:
    """Which old rows of a gap became which new ones."""
    if len(gap) == len(fresh):
        return list(zip(gap, fresh, strict=True))
    if len(gap) * len(fresh) > MAX_PAIRINGS or not gap or not fresh:
        return []
    columns = max(len(expected.columns), 1)
    old = [expected.cells_at(number) for number in gap]
    new = [found.cells_at(number) for number in fresh]
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


def _differing(expected: Index, found: Index, pairs: Sequence[tuple[int, int]]) -> list[tuple[str, ...]]:
    """The columns in which each pair of rows differs."""
    if not pairs:
        return []
    mine, theirs = ({column.name for column in index.columns} for index in (expected, found))
    _check_cells(expected, [at for at, _ in pairs])
    names = sorted(mine | theirs)
    differ = np.empty((len(pairs), len(names)), np.bool_)
    numbers = np.array(pairs, np.int64)
    for at, name in enumerate(names):
        before = (
            _cells(expected, name, numbers[:, 0]) if name in mine else np.zeros((len(pairs), 33), np.uint8)
        )
        after = _cells(found, name, numbers[:, 1]) if name in theirs else np.zeros((len(pairs), 33), np.uint8)
        differ[:, at] = (before != after).any(axis=1)
    return [tuple(name for name, there in zip(names, line, strict=True) if there) for line in differ.tolist()]


def _check_cells(index: Index, numbers: Sequence[int]) -> None:
    """Are these rows what their cells say? Raises InputError."""
    at = np.array(numbers, np.int64)
    columns = {}
    for column in index.columns:
        lines = _cells(index, column.name, at)
        columns[column.name] = Cells(lines[:, 1:], lines[:, 0].astype(np.bool_))
    rows = _column(index, ROW, at)[:, 1:]
    if not np.array_equal(row_digests(columns, len(at)), rows):
        raise InputError(
            "the index is damaged: its rows are not those of its cells", where=str(index.table.path)
        )


def _cells(index: Index, name: str, numbers: NDArray[np.int64]) -> Matrix:
    """The cells of a column in these rows: whether there is one, and its digest."""
    return _column(index, CELL + name, numbers)


def _column(index: Index, name: str, numbers: NDArray[np.int64]) -> Matrix:
    result = np.zeros((len(numbers), 33), np.uint8)
    groups = numbers // index.table.group_rows
    for group in np.unique(groups).tolist():
        here = np.flatnonzero(groups == group)
        lines, valid = index.table.matrix(group, name)
        at = numbers[here] - group * index.table.group_rows
        result[here, 0] = valid[at]
        result[here, 1:] = lines[at]
    return result
