"""A Dask cluster: it finds the workers, sends them our functions, and does again what died with a worker."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self, TypeVar

from modelward.core.errors import InputError, MissingExtra

#: Seconds to wait for the scheduler, and for a first worker.
PATIENCE = 30
#: So often an item is tried that fails for a reason of the cluster's own.
RETRIES = 3

Item = TypeVar("Item")
Result = TypeVar("Result")


class Cluster:
    """The cluster whose scheduler is at an address. Its workers need modelward[data], and to see the data."""

    def __init__(self, address: str) -> None:
        try:
            import distributed
        except ImportError:
            raise MissingExtra("cluster", "work on a cluster") from None
        try:
            client: Any = distributed.Client
            self._client: Any = client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise InputError(
                f"no Dask scheduler answers: {str(error)[:200] or type(error).__name__}",
                where=address,
                help="start one: dask scheduler, and dask worker ADDRESS on each machine",
            ) from None
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            self._client.close()
            raise InputError(
                "the cluster has no workers", where=address, help=f"start some: dask worker {address}"
            ) from None
        self.workers = max(1, sum(self._client.nthreads().values()))

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """See `Engine`. Raises InputError if the workers of one item die again and again."""
        waiting: deque[Any] = deque()
        try:
            for item in items:
                waiting.append(self._client.submit(function, item, pure=False, retries=RETRIES))
                while len(waiting) > 2 * self.workers:
                    yield _result(waiting.popleft())
            while waiting:
                yield _result(waiting.popleft())
        finally:
            self._client.cancel(list(waiting))

    def close(self) -> None:
        """See `Engine`. The cluster stays."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _result(future: Any) -> Any:
    from distributed.scheduler import KilledWorker

    try:
        return future.result()
    except KilledWorker as error:
        raise InputError(
            f"the workers of a piece of the data ended, again and again: {str(error)[:200]}",
            help="they may have run out of memory: give each more, or one thread (dask worker --nthreads 1)",
        ) from None
