"""How two snapshots differ, from their indexes alone: rows added, removed and kept, and by whom.

Rows are compared as a set with copies: their order is no difference. Labels (contributor, source, time,
label) are columns of the data, so rows of one digest have the same: each digest is counted at its first row.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from typing import IO, TYPE_CHECKING, NamedTuple

import numpy as np

from modelward.core.digest import Digest
from modelward.core.errors import InputError, UsageError
from modelward.core.regex import regex
from modelward.data import leaf_key
from modelward.data.arrow import pyarrow
from modelward.data.index import Index, Place
from modelward.data.runs import compare, digests_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The labels that an index may repeat.
KINDS = ("contributor", "source", "time", "label")
#: Different values of a label that are counted one by one; further ones are counted together.
MAX_GROUPS = 100_000
#: Characters of a value by which it is told from others.
MAX_VALUE = 1000
#: Times are counted by month where they are of more days than this.
MAX_DAYS = 31
#: Rows that are named, of those added and of those removed.
NAMED_ROWS = 20

#: Rows whose weights are in memory at once, and parts that a larger dataset is cut into at most.
_PART = 1 << 24
_MAX_PARTS = 256

_DAY = regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WEIGHT = np.dtype([("row", "<i8"), ("count", "<i8")])


class NamedRow(NamedTuple):
    """A row that was added or removed: its first place, how many copies, and how many copies were kept."""

    place: Place
    digest: Digest
    copies: int
    kept: int


class Group(NamedTuple):
    """The rows with one value of a label; None is no value."""

    value: str | None
    added: int
    removed: int
    kept: int


@dataclass(frozen=True, slots=True)
class Groups:
    """Rows counted by one label, the largest changes first; times in order, by day or month (`unit`).

    `others` are the values past MAX_GROUPS.
    """

    kind: str
    column: str
    unit: str
    groups: tuple[Group, ...]
    others: Group | None


@dataclass(frozen=True, slots=True)
class Difference:
    """How many rows were added, removed and kept, counted by labels; the first rows of each kind.

    `same_order` says that the rows are the same in the same order.
    """

    old: Index
    new: Index
    added: int
    removed: int
    kept: int
    by: tuple[Groups, ...]
    first_added: tuple[NamedRow, ...]
    first_removed: tuple[NamedRow, ...]

    @property
    def same_order(self) -> bool:
        """Whether nothing differs, not even the order."""
        return self.old.rows_root == self.new.rows_root


def diff(old: Index, new: Index, by: Sequence[str] | None = None) -> Difference:
    """Compare two indexes. `by` names labels, `KIND` or `KIND:COLUMN`; None is all that either index has.

    In bounded memory, whatever the size. Raises UsageError for a label that neither has and for indexes
    whose cells are hashed with different keys, InputError for a damaged one.
    """
    leaf_key.check_same([old.options, new.options])
    labels = _labels(old, new, by)
    with ExitStack() as stack:
        added = stack.enter_context(_Surplus(new, old))
        removed = stack.enter_context(_Surplus(old, new))
        return Difference(
            old,
            new,
            added.total,
            removed.total,
            new.rows - added.total,
            tuple(_grouped(kind, column, added, removed) for kind, column in labels),
            added.first,
            removed.first,
        )


def _labels(old: Index, new: Index, by: Sequence[str] | None) -> list[tuple[str, str]]:
    known = [name.partition(":") for index in (old, new) for name, _ in index.options.labels()]
    there = sorted({(kind, column) for kind, _, column in known}, key=lambda it: (KINDS.index(it[0]), it[1]))
    if by is None:
        return there
    chosen = []
    for text in by:
        kind, colon, column = text.partition(":")
        found = [label for label in there if label[0] == kind and (not colon or label[1] == column)]
        if not found:
            raise UsageError(
                f"neither index repeats a {kind} column" + (f" {column!r}" if colon else ""),
                help=f"take the snapshots with --{kind}-column COLUMN"
                if kind in KINDS
                else f"count by {', '.join(KINDS)}",
            )
        chosen += found
    return list(dict.fromkeys(chosen))


class _Surplus:
    """The rows that are in `index` more often than in `other`: how many of each, at its first row."""

    def __init__(self, index: Index, other: Index) -> None:
        self.index = index
        self.total = 0
        self.first: tuple[NamedRow, ...] = ()
        self._weights = _Weights(index.rows)
        named: list[tuple[int, bytes, int, int]] = []
        for records, others in compare([index.source], [other.source]):
            over = records["count"] - others
            at = np.flatnonzero(over > 0)
            rows, counts = records["first"][at], over[at]
            if len(at):
                if int(rows.min()) < 0 or int(rows.max()) >= index.rows:
                    raise InputError("the index is damaged: it names rows that it has not", where=index.name)
                self.total += int(counts.sum())
                self._weights.add(rows, counts)
                few = at[np.argsort(rows, kind="stable")[:NAMED_ROWS]]
                digests = digests_of(records[few])
                named += [
                    (int(records["first"][it]), line.tobytes(), int(over[it]), int(others[it]))
                    for it, line in zip(few, digests, strict=True)
                ]
                named = sorted(named)[:NAMED_ROWS]
        self.first = tuple(
            NamedRow(index.place(row), Digest("sha256", digest.hex()), copies, kept)
            for row, digest, copies, kept in named
        )

    def weights(self) -> Iterator[NDArray[np.int64]]:
        """For each row how many it stands for, in parts."""
        return self._weights.parts()

    def __enter__(self) -> _Surplus:
        return self

    def __exit__(self, *_: object) -> None:
        self._weights.close()


class _Weights:
    """A number for each row of a dataset, given in any order and asked for in order."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._part = max(_PART, -(-rows // _MAX_PARTS))
        self._files: list[IO[bytes]] = []
        self._whole = np.zeros(rows, np.int64) if rows <= self._part else None
        if self._whole is None:
            self._files = [tempfile.TemporaryFile() for _ in range(0, rows, self._part)]  # noqa: SIM115

    def add(self, rows: NDArray[np.int64], counts: NDArray[np.int64]) -> None:
        """Add to the numbers of these rows, each of which is named once."""
        if self._whole is not None:
            self._whole[rows] += counts
            return
        lines = np.empty(len(rows), _WEIGHT)
        lines["row"], lines["count"] = rows, counts
        lines.sort(order="row")
        bounds = np.searchsorted(lines["row"], np.arange(len(self._files) + 1) * self._part)
        for file, (start, stop) in zip(self._files, pairwise(bounds), strict=True):
            file.write(lines[start:stop].tobytes())

    def parts(self) -> Iterator[NDArray[np.int64]]:
        """The numbers of all rows in order."""
        if self._whole is not None:
            yield self._whole
        for at, file in enumerate(self._files):
            start = at * self._part
            dense = np.zeros(min(self._part, self._rows - start), np.int64)
            file.seek(0)
            while data := file.read(_WEIGHT.itemsize << 20):
                lines = np.frombuffer(data, _WEIGHT)
                np.add.at(dense, lines["row"] - start, lines["count"])
            yield dense

    def close(self) -> None:
        """Let the numbers go."""
        for file in self._files:
            file.close()


class _Table:
    """Rows by value: added, removed, and all of the new dataset."""

    ADDED, REMOVED, NEW = range(3)

    def __init__(self) -> None:
        self.counts: dict[str | None, list[int]] = {}
        self.others = [0, 0, 0]

    def add(self, kind: int, values: Iterable[tuple[str | None, int]]) -> None:
        """Count so many rows of these values."""
        for value, count in values:
            if not count:
                continue
            line = self.counts.get(value)
            if line is None and len(self.counts) < MAX_GROUPS:
                line = self.counts[value] = [0, 0, 0]
            (self.others if line is None else line)[kind] += count

    def groups(self) -> list[Group]:
        """The largest changes first, then by size and value."""
        return sorted(
            (_group(value, line) for value, line in self.counts.items()),
            key=lambda group: (-group.added - group.removed, -group.kept, group.value or ""),
        )


def _group(value: str | None, line: Sequence[int]) -> Group:
    added, removed, new = line
    return Group(value, added, removed, new - added)


def _grouped(kind: str, column: str, added: _Surplus, removed: _Surplus) -> Groups:
    name = f"{kind}:{column}"
    table = _Table()
    _count(table, _Table.NEW, name, added.index, None)
    _count(table, _Table.ADDED, name, added.index, added.weights())
    _count(table, _Table.REMOVED, name, removed.index, removed.weights())
    unit = ""
    if kind == "time":
        table, unit = _by_time(table)
    groups = table.groups()
    if unit:
        groups = sorted(groups, key=lambda group: group.value or "")
    others = _group(None, table.others) if any(table.others) else None
    return Groups(kind, column, unit, tuple(groups), others)


def _count(
    table: _Table, kind: int, name: str, index: Index, weights: Iterator[NDArray[np.int64]] | None
) -> None:
    """Count the rows of an index by the values of one of its columns, each as often as its weight."""
    if not any(label == name for label, _ in index.options.labels()):
        if weights is None:
            table.add(kind, [(None, index.rows)])
        else:
            table.add(kind, [(None, int(part.sum())) for part in weights])
        return
    compute = pyarrow().compute
    length = 10 if name.startswith("time:") else MAX_VALUE
    stream = _Cut(weights) if weights is not None else None
    for batch in index.batches([name]):
        column = compute.utf8_slice_codeunits(batch.column(0), 0, length)
        encoded = column.dictionary_encode(null_encoding="encode")
        taken = None if stream is None else stream.take(batch.num_rows)
        if taken is not None and not taken.any():
            continue
        values = encoded.dictionary.to_pylist()
        totals = np.bincount(encoded.indices.to_numpy(), taken, minlength=len(values))
        table.add(kind, zip(values, totals.astype(np.int64).tolist(), strict=True))


class _Cut:
    """A stream of arrays, taken by length."""

    def __init__(self, parts: Iterator[NDArray[np.int64]]) -> None:
        self._parts = parts
        self._held: NDArray[np.int64] = np.empty(0, np.int64)

    def take(self, length: int) -> NDArray[np.int64]:
        """The next `length` numbers."""
        taken = [self._held[:length]]
        missing = length - len(taken[0])
        self._held = self._held[length:]
        while missing:
            part = next(self._parts)
            taken.append(part[:missing])
            self._held = part[missing:]
            missing -= len(taken[-1])
        return np.concatenate(taken)


def _by_time(table: _Table) -> tuple[_Table, str]:
    """By day, or by month where the days are many; what does not begin with a date is of no time."""
    days = {value for value in table.counts if value is not None and _DAY.fullmatch(value)}
    length, unit = (10, "day") if len(days) <= MAX_DAYS else (7, "month")
    merged: dict[str | None, list[int]] = {}
    for value, line in table.counts.items():
        key = value[:length] if value in days and value is not None else None
        former = merged.setdefault(key, [0, 0, 0])
        merged[key] = [one + other for one, other in zip(former, line, strict=True)]
    result = _Table()
    result.counts, result.others = merged, table.others
    return result, unit
