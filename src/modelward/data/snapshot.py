"""Taking a snapshot: the rows of a dataset, by digest, read once (DESIGN section 4, Data)."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any, TypeVar

from modelward.core.errors import InputError, LimitExceeded, UsageError
from modelward.core.progress import Progress, Silent
from modelward.data import engine, places
from modelward.data.arrow import pyarrow
from modelward.data.cells import DIGEST_BYTES, Value, digests
from modelward.data.index import CELL, Column, Index, Options, Shard
from modelward.data.readers.delimited import TYPES
from modelward.data.readers.layout import Part
from modelward.data.readers.shard import Batch, OpenShard
from modelward.data.rows import RowTree, leaf_hashes, row_digests, set_root
from modelward.data.shape import Columns, MixedKinds, shape_of_all
from modelward.data.shown import shown

T = TypeVar("T")


def take(
    path: str | os.PathLike[str],
    dataset: str,
    options: Options | None = None,
    progress: Progress | None = None,
) -> Index:
    """Read every row of the dataset at `path` and digest it. `dataset` is the dataset's name.

    `path` is a file, a directory or an address (see `places`). What is parsed is what is hashed: a file that
    changes meanwhile is refused.
    Raises InputError naming file and row, LimitExceeded, UsageError for options that fit no column.
    """
    pyarrow()
    options, progress = options or Options(), progress or Silent()
    unknown = set(options.types.values()) - set(TYPES)
    if unknown:
        raise UsageError(f"unknown type {sorted(unknown)[0]!r}", help=f"use one of {', '.join(TYPES)}")
    found = places.find(path)
    taking = _Taking(options)
    progress.start(found.size)
    try:
        for part in found.parts:
            taking.read(found, part, progress)
    finally:
        progress.done()
    subject = found.subject({shard.path: shard.digest for shard in taking.shards})
    taking.check_options()
    return Index(
        dataset=dataset,
        name=found.name,
        subject=subject,
        columns=tuple(Column(name, shape.text()) for name, shape in taking.columns.items()),
        shards=tuple(taking.shards),
        rows_root=taking.tree.root(),
        unread_files=found.unread,
        options=options,
        data=found.path,
        **taking.finished(),
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
        self._delimited = False

    def read(self, dataset: places.Dataset, part: Part, progress: Progress) -> None:
        """Digest one shard."""
        tree, rows = RowTree(), 0
        self._delimited |= part.delimited
        with (
            dataset.open(part, progress) as shard,
            closing(part.read(shard, self._options.types)) as batches,
        ):
            for batch in batches:
                leaves = leaf_hashes(self._add(shard, batch, rows))
                tree.extend(leaves)
                self.tree.extend(leaves)
                rows += batch.rows
            self.shards.append(Shard(part.name, shard.digest(), rows, tree.root()))

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
        if self._options.types and not self._delimited:
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
