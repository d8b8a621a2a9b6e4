"""Where the work on a dataset is done: in this process, in processes of this machine, or on a cluster.

An engine is asked for one thing: a function over items, the results in order. What is computed is our own
code over bytes, so the result is the same wherever it ran; see docs/adr/0006.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, Self, TypeVar

from modelward.core.errors import UsageError

#: To start processes for less than this takes longer than to do the work.
ALONE_BYTES = 32 << 20
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


_preferred: str | None = None


def prefer(setting: str | None) -> None:
    """Let this engine do the work of this process where a caller names none: what the command line said."""
    global _preferred
    _preferred = setting


def connect(setting: str | None = None, size: int = ALONE_BYTES) -> Engine:
    """The engine that a setting names; without one that of `prefer`, or MODELWARD_DATA_ENGINE; else `local`.

    Work of a `size` in bytes below ALONE_BYTES is done in this process rather than in others of this machine.
    `local` (a process for each core), `local:N`, or the address of a Dask scheduler (`tcp://HOST:PORT`,
    `tls://HOST:PORT`). Raises UsageError, InputError if the cluster is not there, MissingExtra.
    """
    text = setting or _preferred or os.environ.get(VARIABLE) or "local"
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
    if workers == 1 or size < ALONE_BYTES:
        return Inline()
    from modelward.data.engine_local import Processes

    return Processes(workers)


def cores() -> int:
    """The cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        return os.cpu_count() or 1
