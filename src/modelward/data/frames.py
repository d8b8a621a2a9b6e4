"""Frames of pandas, Polars, `datasets` and Daft, and Arrow tables, as Arrow: read, never changed.

A frame is known by its class, so that none of these libraries is imported here. Any other object that speaks
the Arrow C stream interface (`__arrow_c_stream__`) is a frame too, unless it is a single column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from modelward.core import atomic
from modelward.core.errors import InputError, UsageError
from modelward.data.arrow import pyarrow

#: Rows of a row group, whatever the batches of the frame: the same rows give the same file.
ROW_GROUP = 1 << 16


def is_frame(value: object) -> bool:
    """Whether this is a table of rows that can be recorded."""
    return _reader_of(value) is not None


def settled(frame: Any) -> Any:
    """The frame, computed if it was not: what is recorded is what is used afterwards.

    A Polars LazyFrame gives another one, over the computed rows; a Daft DataFrame keeps its own result.
    """
    if _is(frame, "polars", "LazyFrame"):
        return frame.collect().lazy()
    if _is(frame, "daft", "DataFrame"):
        return frame.collect()
    return frame


def write(frame: Any, path: Path) -> None:
    """Write a frame's rows as Parquet, whole or not at all. An index of pandas is not a column.

    Equal frames give equal files with the same version of pyarrow. Raises UsageError for what is no frame,
    InputError for values that Arrow or Parquet cannot hold.
    """
    arrow = pyarrow()
    read = _reader_of(frame)
    if read is None:
        raise UsageError(
            f"{type(frame).__name__} is no frame that can be recorded",
            help="pass a table of pandas, Polars, datasets, Daft or Arrow, or the path of a file",
        )
    try:
        schema, batches = read(frame)
        schema = schema.remove_metadata()
        with (
            atomic.replacing(path) as stream,
            arrow.parquet.ParquetWriter(stream, schema, compression="zstd") as file,
        ):
            for table in _grouped(schema, batches):
                file.write_table(table, row_group_size=ROW_GROUP)
    except (arrow.ArrowException, TypeError, ValueError) as error:
        message = (str(error).splitlines() or [type(error).__name__])[0][:300]
        raise InputError(
            f"the frame cannot be written: {message}",
            where=path.name,
            help="give each column one type that Arrow has",
        ) from None
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(path)) from None


def _grouped(schema: Any, batches: Iterator[Any]) -> Iterator[Any]:
    """The rows as tables of ROW_GROUP rows each."""
    arrow = pyarrow()
    waiting: list[Any] = []
    rows = 0
    for batch in batches:
        waiting.append(batch.replace_schema_metadata(None).cast(schema))
        rows += batch.num_rows
        while rows >= ROW_GROUP:
            whole = arrow.Table.from_batches(waiting, schema)
            yield whole.slice(0, ROW_GROUP).combine_chunks()
            waiting = whole.slice(ROW_GROUP).to_batches()
            rows -= ROW_GROUP
    if rows:
        yield arrow.Table.from_batches(waiting, schema).combine_chunks()


Read = Callable[[Any], tuple[Any, Iterator[Any]]]


def _reader_of(frame: object) -> Read | None:
    """What turns a frame into its schema and record batches."""
    for library, name, read in _READERS:
        if _is(frame, library, name):
            return read
    if any(_is(frame, library, name) for library, name in _COLUMNS):
        return None
    return _from_stream if hasattr(frame, "__arrow_c_stream__") and not isinstance(frame, type) else None


def _is(frame: object, library: str, name: str) -> bool:
    return any(
        kind.__name__ == name and kind.__module__.partition(".")[0] == library for kind in type(frame).__mro__
    )


def _from_pandas(frame: Any) -> tuple[Any, Iterator[Any]]:
    names = list(frame.columns)
    if any(not isinstance(name, str) for name in names) or len(set(names)) != len(names):
        raise UsageError(
            "columns of a frame have names, each its own", help="rename them: frame.columns = [...]"
        )
    table = pyarrow().Table.from_pandas(frame, preserve_index=False)
    return table.schema, iter(table.to_batches(ROW_GROUP))


def _from_datasets(frame: Any) -> tuple[Any, Iterator[Any]]:
    arrow = pyarrow()
    schema = arrow.schema([(field.name, field.type) for field in frame.features.arrow_schema])
    tables = frame.with_format("arrow").iter(batch_size=ROW_GROUP)
    return schema, (batch for table in tables for batch in table.to_batches())


def _from_daft(frame: Any) -> tuple[Any, Iterator[Any]]:
    table = frame.to_arrow()
    return table.schema, iter(table.to_batches(ROW_GROUP))


def _from_lazy(frame: Any) -> tuple[Any, Iterator[Any]]:
    return _from_stream(frame.collect())


def _from_stream(frame: Any) -> tuple[Any, Iterator[Any]]:
    reader = pyarrow().RecordBatchReader.from_stream(frame)
    return reader.schema, iter(reader)


def _read_once(frame: Any) -> tuple[Any, Iterator[Any]]:
    raise UsageError(
        f"{type(frame).__name__} can be read only once, and that by your code",
        help="make a table of it first: read_all(), or Dataset.from_generator",
    )


#: (library, class, what reads it). Subclasses count.
_READERS: tuple[tuple[str, str, Read], ...] = (
    ("pandas", "DataFrame", _from_pandas),
    ("polars", "LazyFrame", _from_lazy),
    ("datasets", "Dataset", _from_datasets),
    ("datasets", "IterableDataset", _read_once),
    ("daft", "DataFrame", _from_daft),
    ("pyarrow", "RecordBatchReader", _read_once),
)

#: Single columns, which can be streamed too.
_COLUMNS = (("pandas", "Series"), ("polars", "Series"), ("pyarrow", "ChunkedArray"))


def labels(frame: Any) -> list[Any] | None:
    """What names each row through a step, where the frame has it: the index of a pandas frame."""
    if _is(frame, "pandas", "DataFrame") and frame.index.is_unique:
        return list(frame.index)
    return None
