"""The index of a snapshot: the digests of every row and cell, and where each row is.

A Parquet file with a line per row, in the order of the dataset, and the set of its rows beside it; see
docs/data.md, "The index". It is read a row group at a time, so its size does not matter.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from modelward.core import atomic, instant
from modelward.core.digest import Digest
from modelward.core.errors import InputError, UsageError
from modelward.data import address, trees
from modelward.data.cells import ENCODING
from modelward.data.digesting import leaf_hashes, matrix_of, set_lines
from modelward.data.index_table import CELL, ROW, IndexTable
from modelward.data.options import Options
from modelward.data.runs import RECORD, digests_of, words

__all__ = ["CELL", "Column", "Facts", "Index", "Options", "Place", "Shard", "default_path"]

#: Of so many wanted rows each is looked up; more are sought in one pass over all rows.
_LOOKED_UP = 64


class Column(NamedTuple):
    """A column and its Arrow type (`int64 | double` where shards differ in width)."""

    name: str
    type: str


class Shard(NamedTuple):
    """One file of the dataset: its SHA-256, its rows, the ordered root over them."""

    path: str
    digest: Digest
    rows: int
    root: Digest


class Place(NamedTuple):
    """Where a row is, for people: rows are counted from 1."""

    shard: str
    row: int

    def __str__(self) -> str:
        return f"{self.shard} row {self.row}"


class ShardFacts(msgspec.Struct, forbid_unknown_fields=True):
    """A shard in the metadata of an index file. `columns` says which of `Facts.shapes` are its columns."""

    path: str
    digest: str
    rows: int
    root: str
    columns: int


class Facts(msgspec.Struct, forbid_unknown_fields=True):
    """The metadata of an index file, as canonical JSON."""

    format: int
    encoding: str
    dataset: str
    name: str
    subject: str
    columns: list[tuple[str, str]]
    shards: list[ShardFacts]
    shapes: list[list[Any]]
    rows_root: str
    set_root: str
    distinct: int
    unread_files: int
    types: dict[str, str]
    contributor: tuple[str, ...]
    source: tuple[str, ...]
    time: tuple[str, ...]
    label: tuple[str, ...]
    keyed: tuple[str, ...]
    key_id: str


class Trees(NamedTuple):
    """What an index keeps of its two trees: how many leaves a chunk has, and the hash of each chunk.

    `smallest` is the smallest digest of each chunk of the set, 32 bytes each.
    """

    chunk: int
    rows: tuple[bytes, ...]
    set: tuple[bytes, ...]
    smallest: tuple[bytes, ...]


@dataclass(frozen=True)
class Index:
    """A snapshot of a dataset: what was read, the digests over it, and the table of its rows.

    `name` is the file or directory's own name; `subject` its sha256 or dirHash; `distinct` counts the rows
    that differ from each other; `unread_files` the files of the tree that hold no rows; `data` is where the
    data lay when this was taken, None for an index that was read from a file. The same data and options give
    the same index, byte for byte, wherever it was made.
    """

    dataset: str
    name: str
    subject: Digest
    columns: tuple[Column, ...]
    shards: tuple[Shard, ...]
    rows_root: Digest
    set_root: Digest
    distinct: int
    unread_files: int
    options: Options
    trees: Trees = field(repr=False)
    table: IndexTable = field(repr=False, compare=False)
    data: Path | None = field(default=None, compare=False)

    # --- rows ---------------------------------------------------------------------------------------------

    @property
    def rows(self) -> int:
        """How many rows."""
        return int(self._starts[-1])

    @cached_property
    def _starts(self) -> Any:
        """The number of the first row of each shard, and of all rows."""
        return np.concatenate([[0], np.cumsum([shard.rows for shard in self.shards], dtype=np.int64)])

    def place(self, number: int) -> Place:
        """Where row `number` (from 0, over the whole dataset) is."""
        at = int(np.searchsorted(self._starts, number, side="right")) - 1
        return Place(self.shards[at].path, number - int(self._starts[at]) + 1)

    def digest_at(self, number: int) -> Digest:
        """The row digest of row `number`."""
        return Digest("sha256", self.table.digests(number, number + 1)[0].tobytes().hex())

    def cells_at(self, number: int) -> dict[str, bytes | None]:
        """The cell digest of each column in row `number`; None for a null."""
        group, at = divmod(number, self.table.group_rows)
        found: dict[str, bytes | None] = {}
        for column in self.columns:
            lines, valid = self.table.matrix(group, CELL + column.name)
            found[column.name] = lines[at].tobytes() if valid[at] else None
        return found

    def batches(self, names: Sequence[str]) -> Iterator[Any]:
        """These columns of the index as Arrow record batches, in the order of the rows."""
        for group in range(self.table.groups):
            yield self.table.group(group, names)

    # --- rows as a set ------------------------------------------------------------------------------------

    def source(self, size: int) -> Iterator[Any]:
        """The distinct rows as a sorted run (`runs.Source`)."""
        return self.table.records(size)

    def pairs(self) -> Iterator[tuple[bytes, int]]:
        """Each distinct row digest and how often it occurs, sorted by digest."""
        for records in self.table.records(1 << 16):
            for row, count in zip(digests_of(records), records["count"].tolist(), strict=True):
                yield row.tobytes(), count

    def set_search(self, digest: bytes) -> int:
        """How many of the distinct row digests are smaller."""
        at = bisect_left(self.trees.smallest, digest)
        if not at:
            return 0
        start = (at - 1) * self.trees.chunk
        lines = digests_of(self._records(start, min(start + self.trees.chunk, self.distinct)))
        return start + bisect_left([line.tobytes() for line in lines], digest)

    def set_pairs(self, start: int, stop: int) -> list[tuple[bytes, int]]:
        """The distinct row digests from number `start` up to `stop`, with how often each occurs."""
        records = self._records(start, stop)
        rows = [row.tobytes() for row in digests_of(records)]
        return list(zip(rows, records["count"].tolist(), strict=True))

    def _records(self, start: int, stop: int) -> Any:
        size = self.table.group_rows
        first = start // size
        found = list(self.table.records(size, range(first, -(-stop // size))))
        records = found[0] if len(found) == 1 else np.concatenate([np.empty(0, RECORD), *found])
        return records[start - first * size : stop - first * size]

    def _record(self, digest: bytes) -> Any:
        at = self.set_search(digest)
        if at < self.distinct:
            records = self._records(at, at + 1)
            if digests_of(records)[0].tobytes() == digest:
                return records[0]
        return None

    def count(self, digest: bytes) -> int:
        """How many rows have this digest."""
        record = self._record(digest)
        return 0 if record is None else int(record["count"])

    def first_row(self, digest: bytes) -> int | None:
        """The number of the first row that has this digest."""
        record = self._record(digest)
        return None if record is None else int(record["first"])

    def find(self, wanted: Collection[bytes], limit: int | None = None) -> list[int]:
        """The numbers of the rows with one of these digests, in order: the first `limit`, or all."""
        left = self.rows if limit is None else limit
        if len(wanted) <= _LOOKED_UP:
            records = [record for digest in set(wanted) if (record := self._record(digest)) is not None]
            numbers = sorted(int(record["first"]) for record in records)
            if all(record["count"] == 1 for record in records) or not left:
                return numbers[:left]
        found: list[int] = []
        for numbers in self.scan(matrix_of(sorted(set(wanted)))):
            found += numbers[: left - len(found)]
            if len(found) == left:
                break
        return found

    def scan(self, wanted: Any) -> Iterator[list[int]]:
        """The numbers of the rows with one of these digests (a sorted matrix), row group by row group."""
        sought = words(wanted)
        if not len(sought):
            return
        for group in range(self.table.groups):
            lines, _ = self.table.matrix(group, ROW)
            here = np.flatnonzero(member(words(lines), sought) >= 0)
            yield (here + group * self.table.group_rows).tolist()

    # --- trees --------------------------------------------------------------------------------------------

    def rows_hash(self, start: int, stop: int) -> bytes:
        """The hash of these leaves of the ordered tree, a range as in `merkle.inclusion_ranges`."""
        return trees.range_hash(
            self.trees.rows,
            self.trees.chunk,
            start,
            stop,
            lambda a, b: leaf_hashes(self.table.digests(a, b)),
        )

    def set_hash(self, start: int, stop: int) -> bytes:
        """The hash of these leaves of the set tree."""

        def leaves(a: int, b: int) -> Any:
            records = self._records(a, b)
            return leaf_hashes(set_lines(digests_of(records), records["count"]))

        return trees.range_hash(self.trees.set, self.trees.chunk, start, stop, leaves)

    # --- statement and file -------------------------------------------------------------------------------

    def predicate(self) -> dict[str, Any]:
        """The `snapshot` predicate (attest/predicates/snapshot.py)."""
        keyed = {"columns": list(self.options.keyed), "keyId": self.options.key_id}
        return {
            "dataset": self.dataset,
            "encoding": ENCODING,
            "rows": self.rows,
            "distinct": self.distinct,
            "columns": [column._asdict() for column in self.columns],
            "rowsRoot": str(self.rows_root),
            "setRoot": str(self.set_root),
            "shards": [
                {"path": path, "digest": str(digest), "rows": rows, "root": str(root)}
                for path, digest, rows, root in self.shards
            ],
            "unreadFiles": self.unread_files,
            "index": str(self.digest),
            "createdAt": instant.render(instant.now()),
        } | ({"keyed": keyed} if self.options.keyed else {})

    @property
    def digest(self) -> Digest:
        """The SHA-256 of the index as a file."""
        return self.table.digest

    def check_place(self, path: Path) -> None:
        """Raise UsageError if the index must not be written to `path`: inside the directory it is about."""
        tree = self.data if self.data and self.data.is_dir() else None
        if tree and path.resolve().is_relative_to(tree.resolve()):
            raise UsageError(
                "the index of a directory must lie outside it: it would change the directory's digest",
                where=str(path),
                help=f"write it to {default_path(tree)}",
            )

    def write(self, path: Path) -> Digest:
        """Write the index as Parquet, whole or not at all; its SHA-256. Raises UsageError, InputError."""
        self.check_place(path)
        try:
            atomic.copy(self.table.path, path)
        except OSError as error:
            raise InputError(f"the index cannot be written: {error.strerror}", where=str(path)) from None
        return self.digest

    def close(self) -> None:
        """Let go of the file that the rows are read from. The facts stay."""
        self.table.close()

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def default_path(data: str | os.PathLike[str]) -> Path:
    """Where the index of `data` lies unless told otherwise: beside it, as NAME.index.parquet."""
    return address.beside(data, ".index.parquet")


def member(rows: Any, sought: Any) -> Any:
    """For each row the number of the equal one among the `sought`, which are sorted and differ; else -1."""
    at = np.searchsorted(sought[:, 0], rows[:, 0])
    found = np.full(len(rows), -1, np.int64)
    while True:  # more than once only where digests are equal in their first 8 bytes
        at_end = np.minimum(at, len(sought) - 1)
        near = (sought[at_end, 0] == rows[:, 0]) & (at < len(sought))
        equal = near & (sought[at_end] == rows).all(axis=1)
        found[equal] = at_end[equal]
        rest = near & ~equal & (found < 0)
        if not rest.any():
            return found
        at = np.where(rest, at + 1, len(sought))
