"""Arithmetic on the rows of datasets as multisets, by their digests, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from modelward.data import leaf_key
from modelward.data.digesting import Cells, row_digests
from modelward.data.index import CELL, Index
from modelward.data.index_table import ROW, matrix_of
from modelward.data.runs import RunFile, Sorter, compare, digests_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Records = NDArray[Any]
    Matrix = NDArray[np.uint8]

_BLOCK = 1 << 16


class Counted:
    """Rows as a multiset: their digests, sorted, and how often each occurs. Kept in a file of its own."""

    def __init__(self, blocks: Iterable[Records]) -> None:
        self._file = RunFile()
        self.total = self.distinct = 0
        self._file.add(self._noted(blocks))

    def _noted(self, blocks: Iterable[Records]) -> Iterator[Records]:
        for block in blocks:
            self.total += int(block["count"].sum())
            self.distinct += len(block)
            yield block

    def source(self, size: int) -> Iterator[Records]:
        """The rows as a sorted run (`runs.Source`)."""
        for source in self._file.sources():
            yield from source(size)

    def records(self) -> Iterator[Records]:
        """The rows in blocks: `row` and `count`, and where the rows are of one dataset, `first`."""
        return self.source(_BLOCK)

    def pairs(self) -> Iterator[tuple[bytes, int]]:
        """Each row digest and its count."""
        for records in self.records():
            digests = [line.tobytes() for line in digests_of(records)]
            yield from zip(digests, records["count"].tolist(), strict=True)

    def first(self, number: int) -> list[tuple[bytes, int]]:
        """The first `number` pairs."""
        return list(islice(self.pairs(), number))


class Surplus(Counted):
    """What is over: `total` rows, copies counted, `distinct` different ones, and how many of each."""


def excess(
    left: Sequence[Index | Counted],
    right: Sequence[Index | Counted],
    columns: Sequence[str] | None = None,
    *,
    once: bool = False,
) -> Surplus:
    """Which rows occur more often in all of `left` together than in all of `right`, and by how many.

    With `columns`, rows are compared by these alone: the digests are those of rows that have no others.
    With `once`, copies within a dataset count as one row. Raises UsageError if the cells of the datasets are
    not hashed alike, InputError if an index is damaged.
    """
    indexes = [each for each in (*left, *right) if isinstance(each, Index)]
    leaf_key.check_same([index.options for index in indexes])
    mine, theirs = ([_rows(each, columns, once) for each in side] for side in (left, right))
    return Surplus(_over(mine, theirs))


def difference(left: Index, right: Index) -> tuple[Surplus, Surplus]:
    """What `excess` says both ways, from one reading. `first` is of `left` where a row is there."""
    leaf_key.check_same([left.options, right.options])
    other = RunFile()

    def over() -> Iterator[Records]:
        with other.adding() as add:
            for records, others in compare([left.source], [right.source]):
                more = records["count"] - others
                for sign in (1, -1):
                    found = records[sign * more > 0]
                    found["count"] = (sign * more)[sign * more > 0]
                    if sign == 1:
                        yield found
                    else:
                        add(found)

    mine = Surplus(over())
    return mine, Surplus(block for source in other.sources() for block in source(_BLOCK))


def repeated(index: Index) -> Surplus:
    """The rows of a dataset that are there more than once, and how often too often."""

    def over() -> Iterator[Records]:
        for records in index.source(_BLOCK):
            found = records[records["count"] > 1].copy()
            found["count"] -= 1
            yield found

    return Surplus(over())


def counted(batches: Iterable[Any]) -> Counted:
    """Rows from batches of digests: matrices with a line of 32 bytes each, or Arrow arrays of binary(32)."""
    sorter, at = Sorter(), 0
    for batch in batches:
        lines = batch if isinstance(batch, np.ndarray) else matrix_of(batch)[0]
        sorter.add(lines, at)
        at += len(lines)
    return Counted(sorter.merged())


def projected(index: Index, columns: Sequence[str]) -> Iterator[Matrix]:
    """The digests of the rows by these columns alone, in order, a matrix per batch."""
    known = {column.name for column in index.columns}
    names = [name for name in columns if name in known]
    for batch in index.batches([ROW, *(CELL + name for name in names)]):
        cells = {name: Cells(*matrix_of(batch.column(at))) for at, name in enumerate(names, 1)}
        yield row_digests(cells, batch.num_rows)


def _rows(rows: Index | Counted, columns: Sequence[str] | None, once: bool) -> Counted | Index:
    if columns is not None and isinstance(rows, Index):
        rows = counted(projected(rows, columns))
    return Counted(_each_once(rows)) if once else rows


def _each_once(rows: Index | Counted) -> Iterator[Records]:
    for records in rows.source(_BLOCK):
        found = records.copy()
        found["count"] = 1
        yield found


def _over(left: Sequence[Index | Counted], right: Sequence[Index | Counted]) -> Iterator[Records]:
    for records, others in compare([each.source for each in left], [each.source for each in right]):
        over = records["count"] - others
        found = records[over > 0]
        found["count"] = over[over > 0]
        yield found
