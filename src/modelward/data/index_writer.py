"""Writing an index: lines of rows and set, row group by row group, and what is to be hashed of them."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np

from modelward.core import strict_json
from modelward.core.digest import Digest
from modelward.data import trees
from modelward.data.arrow import of_numbers, pyarrow
from modelward.data.cells import DIGEST_BYTES
from modelward.data.digesting import set_lines
from modelward.data.engine import Engine
from modelward.data.index import Facts, Trees
from modelward.data.index_table import CELL, ROW, SET_COUNT, SET_FIRST, SET_ROW, IndexTable, matrix_of
from modelward.data.lots import digest_array
from modelward.data.readers.arrow_tables import INDEX_MARK
from modelward.data.runs import RECORD, digests_of
from modelward.data.trees import Leaves, Tree, hash_leaves

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The format of the file; a change of it is a new number.
FORMAT = 2
#: What its schema's metadata marks it with, so that it is not taken for data; where its facts are.
MARK, FACTS_MARK = {INDEX_MARK: b"index"}, b"modelward.facts"
#: Where its metadata keeps the hashes of chunks, and the smallest digest of each chunk of the set.
ROWS_MARK, SET_MARK, SMALLEST_MARK = b"modelward.rows", b"modelward.set", b"modelward.smallest"


class Form(NamedTuple):
    """What the lines of an index look like: its cells' and labels' columns, and the rows of each shard."""

    columns: Sequence[str]
    labels: Sequence[str]
    shards: Sequence[int]

    @property
    def rows(self) -> int:
        """How many lines."""
        return sum(self.shards)

    def schema(self) -> Any:
        """The Arrow schema of the file."""
        arrow = pyarrow()
        digest = arrow.binary(DIGEST_BYTES)
        fields = [(ROW, digest), ("shard", arrow.int32()), ("position", arrow.int64())]
        fields += [(label, arrow.string()) for label in self.labels]
        fields += [(CELL + name, digest) for name in self.columns]
        fields += [(SET_ROW, digest), (SET_COUNT, arrow.int64()), (SET_FIRST, arrow.int64())]
        return arrow.schema(fields, metadata=MARK)


class Hashed(NamedTuple):
    """The roots over what was written."""

    rows_root: Digest
    set_root: Digest
    shards: list[Digest]
    distinct: int
    trees: Trees


class IndexWriter:
    """A temporary index file that is being written. Left by an error (`with`), the file vanishes."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._chunk = trees.chunk_of(form.rows)
        self._group = trees.group_of(form.rows, len(form.columns))
        descriptor, name = tempfile.mkstemp(prefix="modelward-", suffix=".index.parquet")
        self._path = Path(name)
        self._stream = os.fdopen(descriptor, "wb")
        self._sink = _Sink(self._stream)
        self._writer: Any = None
        self._starts = np.concatenate([[0], np.cumsum(form.shards, dtype=np.int64)])

    def __enter__(self) -> IndexWriter:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()  # before its file is
        self._stream.close()
        if kind is not None:
            self._path.unlink(missing_ok=True)

    def write(self, lines: Iterable[Any], records: Iterable[NDArray[Any]], engine: Engine) -> Hashed:
        """Write all lines (record batches, in order; columns may lack) and the set (blocks, sorted).

        The engine hashes both trees meanwhile.
        """
        whole, ordered = Tree(), Tree()
        shards = [Tree() for _ in self._form.shards]
        smallest: list[bytes] = []
        jobs: list[list[int] | None] = []  # of each job the shards among its rows; None for one of the set
        distinct = 0
        for chunks, parts in engine.map(hash_leaves, self._groups(lines, records, jobs, smallest)):
            job = jobs.pop(0)
            for chunk in chunks:
                (ordered if job is None else whole).add(chunk)
            for shard, nodes in zip(job or [], parts, strict=False):
                shards[shard].extend(nodes)
            if job is None:
                distinct += sum(1 << level for chunk in chunks for level, _ in chunk)
        roots = [tree.root for tree in shards] if len(shards) > 1 else [whole.root] * len(shards)
        kept = Trees(self._chunk, tuple(whole.chunks), tuple(ordered.chunks), tuple(smallest))
        return Hashed(whole.root, ordered.root, roots, distinct, kept)

    def finish(self, facts: Facts, kept: Trees) -> IndexTable:
        """Add the facts and close the file."""
        writer = self._opened()
        writer.add_key_value_metadata(
            {
                FACTS_MARK: strict_json.dumps(msgspec.to_builtins(facts)),
                ROWS_MARK: base64.b64encode(b"".join(kept.rows)),
                SET_MARK: base64.b64encode(b"".join(kept.set)),
                SMALLEST_MARK: base64.b64encode(b"".join(kept.smallest)),
            }
        )
        writer.close()
        self._stream.close()
        return IndexTable(self._path, temporary=True, digest=Digest("sha256", self._sink.hash.hexdigest()))

    def _groups(
        self,
        lines: Iterable[Any],
        records: Iterable[NDArray[Any]],
        jobs: list[list[int] | None],
        smallest: list[bytes],
    ) -> Iterator[Leaves]:
        """Writes row groups, and yields what is to be hashed of each."""
        schema = self._form.schema()
        batches = _Lines(lines, schema)
        blocks = _Blocks(records)
        for start in range(0, self._form.rows, self._group):
            count = min(self._group, self._form.rows - start)
            columns = batches.take(count)
            found = blocks.take(count)
            rows, _ = matrix_of(columns[ROW])
            columns |= self._places(start, count) | _set_columns(found, count)
            self._opened(columns).write_batch(
                pyarrow().record_batch([columns[name] for name in schema.names], schema=schema),
                row_group_size=self._group,
            )
            spans = self._spans(start, count) if len(self._form.shards) > 1 else []
            jobs.append([shard for shard, *_ in spans])
            places = tuple((begin, length) for _, begin, length in spans)
            yield Leaves(rows.tobytes(), DIGEST_BYTES, self._chunk, places)
            if len(found):
                digests = digests_of(found)
                smallest += [line.tobytes() for line in digests[:: self._chunk]]
                jobs.append(None)
                held = set_lines(digests, found["count"])
                yield Leaves(held.tobytes(), held.shape[1], self._chunk)

    def _spans(self, start: int, count: int) -> list[tuple[int, int, int]]:
        """Of the rows from `start` on: shard, where they begin in it, how many."""
        first = int(np.searchsorted(self._starts, start, side="right")) - 1
        spans, at = [], start
        for shard in range(first, len(self._form.shards)):
            end = min(int(self._starts[shard + 1]), start + count)
            if end > at:
                spans.append((shard, at - int(self._starts[shard]), end - at))
                at = end
            if at == start + count:
                break
        return spans

    def _places(self, start: int, count: int) -> dict[str, Any]:
        numbers = np.arange(start, start + count)
        shards = np.searchsorted(self._starts, numbers, side="right") - 1
        return {
            "shard": of_numbers(shards.astype(np.int32)),
            "position": of_numbers(numbers - self._starts[shards]),
        }

    def _opened(self, columns: dict[str, Any] | None = None) -> Any:
        """The Parquet writer. Digests are neither compressed nor coded, save where cells repeat."""
        if self._writer is None:
            arrow = pyarrow()
            digests = [ROW, SET_ROW, *(CELL + name for name in self._form.columns)]
            repeating = [name for name in digests[2:] if columns and _repeats(columns[name])]
            plain = set(digests) - set(repeating)
            schema = self._form.schema()
            self._writer = arrow.parquet.ParquetWriter(
                arrow.PythonFile(self._sink, mode="w"),
                schema,
                compression={name: "NONE" if name in plain else "ZSTD" for name in schema.names},
                use_dictionary=[*repeating, *self._form.labels, "shard", SET_COUNT],
                write_statistics=False,
            )
        return self._writer


def _set_columns(records: NDArray[Any], count: int) -> dict[str, Any]:
    """The set's columns of a row group: null where there are more rows than distinct ones."""
    here = np.arange(count) < len(records)
    rows = np.zeros((count, DIGEST_BYTES), np.uint8)
    rows[: len(records)] = digests_of(records)
    columns = {SET_ROW: digest_array(rows, here)}
    for name, of in (("count", SET_COUNT), ("first", SET_FIRST)):
        numbers = np.zeros(count, np.int64)
        numbers[: len(records)] = records[name]
        columns[of] = of_numbers(numbers, here)
    return columns


def _repeats(column: Any) -> bool:
    lines, _ = matrix_of(column)
    first = np.ascontiguousarray(lines[:, :8]).view(np.uint64)
    return len(np.unique(first)) * 2 <= len(first)


class _Lines:
    """Record batches of any sizes, taken by as many lines as are wanted."""

    def __init__(self, batches: Iterable[Any], schema: Any) -> None:
        self._batches = iter(batches)
        self._schema = schema
        self._rest: Any = None

    def take(self, count: int) -> dict[str, Any]:
        """The next `count` lines, by column: those of the rows, their labels and cells."""
        arrow = pyarrow()
        parts, missing = [], count
        while missing:
            batch = self._rest if self._rest is not None else next(self._batches)
            parts.append(batch.slice(0, missing))
            self._rest = batch.slice(missing) if batch.num_rows > missing else None
            missing -= parts[-1].num_rows
        columns = {}
        for field in self._schema:
            if field.name.startswith("set:") or field.name in ("shard", "position"):
                continue
            arrays = [
                part.column(field.name) if field.name in part.schema.names
                else arrow.nulls(part.num_rows, field.type)
                for part in parts
            ]  # fmt: skip
            columns[field.name] = arrow.concat_arrays(arrays)
        return columns


class _Blocks:
    """Blocks of records of any sizes, taken by as many as are wanted and there."""

    def __init__(self, blocks: Iterable[NDArray[Any]]) -> None:
        self._blocks = iter(blocks)
        self._rest = np.empty(0, RECORD)

    def take(self, count: int) -> NDArray[Any]:
        """The next `count` records, or those that are left."""
        parts, have = [self._rest], len(self._rest)
        while have < count and (block := next(self._blocks, None)) is not None:
            parts.append(block)
            have += len(block)
        found = np.concatenate(parts)
        self._rest = found[count:]
        return found[:count]


class _Sink(io.RawIOBase):
    """Hashes what is written on its way to a file."""

    def __init__(self, stream: Any) -> None:
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
        self._stream.write(data)
        return size
