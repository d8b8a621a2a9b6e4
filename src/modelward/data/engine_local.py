"""Worker processes of this machine.

They are programs of their own (engine_worker), started when there is work: a script that calls modelward
needs no `if __name__ == "__main__"`, and threads of this process are not copied.
"""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Self, TypeVar

from modelward.core.errors import InputError

#: So often an item is tried whose worker dies.
TRIES = 3

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Died(Exception):
    """The worker is gone."""


class _Worker:
    """One worker process, and the pipes to it."""

    def __init__(self) -> None:
        path = os.pathsep.join(entry for entry in sys.path if entry)
        # -P: a module that lies in the directory of the data is not imported.
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "modelward.data.engine_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": path},
        )

    def call(self, job: bytes) -> Any:
        """The outcome of a job. Raises _Died."""
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin is None or stdout is None:
            raise _Died
        try:
            stdin.write(job)
            stdin.flush()
            return pickle.load(stdout)  # noqa: S301  from our own worker
        except (OSError, EOFError, pickle.UnpicklingError):
            raise _Died from None

    def stop(self) -> None:
        """End the process."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue  # what was written last did not arrive: it is not wanted any more
        self.process.wait()


class Processes:
    """`workers` processes of this machine."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._threads: ThreadPoolExecutor | None = None
        self._free: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._all: set[_Worker] = set()

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """See `Engine`. Raises InputError if the workers of one item die again and again."""
        threads = self._started()
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(threads.submit(self._call, function, item))
                while len(waiting) > 2 * self.workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

    def processes(self) -> list[int]:
        """The process numbers of the workers."""
        return sorted(worker.process.pid for worker in list(self._all))

    def close(self) -> None:
        """See `Engine`."""
        for worker in list(self._all):
            worker.stop()
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
            self._threads = None
        self._all.clear()
        self._free = queue.SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _started(self) -> ThreadPoolExecutor:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.workers, "modelward-data")
            for _ in range(self.workers):
                self._hire()
        return self._threads

    def _hire(self) -> None:
        worker = _Worker()
        self._all.add(worker)
        self._free.put(worker)

    def _call(self, function: Callable[[Item], Result], item: Item) -> Result:
        job = pickle.dumps((function, item), protocol=5)
        for _ in range(TRIES):
            worker = self._free.get()
            try:
                good, outcome = worker.call(job)
            except _Died:
                self._all.discard(worker)
                worker.stop()
                self._hire()
                continue
            self._free.put(worker)
            if good:
                result: Result = outcome
                return result
            raise outcome
        raise InputError(
            f"a worker process ended {TRIES} times over the same piece of the data",
            help="it may have run out of memory: use fewer, as in --engine local:1",
        )
