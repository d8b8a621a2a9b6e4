"""Sorted runs of row digests, and their merging, in bounded memory.

A *record* is a distinct row digest, how often it occurs, and the number of the first row that has it. A
*run* is records sorted by digest; it comes from anywhere (memory, a file, an index) as blocks, in order.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import IO, TYPE_CHECKING, Any
from weakref import finalize

import numpy as np

from modelward.data.cells import DIGEST_BYTES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Records = NDArray[Any]
    Matrix = NDArray[np.uint8]

#: A digest as four numbers (of big-endian octets), so that its order is that of its bytes.
RECORD = np.dtype([("row", "<u8", 4), ("count", "<i8"), ("first", "<i8")])

#: Records of all runs together that a merge holds, and of one at least.
_HELD = 1 << 18
_LEAST = 1 << 10
#: Runs that are merged at once; more are merged by groups first.
FAN_IN = 512

#: Blocks of one run, from its start. Called anew for each pass.
Source = Callable[[int], Iterator["Records"]]


def records_of(digests: Matrix, first: int) -> Records:
    """The run of rows that are numbered from `first`."""
    lines = np.empty(len(digests), RECORD)
    lines["row"] = words(digests)
    lines["count"] = 1
    lines["first"] = np.arange(first, first + len(digests))
    return combined(lines)


def words(digests: Matrix) -> NDArray[np.uint64]:
    """Digests as four numbers each."""
    return np.ascontiguousarray(digests).view(">u8").reshape(-1, 4).astype("<u8")


def digests_of(records: Records) -> Matrix:
    """The digests of records, a line each."""
    return records["row"].astype(">u8").view(np.uint8).reshape(-1, DIGEST_BYTES)


def order_of(rows: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """How to sort digests (as words), equal ones in their order; and which of the sorted begin a new one."""
    order = np.argsort(rows[:, 0], kind="stable")
    found = rows[order]
    new = _new(found)
    same_prefix = found[1:, 0] == found[:-1, 0]
    if bool((same_prefix & new[1:]).any()):  # equal in 8 bytes, then different: chance does not do that
        order = np.lexsort((rows[:, 3], rows[:, 2], rows[:, 1], rows[:, 0]))
        new = _new(rows[order])
    return order, new


def _new(rows: NDArray[Any]) -> NDArray[np.bool_]:
    new = np.ones(len(rows), np.bool_)
    if len(rows):
        new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    return new


def combined(records: Records) -> Records:
    """Records in any order as a run."""
    if not len(records):
        return records
    order, new = order_of(records["row"])
    ordered, starts = records[order], np.flatnonzero(new)
    if len(starts) == len(ordered):
        return ordered
    result = ordered[starts]
    result["count"] = np.add.reduceat(ordered["count"], starts)
    result["first"] = np.minimum.reduceat(ordered["first"], starts)
    return result


class RunFile:
    """Runs in one unnamed temporary file, which vanishes when it is closed or forgotten."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self.close = finalize(self, self._file.close)
        self._runs: list[tuple[int, int]] = []
        self._end = 0

    def add(self, blocks: Iterable[Records]) -> None:
        """Add a run."""
        with self.adding() as add:
            for block in blocks:
                add(block)

    @contextmanager
    def adding(self) -> Iterator[Callable[[Records], None]]:
        """Add a run block by block, by what this gives."""
        start = self._end

        def add(block: Records) -> None:
            self._file.seek(self._end)
            self._file.write(block.tobytes())
            self._end += len(block) * RECORD.itemsize

        yield add
        self._runs.append((start, (self._end - start) // RECORD.itemsize))

    def sources(self) -> list[Source]:
        """The runs."""
        return [self._source(start, count) for start, count in self._runs]

    def __len__(self) -> int:
        return sum(count for _, count in self._runs)

    def _source(self, start: int, count: int) -> Source:
        def blocks(size: int) -> Iterator[Records]:
            for at in range(0, count, size):
                self._file.seek(start + at * RECORD.itemsize)
                data = self._file.read(min(size, count - at) * RECORD.itemsize)
                yield np.frombuffer(data, RECORD)

        return blocks


def in_memory(records: Records) -> Source:
    """A run that is at hand."""

    def blocks(size: int) -> Iterator[Records]:
        for at in range(0, len(records), size):
            yield records[at : at + size]

    return blocks


class Sorter:
    """Rows in any number become one sorted run."""

    def __init__(self, at_once: int = _HELD) -> None:
        self._at_once = at_once
        self._held: list[Records] = []
        self._count = 0
        self._file: RunFile | None = None

    def add(self, digests: Matrix, first: int) -> None:
        """Add rows, numbered from `first`."""
        self.add_records(records_of(digests, first))

    def add_records(self, records: Records) -> None:
        """Add a run, all at hand."""
        self._held.append(records)
        self._count += len(records)
        if self._count >= self._at_once:
            if self._file is None:
                self._file = RunFile()
            self._file.add([self._flushed()])

    def _flushed(self) -> Records:
        run = combined(np.concatenate([np.empty(0, RECORD), *self._held]))
        self._held, self._count = [], 0
        return run

    def merged(self) -> Iterator[Records]:
        """The run of everything added. Once."""
        last = self._flushed()
        with ExitStack() as stack:
            sources = [in_memory(last)]
            if self._file is not None:
                stack.callback(self._file.close)
                sources += self._file.sources()
            yield from merge(sources)


def merge(sources: Sequence[Source]) -> Iterator[Records]:
    """One run of several, in blocks: counts added up, the least `first`."""
    with ExitStack() as stack:
        while len(sources) > FAN_IN:
            file = RunFile()
            stack.callback(file.close)
            for at in range(0, len(sources), FAN_IN):
                file.add(_merged(sources[at : at + FAN_IN]))
            sources = file.sources()
        yield from _merged(sources)


def _merged(sources: Sequence[Source]) -> Iterator[Records]:
    for parts in _aligned(sources):
        yield combined(np.concatenate(parts)) if len(parts) > 1 else parts[0]


def compare(left: Sequence[Source], right: Sequence[Source]) -> Iterator[tuple[Records, NDArray[np.int64]]]:
    """Each digest of either side, sorted: its record on the left, and its count on the right.

    `count` is 0 where it is not on the left. `first` is that of the left, or else of the right.
    """
    sources = [*left, *right]
    for parts in _aligned(sources, numbered=True):
        sides = np.concatenate([np.full(len(part), at >= len(left)) for at, part in parts])
        records = np.concatenate([part for _, part in parts])
        order, new = order_of(records["row"])
        starts = np.flatnonzero(new)
        records, sides = records[order], sides[order]
        result = records[starts]
        result["count"] = np.add.reduceat(np.where(sides, 0, records["count"]), starts)
        others = np.add.reduceat(np.where(sides, records["count"], 0), starts)
        far = np.iinfo(np.int64).max
        mine = np.minimum.reduceat(np.where(sides, far, records["first"]), starts)
        theirs = np.minimum.reduceat(np.where(sides, records["first"], far), starts)
        result["first"] = np.where(mine == far, theirs, mine)
        yield result, others


class _Cursor:
    """What of a run is at hand and not yet merged."""

    def __init__(self, blocks: Iterator[Records]) -> None:
        self._blocks = blocks
        self.done = False
        self.held = np.empty(0, RECORD)
        self.more()

    def more(self) -> None:
        block = next(self._blocks, None)
        if block is None:
            self.done = True
        else:
            self.held = np.concatenate([self.held, block]) if len(self.held) else block

    def last(self) -> int:
        return int(self.held["row"][-1, 0])

    def taken(self, bound: int | None) -> Records:
        """Take what lies below the bound (first 8 bytes of a digest)."""
        if bound is None:
            found, self.held = self.held, self.held[:0]
            return found
        stop = int(np.searchsorted(self.held["row"][:, 0], np.uint64(bound), side="left"))
        found, self.held = self.held[:stop], self.held[stop:]
        return found


def _aligned(sources: Sequence[Source], numbered: bool = False) -> Iterator[list[Any]]:
    """Parts of the runs that end before the same digest, so that equal digests come together."""
    size = max(_LEAST, _HELD // max(len(sources), 1))
    cursors = [_Cursor(source(size)) for source in sources]
    while True:
        for cursor in cursors:
            if not len(cursor.held) and not cursor.done:
                cursor.more()
        open_ends = [cursor.last() for cursor in cursors if not cursor.done and len(cursor.held)]
        bound = min(open_ends) if open_ends else None
        parts = [(at, cursor.taken(bound)) for at, cursor in enumerate(cursors) if len(cursor.held)]
        parts = [(at, part) for at, part in parts if len(part)]
        if parts:
            yield parts if numbered else [part for _, part in parts]
        if bound is None:
            return
        for cursor in cursors:  # the run that bounds: its end is there, the next block is not
            if not cursor.done and len(cursor.held) and cursor.last() == bound:
                cursor.more()
