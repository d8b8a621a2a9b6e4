"""The index of a snapshot: the digests of every row and cell, and where each row is.

In memory a table with a line per row, in the order of the dataset: `row` (row digest), `shard` (number of the
shard), `position` (from 0 in its shard), `cell:COLUMN` (cell digest, null for a null), and
`contributor:COLUMN`, `source:COLUMN`, `time:COLUMN` (the text of columns that name these).
As a file it is Parquet; see docs/data.md, "The index".
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import msgspec

from modelward.core import atomic, instant, strict_json
from modelward.core.digest import Digest
from modelward.core.errors import InputError, UsageError
from modelward.data import engine
from modelward.data.arrow import pyarrow
from modelward.data.cells import DIGEST_BYTES, ENCODING
from modelward.data.readers.parquet import INDEX_MARK

CELL = "cell:"
_BATCH = 65536


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


@dataclass(frozen=True)
class Options:
    """How a dataset is read.

    `types` names the types of CSV columns (string, int64, double, bool; string where none is named);
    `contributor`, `source` and `time` name the columns that say who gave a row, from where, and when; `label`
    those that sort the rows: a class, a reason.
    """

    types: Mapping[str, str] = field(default_factory=dict)
    contributor: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    time: tuple[str, ...] = ()
    label: tuple[str, ...] = ()

    def labels(self) -> list[tuple[str, str]]:
        """Column of the index -> column of the data whose text it repeats."""
        return [
            (f"{kind}:{name}", name)
            for kind, names in (
                ("contributor", self.contributor),
                ("source", self.source),
                ("time", self.time),
                ("label", self.label),
            )
            for name in dict.fromkeys(names)
        ]


class ShardFacts(msgspec.Struct, forbid_unknown_fields=True):
    """A shard in the metadata of an index file."""

    path: str
    digest: str
    rows: int
    root: str


class Facts(msgspec.Struct, forbid_unknown_fields=True):
    """The metadata of an index file, as canonical JSON."""

    encoding: str
    dataset: str
    name: str
    subject: str
    columns: list[tuple[str, str]]
    shards: list[ShardFacts]
    rows_root: str
    set_root: str
    unread_files: int
    types: dict[str, str]
    contributor: tuple[str, ...]
    source: tuple[str, ...]
    time: tuple[str, ...]
    label: tuple[str, ...] = ()


@dataclass(frozen=True)
class Index:
    """A snapshot of a dataset: what was read, the digests over it, and the table of its rows.

    `name` is the file or directory's own name; `subject` its sha256 or dirHash; `unread_files` counts files
    of the tree that hold no rows; `data` is where the data lay when this was taken, None for an index that
    was read from a file. The same data and options give the same index, byte for byte.
    """

    dataset: str
    name: str
    subject: Digest
    columns: tuple[Column, ...]
    shards: tuple[Shard, ...]
    rows_root: Digest
    set_root: Digest
    unread_files: int
    options: Options
    table: Any = field(repr=False, compare=False)
    counted: Any = field(repr=False, compare=False)
    data: Path | None = field(default=None, compare=False)

    @property
    def rows(self) -> int:
        """How many rows."""
        return sum(shard.rows for shard in self.shards)

    def place(self, number: int) -> Place:
        """Where row `number` (from 0, over the whole dataset) is."""
        shard = self.shards[self.table["shard"][number].as_py()]
        return Place(shard.path, self.table["position"][number].as_py() + 1)

    def digest_at(self, number: int) -> Digest:
        """The row digest of row `number`."""
        return Digest("sha256", self.table["row"][number].as_py().hex())

    def cells_at(self, number: int) -> dict[str, bytes | None]:
        """The cell digest of each column in row `number`; None for a null."""
        return {column.name: self.table[CELL + column.name][number].as_py() for column in self.columns}

    def batches(self, names: Sequence[str]) -> Iterator[Any]:
        """These columns of the index as Arrow record batches, in the order of the rows."""
        yield from self.table.select(list(names)).to_batches(max_chunksize=_BATCH)

    def pairs(self) -> Iterator[tuple[bytes, int]]:
        """Each distinct row digest and how often it occurs, sorted by digest."""
        return engine.pairs(self.counted)

    def count(self, digest: bytes) -> int:
        """How many rows have this digest."""
        return sum(count for _, count in engine.pairs(engine.among(self.counted, _digests([digest]))))

    def find(self, wanted: Collection[bytes], limit: int | None = None) -> list[int]:
        """The numbers of the rows with one of these digests, in order: the first `limit`, or all."""
        return engine.places(self.table["row"], _digests(wanted))[:limit]

    def close(self) -> None:
        """Let go of the file that the rows are read from. The facts stay."""

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def predicate(self) -> dict[str, Any]:
        """The `snapshot` predicate (attest/predicates/snapshot.py)."""
        return {
            "dataset": self.dataset,
            "encoding": ENCODING,
            "rows": self.rows,
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
        }

    @cached_property
    def digest(self) -> Digest:
        """The SHA-256 of the index as a file."""
        return self._serialise(None)

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
            with atomic.replacing(path) as stream:
                return self._serialise(stream)
        except OSError as error:
            raise InputError(f"the index cannot be written: {error.strerror}", where=str(path)) from None

    def _serialise(self, stream: BinaryIO | None) -> Digest:
        arrow = pyarrow()
        table = self.table.replace_schema_metadata(_metadata(self))
        sink = _HashingSink(stream)
        with arrow.PythonFile(sink, mode="w") as file:
            arrow.parquet.write_table(table, file, compression="zstd", row_group_size=1 << 16)
        return Digest("sha256", sink.hash.hexdigest())


def _digests(values: Collection[bytes]) -> Any:
    return pyarrow().array(list(values), pyarrow().binary(DIGEST_BYTES))


def _metadata(index: Index) -> dict[bytes, bytes]:
    """The schema metadata of the file of `index`."""
    facts = Facts(
        encoding=ENCODING,
        dataset=index.dataset,
        name=index.name,
        subject=str(index.subject),
        columns=[(column.name, column.type) for column in index.columns],
        shards=[
            ShardFacts(shard.path, str(shard.digest), shard.rows, str(shard.root)) for shard in index.shards
        ],
        rows_root=str(index.rows_root),
        set_root=str(index.set_root),
        unread_files=index.unread_files,
        types=dict(index.options.types),
        contributor=index.options.contributor,
        source=index.options.source,
        time=index.options.time,
        label=index.options.label,
    )
    return {INDEX_MARK: strict_json.dumps(msgspec.to_builtins(facts))}


def default_path(data: Path) -> Path:
    """Where the index of `data` lies unless told otherwise: beside it, as NAME.index.parquet."""
    whole = data if data.name not in ("", "..") else data.resolve()
    return whole.with_name(f"{whole.name}.index.parquet")


class _HashingSink(io.RawIOBase):
    """Hashes what is written, and passes it on to `stream` where there is one."""

    def __init__(self, stream: BinaryIO | None) -> None:
        self._stream = stream
        self._at = 0
        self.hash = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        self.hash.update(data)
        self._at += size
        if self._stream is not None:
            self._stream.write(data)
        return size
