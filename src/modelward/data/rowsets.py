"""Arithmetic on the rows of datasets as multisets, by their digests: what is in these more often than in those."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from modelward.data import engine
from modelward.data.arrow import pyarrow
from modelward.data.cells import DIGEST_BYTES
from modelward.data.index import CELL, Index
from modelward.data.rows import row_digests


class Surplus:
    """Row digests, and how many of each are over; sorted by digest."""

    def __init__(self, table: Any) -> None:
        self._table = table

    @property
    def total(self) -> int:
        """How many rows, copies counted."""
        return engine.total(self._table)

    @property
    def distinct(self) -> int:
        """How many different rows."""
        return int(self._table.num_rows)

    def pairs(self) -> Iterator[tuple[bytes, int]]:
        """Each row digest and how many are over."""
        return engine.pairs(self._table)

    def first(self, number: int) -> list[tuple[bytes, int]]:
        """The first `number` pairs."""
        return list(islice(self.pairs(), number))


def excess(
    left: Sequence[Index],
    right: Sequence[Index],
    columns: Sequence[str] | None = None,
    *,
    once: bool = False,
) -> Surplus:
    """Which rows occur more often in all of `left` together than in all of `right`, and by how many.

    With `columns`, rows are compared by these alone: the digests are those of rows that have no others.
    With `once`, copies within a dataset count as one row.
    """
    return Surplus(engine.excess(_counts(left, columns, once), _counts(right, columns, once)))


def repeated(index: Index) -> Surplus:
    """The rows of a dataset that are there more than once, and how often too often."""
    return Surplus(engine.excess([index.counted], [engine.counted(index.counted["row"])]))


def _counts(indexes: Sequence[Index], columns: Sequence[str] | None, once: bool) -> list[Any]:
    counts = [
        index.counted if columns is None else engine.counted(_projected(index, columns)) for index in indexes
    ]
    return [engine.counted(count["row"]) for count in counts] if once else counts


def _projected(index: Index, columns: Sequence[str]) -> Any:
    arrow = pyarrow()
    present = [name for name in columns if any(column.name == name for column in index.columns)]
    parts = [arrow.array([], arrow.binary(DIGEST_BYTES))]
    for batch in index.batches([CELL + name for name in present] or ["row"]):
        cells = [batch.column(CELL + name).to_pylist() for name in present]
        parts.append(arrow.array(row_digests(present, cells, batch.num_rows), arrow.binary(DIGEST_BYTES)))
    return arrow.chunked_array(parts)
