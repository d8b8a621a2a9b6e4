"""Parquet, by way of pyarrow."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from typing import Any

from modelward.core.errors import ModelwardError
from modelward.data.arrow import ArrowColumns, pyarrow
from modelward.data.readers import parquet_pages
from modelward.data.readers.arrow_tables import INDEX_MARK, first_line, shapes_of, slices
from modelward.data.readers.shard import BATCH_BYTES, BATCH_ROWS, Batch, OpenShard, SeekSource

__all__ = ["INDEX_MARK", "read"]

_MAX_METADATA = 64 << 20
_BUFFER = 1 << 20


def read(shard: OpenShard, types: Mapping[str, str]) -> Generator[Batch, None, None]:
    """Read a shard. Raises InputError naming the file, and the first row of the batch it is in."""
    arrow = pyarrow()
    done = 0
    try:
        file = open_file(shard)
        shapes = shapes_of(shard, file.schema_arrow)
        shard.check_rows(file.metadata.num_rows)
        for whole in batches(shard, file):
            whole.validate(full=True)
            for part in slices(shard, whole, done):
                yield Batch(ArrowColumns(part, shapes), part.num_rows, shapes)
                done += part.num_rows
    except ModelwardError as error:
        raise shard.located(error, f"from row {done + 1}") from None
    except (arrow.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        place = f"from row {done + 1}" if done else "start"
        raise shard.bad(place, f"not readable as Parquet: {first_line(error)}") from None
    yield Batch({name: [] for name in shapes}, 0, shapes)


def open_file(shard: OpenShard, **options: Any) -> Any:
    return pyarrow().parquet.ParquetFile(
        shard.at_random(),
        thrift_string_size_limit=_MAX_METADATA,
        thrift_container_size_limit=_MAX_METADATA,
        buffer_size=_BUFFER,  # a row group may be of any size: its columns are read bit by bit
        pre_buffer=False,
        **options,
    )


def batches(shard: OpenShard, file: Any) -> Iterator[Any]:
    """All rows, or those from the first of the shard's span up to the second."""
    metadata = file.metadata
    first, stop = shard.span or (0, metadata.num_rows)
    groups: list[int] = []
    start = end = 0
    for group in range(metadata.num_row_groups):
        begin, end = end, end + metadata.row_group(group).num_rows
        if begin < stop and end > first:
            start = start if groups else begin
            groups.append(group)
    reading = parquet_pages.plan(SeekSource(shard), metadata, groups, _batch_rows(metadata))
    if reading.dictionaries:
        file = open_file(shard, read_dictionary=reading.dictionaries, metadata=metadata)
    for batch in file.iter_batches(batch_size=reading.rows, row_groups=groups, use_threads=False):
        low, high = max(first - start, 0), min(stop - start, batch.num_rows)
        start += batch.num_rows
        if low < high:
            yield batch.slice(low, high - low)
        if start >= stop:
            return


def _batch_rows(metadata: Any) -> int:
    """How many rows make about BATCH_BYTES, as the file itself says."""
    size: int = sum(
        max(metadata.row_group(group).total_byte_size, 0) for group in range(metadata.num_row_groups)
    )
    rows: int = metadata.num_rows
    return max(1, min(BATCH_ROWS, BATCH_BYTES * max(rows, 1) // max(size, 1)))
