"""The dataframe engine: what is done with all row digests of a dataset at once.

Embedded (pyarrow) today. Everything here takes and gives Arrow tables of (row, count) or columns of row
digests, so that another engine can do the same elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from modelward.data.arrow import pyarrow

_BATCH = 65536


def counted(rows: Any) -> Any:
    """The distinct row digests of a column and how often each occurs: a table (row, count) sorted by row."""
    arrow = pyarrow()
    table = arrow.table({"row": rows}).group_by("row", use_threads=False).aggregate([([], "count_all")])
    return table.rename_columns(["row", "count"]).sort_by("row")


def pairs(table: Any) -> Iterator[tuple[bytes, int]]:
    """The (row digest, count) pairs of a table, in its order."""
    for batch in table.to_batches(max_chunksize=_BATCH):
        yield from zip(batch.column("row").to_pylist(), batch.column("count").to_pylist(), strict=True)


def excess(left: Sequence[Any], right: Sequence[Any]) -> Any:
    """Which rows occur more often in all of `left` together than in all of `right`, and by how many.

    Takes tables (row, count), gives one.
    """
    arrow = pyarrow()
    compute = arrow.compute
    signed = [*left, *(table.set_column(1, "count", compute.negate(table["count"])) for table in right)]
    sums = arrow.concat_tables(signed).group_by("row", use_threads=False).aggregate([("count", "sum")])
    sums = sums.rename_columns(["row", "count"])
    return sums.filter(compute.greater(sums["count"], 0)).sort_by("row")


def total(table: Any) -> int:
    """How many rows a table (row, count) stands for."""
    return int(pyarrow().compute.sum(table["count"]).as_py() or 0)


def places(rows: Any, wanted: Any) -> list[int]:
    """The places in a column of row digests, in order, that hold one of the `wanted`."""
    compute = pyarrow().compute
    found: list[int] = compute.indices_nonzero(compute.is_in(rows, value_set=wanted)).to_pylist()
    return found


def among(table: Any, wanted: Any) -> Any:
    """The lines of a table (row, count) whose row is one of the `wanted`."""
    return table.filter(pyarrow().compute.is_in(table["row"], value_set=wanted))
