"""Group commit: many threads ask, one of them does the work for all who wait.

There is no thread of its own. The first to ask leads: it commits everything that is waiting, then hands
the lead to one who asked meanwhile. So a lone caller waits for nobody, and many share one commit.
"""

from __future__ import annotations

import copy
import threading
from collections import deque
from collections.abc import Callable, Sequence

from modelward.core.errors import ModelwardError


class Request:
    """Entries to append in one piece, and what came of it: `first` (their first index) or `error`.

    expected_size: the size at which they must start, None for any.
    """

    __slots__ = ("entries", "error", "expected_size", "first", "leads", "wake")

    def __init__(self, entries: Sequence[bytes], expected_size: int | None) -> None:
        self.entries = entries
        self.expected_size = expected_size
        self.first: int | None = None
        self.error: ModelwardError | None = None
        self.leads = False
        self.wake = threading.Lock()
        self.wake.acquire()

    def result(self) -> range:
        """The indexes of the entries. Raises what went wrong."""
        if self.error is not None:
            # A copy: the error may be shared by threads, and raising writes its traceback.
            raise copy.copy(self.error) from self.error
        if self.first is None:
            raise ModelwardError("the append was interrupted", help="look whether the entries are in the log")
        return range(self.first, self.first + len(self.entries))


class GroupCommit:
    """Collects requests into batches of up to `limit` entries and calls `commit` with each, one at a time.

    `commit` sets `first` or `error` on every request.
    """

    def __init__(self, commit: Callable[[Sequence[Request]], None], limit: int) -> None:
        self._commit = commit
        self._limit = limit
        self._mutex = threading.Lock()
        self._waiting: deque[Request] = deque()
        self._led = False

    def submit(self, request: Request) -> range:
        """Wait until `request` is committed. Raises what `commit` set as its error."""
        try:
            with self._mutex:
                self._waiting.append(request)
                if not self._led:
                    self._led = request.leads = True
            if not request.leads:
                request.wake.acquire()
            if request.leads:
                self._lead()
        except BaseException:
            self._leave(request)
            raise
        return request.result()

    def _lead(self) -> None:
        """Commit one batch, of which this thread's own request is the first, then pass the lead on."""
        batch: list[Request] = []
        try:
            total = 0
            with self._mutex:
                while self._waiting:
                    total += len(self._waiting[0].entries)
                    if batch and total > self._limit:
                        break
                    batch.append(self._waiting.popleft())
            self._commit(batch)
        finally:
            if batch:
                self._pass_on()
            for request in batch[1:]:
                request.wake.release()

    def _pass_on(self) -> None:
        with self._mutex:
            if not self._waiting:
                self._led = False
                return
            following = self._waiting[0]
            following.leads = True
        following.wake.release()

    def _leave(self, request: Request) -> None:
        """Take back a request whose thread was interrupted before it was committed."""
        with self._mutex:
            if request not in self._waiting:
                return
            self._waiting.remove(request)
        if request.leads:
            self._pass_on()
