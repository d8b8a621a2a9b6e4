"""Taking a snapshot: the rows of a dataset, by digest, read once (DESIGN section 4, Data)."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from modelward.artifact.hashing import hash_tree
from modelward.artifact.manifest import Manifest
from modelward.core.errors import InputError, LimitExceeded, UsageError
from modelward.core.progress import Progress, Silent
from modelward.data import engine
from modelward.data.arrow import pyarrow
from modelward.data.cells import DIGEST_BYTES, Value, digests
from modelward.data.index import CELL, Column, Index, Options, Shard
from modelward.data.readers.delimited import TYPES
from modelward.data.readers.formats import reader_for, required_reader
from modelward.data.readers.shard import Batch, OpenShard, open_shard
from modelward.data.rows import RowTree, leaf_hashes, row_digests, set_root
from modelward.data.shape import Columns, MixedKinds, shape_of_all
from modelward.data.shown import shown

#: Suffixes of the files whose columns `Options.types` may type.
DELIMITED = (".csv", ".tsv")

T = TypeVar("T")


def take(
    path: str | os.PathLike[str],
    dataset: str,
    options: Options | None = None,
    progress: Progress | None = None,
) -> Index:
    """Read every row of the file or directory `path` and digest it. `dataset` is the dataset's name.

    Of a directory, the files that `readers.READERS` reads are shards, in C-locale order; the others are
    counted. What is parsed is what is hashed: a file that changes meanwhile is refused.
    Raises InputError naming file and row, LimitExceeded, UsageError for options that fit no column.
    """
    pyarrow()
    path, options, progress = Path(path), options or Options(), progress or Silent()
    unknown = set(options.types.values()) - set(TYPES)
    if unknown:
        raise UsageError(f"unknown type {sorted(unknown)[0]!r}", help=f"use one of {', '.join(TYPES)}")
    manifest = hash_tree(path) if path.is_dir() else None
    names = [path.name] if manifest is None else _shard_names(path, manifest)
    taking = _Taking(options)
    progress.start(sum(_size(path if manifest is None else path / name) for name in names))
    try:
        for name in names:
            place = path if manifest is None else path / name
            taking.read(place, name, progress)
    finally:
        progress.done()
    if manifest is not None:
        _check_unchanged(manifest, taking.shards)
    taking.check_options()
    return Index(
        dataset=dataset,
        name=path.resolve().name,
        subject=manifest.digest if manifest is not None else taking.shards[0].digest,
        columns=tuple(Column(name, shape.text()) for name, shape in taking.columns.items()),
        shards=tuple(taking.shards),
        rows_root=taking.tree.root(),
        unread_files=manifest.files - len(names) if manifest is not None else 0,
        options=options,
        data=path,
        **taking.finished(),
    )


def _shard_names(path: Path, manifest: Manifest) -> list[str]:
    names = [entry.name for entry in manifest.entries if reader_for(entry.name)]
    if not names:
        required_reader(str(path))
    return names


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None


def _check_unchanged(manifest: Manifest, shards: list[Shard]) -> None:
    known = {entry.name: entry.digest for entry in manifest.entries}
    for shard in shards:
        if known[shard.path] != shard.digest:
            raise InputError(
                "the file changed while the dataset was read",
                where=shard.path,
                help="wait until nothing writes to it",
            )


class _Taking:
    """The digests gathered so far."""

    def __init__(self, options: Options) -> None:
        self._labels = options.labels()
        self._options = options
        self._tables: list[Any] = []
        self.columns = Columns()
        self.shards: list[Shard] = []
        self.tree = RowTree()

    def read(self, path: Path, name: str, progress: Progress) -> None:
        """Digest one shard."""
        read = required_reader(name)
        tree, rows = RowTree(), 0
        with open_shard(path, name, progress) as shard, closing(read(shard, self._options.types)) as batches:
            for batch in batches:
                leaves = leaf_hashes(self._add(shard, batch, rows))
                tree.extend(leaves)
                self.tree.extend(leaves)
                rows += batch.rows
            self.shards.append(Shard(name, shard.digest(), rows, tree.root()))

    def _add(self, shard: OpenShard, batch: Batch, done: int) -> list[bytes]:
        columns = {}
        for name, values in batch.columns.items():
            shape = batch.shapes.get(name)
            if shape is None:
                gather = partial(shape_of_all, known=self.columns.shape(name))
                shape = _located(shard, name, values, done, gather)
            self.columns.add(name, shape, shard.name)
            columns[name] = _located(shard, name, values, done, digests)
        rows = row_digests(list(columns), list(columns.values()), batch.rows)
        if batch.rows:
            self._tables.append(self._table(batch, rows, columns, done))
        return rows

    def _table(
        self, batch: Batch, rows: list[bytes], columns: dict[str, list[bytes | None]], done: int
    ) -> Any:
        arrow = pyarrow()
        count = batch.rows
        arrays = {
            "row": _digest_array(rows),
            "shard": arrow.array([len(self.shards)] * count, arrow.int32()),
            "position": arrow.array(range(done, done + count), arrow.int64()),
        }
        for label, name in self._labels:
            values = batch.columns.get(name, [None] * count)
            texts = [None if value is None else shown(value) for value in values]
            arrays[label] = arrow.array(texts, arrow.string())
        arrays |= {CELL + name: _digest_array(cells) for name, cells in columns.items()}
        return arrow.table(arrays)

    def check_options(self) -> None:
        """Raise UsageError for an option that names no column."""
        known = {name for name, _ in self.columns.items()}
        for name in (*self._options.types, *(name for _, name in self._labels)):
            if name not in known:
                raise UsageError(
                    f"the dataset has no column {name!r}",
                    help=f"its columns are {', '.join(sorted(known)[:20])}",
                )
        if self._options.types and not any(shard.path.lower().endswith(DELIMITED) for shard in self.shards):
            raise UsageError("types are named for CSV only; JSONL and Parquet have their own")

    def finished(self) -> dict[str, Any]:
        """The table of the index, its rows counted, and the root over them as a set."""
        arrow = pyarrow()
        digest = arrow.binary(DIGEST_BYTES)
        fields = [("row", digest), ("shard", arrow.int32()), ("position", arrow.int64())]
        fields += [(label, arrow.string()) for label, _ in self._labels]
        fields += [(CELL + name, digest) for name, _ in self.columns.items()]
        schema = arrow.schema(fields)
        parts = [schema.empty_table(), *self._tables]
        table = arrow.concat_tables(parts, promote_options="default").select(schema.names)
        counted = engine.counted(table["row"])
        return {"table": table, "counted": counted, "set_root": set_root(engine.pairs(counted))}


def _digest_array(values: list[bytes] | list[bytes | None]) -> Any:
    arrow = pyarrow()
    kind = arrow.binary(DIGEST_BYTES)
    if None in values:
        return arrow.array(values, kind)
    joined = b"".join(values)  # type: ignore[arg-type]
    return arrow.Array.from_buffers(kind, len(values), [None, arrow.py_buffer(joined)])


def _located(
    shard: OpenShard, name: str, values: list[Value], done: int, work: Callable[[list[Value]], T]
) -> T:
    """`work(values)`; if a value is bad, an error that names its row."""
    try:
        return work(values)
    except (InputError, MixedKinds):
        count, error = _shortest_bad(values, work)
    place = f"{shard.name}: row {done + count}"
    if isinstance(error, MixedKinds):
        raise InputError(
            f"column {name!r} mixes kinds: {error}", where=place, help="give the column one type throughout"
        )
    kind = LimitExceeded if isinstance(error, LimitExceeded) else InputError
    raise kind(f"column {name!r}: {error.message}", where=place, help=error.help)


def _shortest_bad(
    values: list[Value], work: Callable[[list[Value]], T]
) -> tuple[int, InputError | MixedKinds]:
    """How many of the first values it takes for `work` to fail, and how it fails."""
    good, bad = 0, len(values)
    error: InputError | MixedKinds = InputError("the values are bad")
    while bad - good > 1:
        middle = (good + bad) // 2
        try:
            work(values[:middle])
            good = middle
        except (InputError, MixedKinds):
            bad = middle
    try:
        work(values[:bad])
    except (InputError, MixedKinds) as problem:
        error = problem
    return bad, error
