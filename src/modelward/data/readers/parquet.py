"""Parquet, by way of pyarrow."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from modelward.core.errors import InputError, LimitExceeded, ModelwardError
from modelward.data.arrow import pyarrow, shape, values
from modelward.data.readers.shard import BATCH_BYTES, BATCH_ROWS, Batch, OpenShard
from modelward.data.shape import MAX_FIELDS, Shape

#: The key of the schema's metadata that marks an index of ours.
INDEX_MARK = b"modelward"

_MAX_METADATA = 64 << 20


def read(shard: OpenShard, types: Mapping[str, str]) -> Generator[Batch, None, None]:
    """Read a shard. Raises InputError naming the file, and the first row of the batch it is in."""
    arrow = pyarrow()
    done = 0
    try:
        file = arrow.parquet.ParquetFile(
            shard.stream,
            thrift_string_size_limit=_MAX_METADATA,
            thrift_container_size_limit=_MAX_METADATA,
        )
        shapes = _shapes(shard, file.schema_arrow)
        for part in file.iter_batches(batch_size=_batch_rows(file.metadata), use_threads=False):
            part.validate(full=True)
            columns = {name: values(part.column(at)) for at, name in enumerate(shapes)}
            yield Batch(columns, part.num_rows, shapes)
            done += part.num_rows
    except ModelwardError as error:
        if error.where:
            raise
        raise type(error)(
            error.message, where=f"{shard.name}: from row {done + 1}", help=error.help
        ) from None
    except (arrow.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        place = f"from row {done + 1}" if done else "start"
        raise shard.bad(place, f"not readable as Parquet: {_first_line(error)}") from None
    yield Batch({name: [] for name in shapes}, 0, shapes)


def _shapes(shard: OpenShard, schema: Any) -> dict[str, Shape]:
    if INDEX_MARK in (schema.metadata or {}):
        raise InputError(
            "this is a modelward index, not data", where=shard.name, help="keep indexes outside the dataset"
        )
    if len(schema.names) > MAX_FIELDS:
        raise LimitExceeded(f"over {MAX_FIELDS} columns", where=shard.name)
    if len(set(schema.names)) != len(schema.names):
        twice = next(name for name in schema.names if schema.names.count(name) > 1)
        raise InputError(f"column {twice!r} is there twice", where=shard.name, help="rename one")
    shapes = {}
    for column in schema:
        try:
            shapes[column.name] = shape(column.type)
        except InputError as error:
            raise type(error)(
                f"column {column.name!r}: {error.message}", where=shard.name, help=error.help
            ) from None
    return shapes


def _batch_rows(metadata: Any) -> int:
    """How many rows make about BATCH_BYTES, as the file itself says."""
    size: int = sum(
        max(metadata.row_group(group).total_byte_size, 0) for group in range(metadata.num_row_groups)
    )
    rows: int = metadata.num_rows
    return max(1, min(BATCH_ROWS, BATCH_BYTES * max(rows, 1) // max(size, 1)))


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]
