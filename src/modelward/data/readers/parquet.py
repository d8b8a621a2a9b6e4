"""Parquet, by way of pyarrow."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from modelward.core.errors import ModelwardError
from modelward.data.arrow import pyarrow, values
from modelward.data.readers.arrow_tables import INDEX_MARK, first_line, shapes_of, slices
from modelward.data.readers.shard import BATCH_BYTES, BATCH_ROWS, Batch, OpenShard

__all__ = ["INDEX_MARK", "read"]

_MAX_METADATA = 64 << 20


def read(shard: OpenShard, types: Mapping[str, str]) -> Generator[Batch, None, None]:
    """Read a shard. Raises InputError naming the file, and the first row of the batch it is in."""
    arrow = pyarrow()
    done = 0
    try:
        file = arrow.parquet.ParquetFile(
            shard.at_random(),
            thrift_string_size_limit=_MAX_METADATA,
            thrift_container_size_limit=_MAX_METADATA,
        )
        shapes = shapes_of(shard, file.schema_arrow)
        shard.check_rows(file.metadata.num_rows)
        for whole in file.iter_batches(batch_size=_batch_rows(file.metadata), use_threads=False):
            whole.validate(full=True)
            for part in slices(shard, whole, done):
                columns = {name: values(part.column(at)) for at, name in enumerate(shapes)}
                yield Batch(columns, part.num_rows, shapes)
                done += part.num_rows
    except ModelwardError as error:
        raise shard.located(error, f"from row {done + 1}") from None
    except (arrow.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        place = f"from row {done + 1}" if done else "start"
        raise shard.bad(place, f"not readable as Parquet: {first_line(error)}") from None
    yield Batch({name: [] for name in shapes}, 0, shapes)


def _batch_rows(metadata: Any) -> int:
    """How many rows make about BATCH_BYTES, as the file itself says."""
    size: int = sum(
        max(metadata.row_group(group).total_byte_size, 0) for group in range(metadata.num_row_groups)
    )
    rows: int = metadata.num_rows
    return max(1, min(BATCH_ROWS, BATCH_BYTES * max(rows, 1) // max(size, 1)))
