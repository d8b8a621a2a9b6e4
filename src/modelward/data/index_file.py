"""Reading an index back from its file without believing it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from modelward.core import strict_json
from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded
from modelward.data import engine
from modelward.data.arrow import pyarrow
from modelward.data.cells import DIGEST_BYTES, ENCODING
from modelward.data.index import CELL, Column, Facts, Index, Options, Shard
from modelward.data.readers.parquet import INDEX_MARK
from modelward.data.rows import RowTree, leaf_hashes, row_digests, set_root

#: The bytes that the rows of an index may take in memory.
MAX_TABLE_BYTES = 16 << 30

_STEP = 65536
_MAX_METADATA = 64 << 20


def read_index(path: Path) -> Index:
    """Read an index file and check it against itself: row digests from cell digests, roots from row digests.

    So an index cannot disagree with its own roots. Whose roots they are, a signed snapshot says.
    Raises InputError, LimitExceeded.
    """
    arrow = pyarrow()
    where = str(path)
    if not path.is_file():
        raise InputError(
            "there is no index",
            where=where,
            help="name it: --index FILE, or make it: modelward data snapshot",
        )
    try:
        with arrow.parquet.ParquetFile(
            os.fspath(path),
            thrift_string_size_limit=_MAX_METADATA,
            thrift_container_size_limit=_MAX_METADATA,
        ) as file:
            marks = file.schema_arrow.metadata or {}
            if INDEX_MARK not in marks:
                raise InputError(
                    "not an index of modelward", where=where, help="make one: modelward data snapshot"
                )
            facts = _facts(marks[INDEX_MARK], where)
            _check_schema(file, facts, where)
            table = file.read(use_threads=False).replace_schema_metadata(None)
            table.validate(full=True)
    except (arrow.ArrowException, OSError, ValueError, OverflowError) as error:
        message = (str(error).splitlines() or [type(error).__name__])[0][:300]
        raise InputError(f"the index is not readable: {message}", where=where) from None
    index = _index(facts, table, where)
    _check_rows(index, where)
    return index


def _facts(data: bytes, where: str) -> Facts:
    try:
        facts = msgspec.convert(strict_json.loads(data, what="index metadata"), Facts)
    except (msgspec.ValidationError, InputError) as error:
        raise InputError(f"the index's metadata is damaged: {error}", where=where) from None
    if facts.encoding != ENCODING:
        raise InputError(
            f"the index is of encoding {facts.encoding[:40]!r}; this program knows {ENCODING}",
            where=where,
            help="take a new snapshot",
        )
    return facts


def _check_schema(file: Any, facts: Facts, where: str) -> None:
    arrow = pyarrow()
    digest = arrow.binary(DIGEST_BYTES)
    options = Options(facts.types, facts.contributor, facts.source, facts.time, facts.label)
    expected = {"row": digest, "shard": arrow.int32(), "position": arrow.int64()}
    expected |= {label: arrow.string() for label, _ in options.labels()}
    expected |= {CELL + name: digest for name, _ in facts.columns}
    found = {column.name: column.type for column in file.schema_arrow}
    if found != expected or len(found) != len(file.schema_arrow.names):
        raise InputError("the index's columns are not those its metadata names", where=where)
    rows = file.metadata.num_rows
    if rows * (DIGEST_BYTES + 1) * len(expected) > MAX_TABLE_BYTES:
        raise LimitExceeded(f"the index takes over {MAX_TABLE_BYTES} bytes in memory", where=where)
    if any(shard.rows < 0 for shard in facts.shards) or rows != sum(shard.rows for shard in facts.shards):
        raise InputError(f"the index has {rows} rows, which its metadata denies", where=where)


def _index(facts: Facts, table: Any, where: str) -> Index:
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
            unread_files=facts.unread_files,
            options=Options(facts.types, facts.contributor, facts.source, facts.time, facts.label),
            table=table,
            counted=engine.counted(table["row"]),
        )
    except InputError as error:
        raise InputError(f"the index's metadata is damaged: {error}", where=where) from None


def _check_rows(index: Index, where: str) -> None:
    names = [column.name for column in index.columns]
    whole, start = RowTree(), 0
    for number, shard in enumerate(index.shards):
        tree = RowTree()
        for at in range(start, start + shard.rows, _STEP):
            part = index.table.slice(at, min(_STEP, start + shard.rows - at))
            rows = part["row"].to_pylist()
            cells = [part[CELL + name].to_pylist() for name in names]
            count = part.num_rows
            if (
                rows != row_digests(names, cells, count)
                or part["shard"].to_pylist() != [number] * count
                or part["position"].to_pylist() != list(range(at - start, at - start + count))
            ):
                raise InputError(f"the index is damaged from row {at + 1} on", where=where)
            leaves = leaf_hashes(rows)
            tree.extend(leaves)
            whole.extend(leaves)
        if tree.root() != shard.root:
            raise InputError(f"the index's root of {shard.path!r} is not over its rows", where=where)
        start += shard.rows
    if whole.root() != index.rows_root or set_root(engine.pairs(index.counted)) != index.set_root:
        raise InputError("the index's roots are not over its rows", where=where)
