"""Where the work on a dataset is done: in this process, in processes of this machine, or on a cluster.

An engine is asked for one thing: a function over items, the results in order. What is computed is our own
code over bytes, so the result is the same wherever it ran; see docs/adr/0006.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, Self, TypeVar

from modelward.core.errors import UsageError

#: Names the engine where no option does.
VARIABLE = "MODELWARD_DATA_ENGINE"

Item = TypeVar("Item")
Result = TypeVar("Result")


class Engine(Protocol):
    """Does work. `workers` is how many items it works on at once, as far as it knows."""

    workers: int

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """`function` of each item, in order; items are asked for as there is room for them.

        `function` is one of a module, and may be called again for an item whose worker died. What it raises
        is raised here.
        """

    def close(self) -> None:
        """Let the workers go."""

    def __enter__(self) -> Self:
        """The engine, closed at the end."""

    def __exit__(self, *_: object) -> None: ...


class Inline:
    """Work in this process."""

    workers = 1

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """See `Engine`."""
        return map(function, items)

    def close(self) -> None:
        """There is nothing to let go."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...


def connect(setting: str | None = None) -> Engine:
    """The engine that a setting names; without one, what MODELWARD_DATA_ENGINE names; else `local`.

    `local` (a process for each core), `local:N`, or the address of a Dask scheduler (`tcp://HOST:PORT`,
    `tls://HOST:PORT`). Raises UsageError, InputError if the cluster is not there, MissingExtra.
    """
    text = setting or os.environ.get(VARIABLE) or "local"
    name, colon, rest = text.partition(":")
    if name in ("tcp", "tls"):
        from modelward.data.engine_cluster import Cluster

        return Cluster(text)
    if name != "local" or (colon and not (rest.isdecimal() and 1 <= int(rest) <= 1024)):
        raise UsageError(
            f"no engine is called {text[:100]!r}",
            help="use local, local:N for N processes, or the scheduler of a Dask cluster, tcp://HOST:PORT",
        )
    workers = int(rest) if colon else cores()
    if workers == 1:
        return Inline()
    from modelward.data.engine_local import Processes

    return Processes(workers)


def cores() -> int:
    """The cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        return os.cpu_count() or 1


from collections.abc import Sequence
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
