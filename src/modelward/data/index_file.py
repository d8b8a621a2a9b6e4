"""Reading an index back from its file without believing it."""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np

from modelward.core import merkle, strict_json
from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.data import trees
from modelward.data.arrow import numbers_of
from modelward.data.cells import DIGEST_BYTES, ENCODING
from modelward.data.digesting import Cells, row_digests, set_lines
from modelward.data.engine import Engine, Inline
from modelward.data.index import Column, Facts, Index, Options, Shard, Trees
from modelward.data.index_table import CELL, ROW, IndexTable, matrix_of
from modelward.data.index_writer import FACTS_MARK, FORMAT, ROWS_MARK, SET_MARK, SMALLEST_MARK, Form
from modelward.data.readers.arrow_tables import INDEX_MARK
from modelward.data.runs import Sorter, digests_of, records_of
from modelward.data.shape import Shape
from modelward.data.trees import Leaves, Tree, hash_leaves

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.uint8]


def open_index(path: Path) -> Index:
    """Open an index file. Its facts are checked against each other, its lines when they are used in proofs.

    The hashes of its chunks fold to its roots; whose roots they are, a signed snapshot says.
    Raises InputError, LimitExceeded.
    """
    where = str(path)
    if not path.is_file():
        raise InputError(
            "there is no index",
            where=where,
            help="name it: --index FILE, or make it: modelward data snapshot",
        )
    table = IndexTable(path)
    if INDEX_MARK not in table.metadata:
        table.close()
        raise InputError("not an index of modelward", where=where, help="make one: modelward data snapshot")
    try:
        index = _index(_facts(table.metadata.get(FACTS_MARK, b"{}"), where), table, where)
        _check_table(index, where)
    except InputError:
        table.close()
        raise
    return index


def read_index(path: Path, engine: Engine | None = None) -> Index:
    """Open an index file and check every line: row digests from cell digests, roots from row digests.

    So an index cannot disagree with its own roots. Raises InputError, LimitExceeded.
    """
    index = open_index(path)
    try:
        check_lines(index, engine or Inline())
    except InputError:
        index.close()
        raise
    return index


# --- facts ------------------------------------------------------------------------------------------------


def _facts(data: bytes, where: str) -> Facts:
    try:
        said = strict_json.loads(data, what="index metadata")
        if isinstance(said, dict) and said.get("format") != FORMAT:
            raise InputError(
                f"the index is of format {str(said.get('format', 1))[:40]!r}; this program knows {FORMAT}",
                where=where,
                help="take a new snapshot",
            )
        facts = msgspec.convert(said, Facts)
    except msgspec.ValidationError as error:
        raise InputError(f"the index's metadata is damaged: {error}", where=where) from None
    except InputError as error:
        if error.where:
            raise
        raise InputError(f"the index's metadata is damaged: {error}", where=where) from None
    if facts.encoding != ENCODING:
        raise InputError(
            f"the index is of encoding {facts.encoding[:40]!r}; this program knows {ENCODING}",
            where=where,
            help="take a new snapshot",
        )
    return facts


def _index(facts: Facts, table: IndexTable, where: str) -> Index:
    try:
        shards = tuple(
            Shard(shard.path, Digest.parse(shard.digest), shard.rows, Digest.parse(shard.root))
            for shard in facts.shards
        )
        return Index(
            dataset=facts.dataset,
            name=facts.name,
            subject=Digest.parse(facts.subject),
            columns=tuple(Column(name, kind) for name, kind in facts.columns),
            shards=shards,
            rows_root=Digest.parse(facts.rows_root),
            set_root=Digest.parse(facts.set_root),
            distinct=facts.distinct,
            unread_files=facts.unread_files,
            options=Options(
                facts.types,
                facts.contributor,
                facts.source,
                facts.time,
                facts.label,
                facts.keyed,
                facts.key_id,
            ),
            trees=Trees(
                trees.chunk_of(sum(shard.rows for shard in shards)),
                *(
                    _hashes(table.metadata.get(mark, b""), where)
                    for mark in (ROWS_MARK, SET_MARK, SMALLEST_MARK)
                ),
            ),
            table=table,
        )
    except InputError as error:
        if error.where:
            raise
        raise InputError(f"the index's metadata is damaged: {error}", where=where) from None


def _hashes(text: bytes, where: str) -> tuple[bytes, ...]:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise InputError("the index's hashes are damaged", where=where) from None
    if len(data) % DIGEST_BYTES:
        raise InputError("the index's hashes are damaged", where=where)
    return tuple(data[at : at + DIGEST_BYTES] for at in range(0, len(data), DIGEST_BYTES))


def _check_table(index: Index, where: str) -> None:
    """Does the file have the columns, rows and chunks that its facts name? Raises InputError."""
    table, counts = index.table, [shard.rows for shard in index.shards]
    labels = [label for label, _ in index.options.labels()]
    schema = Form([column.name for column in index.columns], labels, counts).schema()
    names = table.schema.names
    if {field.name: field.type for field in table.schema} != {
        field.name: field.type for field in schema
    } or len(set(names)) != len(names):
        raise InputError("the index's columns are not those its metadata names", where=where)
    if any(count < 0 for count in counts) or table.rows != sum(counts):
        raise InputError(f"the index has {table.rows} rows, which its metadata denies", where=where)
    size = trees.group_of(table.rows, len(index.columns))
    if any(
        table.file.metadata.row_group(group).num_rows != min(size, table.rows - group * size)
        for group in range(table.groups)
    ):
        raise InputError("the index's rows are not grouped as an index's are", where=where)
    chunk, kept = index.trees.chunk, index.trees
    if (
        not 0 <= index.distinct <= table.rows
        or len(kept.rows) != -(-table.rows // chunk)
        or len(kept.set) != -(-index.distinct // chunk)
        or len(kept.smallest) != len(kept.set)
        or trees.root_of(kept.rows) != index.rows_root
        or trees.root_of(kept.set) != index.set_root
    ):
        raise InputError("the index's roots are not over its rows", where=where)


def shapes_of(index: Index) -> dict[str, list[tuple[str, Shape]]]:
    """The columns of each shard, by its path. Raises InputError."""
    facts = _facts(index.table.metadata[FACTS_MARK], str(index.table.path))
    shapes = [[Shape.parse(column) for column in columns] for columns in facts.shapes]
    if not all(0 <= shard.columns < len(shapes) for shard in facts.shards):
        raise InputError("the index's metadata is damaged", where=str(index.table.path))
    return {shard.path: shapes[shard.columns] for shard in facts.shards}


# --- lines ------------------------------------------------------------------------------------------------


class _Group(NamedTuple):
    """A row group to be checked, by whoever sees the file."""

    cells: dict[str, Cells]
    leaves: Leaves


def check_lines(index: Index, engine: Engine) -> None:
    """Check every line of an index against its roots. Raises InputError."""
    where = str(index.table.path)
    whole, shards = Tree(), [Tree() for _ in index.shards]
    spans: list[list[int]] = []
    sorter = Sorter()
    for good, (chunks, parts) in engine.map(_check_group, _row_groups(index, spans, sorter)):
        if not good:
            raise InputError(
                f"the index is damaged from row {len(whole.chunks) * index.trees.chunk + 1} on", where=where
            )
        for chunk in chunks:
            whole.add(chunk)
        for shard, nodes in zip(spans.pop(0), parts, strict=True):
            shards[shard].extend(nodes)
    for said, tree in zip(index.shards, shards, strict=True):
        if tree.root != said.root:
            raise InputError(f"the index's root of {said.path!r} is not over its rows", where=where)
    ordered = Tree()
    for chunks, _ in engine.map(hash_leaves, _set_groups(index, sorter)):
        for chunk in chunks:
            ordered.add(chunk)
    if whole.root != index.rows_root or ordered.root != index.set_root:
        raise InputError("the index's roots are not over its rows", where=where)
    if tuple(whole.chunks) != index.trees.rows or tuple(ordered.chunks) != index.trees.set:
        raise InputError("the index's hashes are not over its rows", where=where)


def check_against(index: Index, other: Index, engine: Engine) -> None:
    """Check the rows and the set of an index against its roots, given an index that is right.

    Where the hashes are the same, so must be the lines; only the others are hashed. Cells are not looked at.
    Raises InputError.
    """
    same = index.trees.chunk == other.trees.chunk
    for lines, right, hashes, known in (
        (_row_lines(index), _row_lines(other), index.trees.rows, other.trees.rows),
        (_set_lines(index), _set_lines(other), index.trees.set, other.trees.set),
    ):
        _check_hashes(index, lines, right, hashes, known if same else (), engine)


def check_set(index: Index, engine: Engine) -> None:
    """Check the set of an index, which rows and how many of each, against its root. Raises InputError."""
    _check_hashes(index, _set_lines(index), iter(()), index.trees.set, (), engine)


def _check_hashes(
    index: Index,
    lines: Iterator[Matrix],
    right: Iterator[Matrix],
    hashes: Sequence[bytes],
    known: Sequence[bytes],
    engine: Engine,
) -> None:
    wanted: deque[bytes] = deque()
    for chunks, _ in engine.map(hash_leaves, _unlike(index, lines, right, hashes, known, wanted)):
        for chunk in chunks:
            if merkle.fold([node for _, node in chunk]) != wanted.popleft():
                raise InputError(
                    "the index is damaged: its hashes are not over its rows", where=str(index.table.path)
                )


def _unlike(
    index: Index,
    lines: Iterator[Matrix],
    right: Iterator[Matrix],
    hashes: Sequence[bytes],
    known: Sequence[bytes],
    wanted: deque[bytes],
) -> Iterator[Leaves]:
    """The chunks of lines that are not known, a row group at a time; their hashes go to `wanted`."""
    chunk, at = index.trees.chunk, 0
    for mine, theirs in zip_longest(lines, right):
        if mine is None:
            return
        for start in range(0, len(mine), chunk):
            if at < len(known) and hashes[at] == known[at]:
                if theirs is None or not np.array_equal(
                    mine[start : start + chunk], theirs[start : start + chunk]
                ):
                    raise InputError(
                        f"the index is damaged from line {at * chunk + 1} on: its hashes are of other lines",
                        where=str(index.table.path),
                    )
            else:
                part = mine[start : start + chunk]
                wanted.append(hashes[at])
                yield Leaves(part.tobytes(), part.shape[1], chunk)
            at += 1
    if at != len(hashes):
        raise InputError("the index is damaged: lines are missing", where=str(index.table.path))


def _row_lines(index: Index) -> Iterator[Matrix]:
    for start in range(0, index.rows, index.table.group_rows):
        yield index.table.digests(start, min(start + index.table.group_rows, index.rows))


def _set_lines(index: Index) -> Iterator[Matrix]:
    for records in index.table.records(index.table.group_rows):
        yield set_lines(digests_of(records), records["count"])


def _check_group(group: _Group) -> tuple[bool, Any]:
    rows = np.frombuffer(group.leaves.data, np.uint8).reshape(-1, DIGEST_BYTES)
    return bool((row_digests(group.cells, len(rows)) == rows).all()), hash_leaves(group.leaves)


def _row_groups(index: Index, spans: list[list[int]], sorter: Sorter) -> Iterator[_Group]:
    names = [column.name for column in index.columns]
    start = 0
    starts = np.concatenate([[0], np.cumsum([shard.rows for shard in index.shards], dtype=np.int64)])
    for group in range(index.table.groups):
        batch = index.table.group(group, [ROW, "shard", "position", *(CELL + name for name in names)])
        rows, valid = matrix_of(batch.column(0))
        numbers = np.arange(start, start + len(rows))
        shards = np.searchsorted(starts, numbers, side="right") - 1
        if (
            not valid.all()
            or batch.column(1).null_count
            or batch.column(2).null_count
            or (numbers_of(batch.column(1)) != shards).any()
            or (numbers_of(batch.column(2)) != numbers - starts[shards]).any()
        ):
            raise InputError(f"the index is damaged from row {start + 1} on", where=str(index.table.path))
        first, at, counts = np.unique(shards, return_index=True, return_counts=True)
        spans.append(first.tolist())
        places = tuple(
            (int(numbers[begin] - starts[shard]), int(count))
            for shard, begin, count in zip(first, at, counts, strict=True)
        )
        sorter.add(rows, start)
        start += len(rows)
        cells = {name: Cells(*matrix_of(batch.column(3 + at))) for at, name in enumerate(names)}
        yield _Group(cells, Leaves(rows.tobytes(), DIGEST_BYTES, index.trees.chunk, places))


def _set_groups(index: Index, sorter: Sorter) -> Iterator[Leaves]:
    """The set as it is written, which must be the set of the rows."""
    damaged = partial(InputError, "the index's set is not that of its rows", where=str(index.table.path))
    true = sorter.merged()
    rest = records_of(np.empty((0, DIGEST_BYTES), np.uint8), 0)
    found = 0
    for records in index.table.records(index.table.group_rows):
        while len(rest) < len(records):
            block = next(true, None)
            if block is None:
                raise damaged()
            rest = np.concatenate([rest, block])
        if rest[: len(records)].tobytes() != records.tobytes():
            raise damaged()
        rest = rest[len(records) :]
        digests = digests_of(records)
        smallest = tuple(line.tobytes() for line in digests[:: index.trees.chunk])
        at = found // index.trees.chunk
        if index.trees.smallest[at : at + len(smallest)] != smallest:
            raise damaged()
        found += len(records)
        lines = set_lines(digests, records["count"])
        yield Leaves(lines.tobytes(), lines.shape[1], index.trees.chunk)
    if len(rest) or next(true, None) is not None or found != index.distinct:
        raise damaged()
