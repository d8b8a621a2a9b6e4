"""Arrow IPC, file or stream (`.arrow`, `.ipc`), and Feather, which is the file format."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from typing import Any

from modelward.core.errors import ModelwardError
from modelward.data.arrow import ArrowColumns, pyarrow
from modelward.data.readers import arrow_layout
from modelward.data.readers.arrow_tables import first_line, shapes_of, slices
from modelward.data.readers.shard import Batch, OpenShard, SeekSource


def read(shard: OpenShard, types: Mapping[str, str]) -> Generator[Batch, None, None]:
    """Read a shard. Raises InputError naming the file, and the first row of the batch it is in."""
    arrow = pyarrow()
    done = 0
    try:
        source = SeekSource(shard)
        if source.read(0, 4) == b"FEA1":
            raise shard.bad("start", "Feather version 1 is not read", "write it as version 2")
        shard.check_rows(arrow_layout.check(source))
        found = batches(source)
        shapes = shapes_of(shard, next(found))
        for whole in found:
            whole.validate(full=True)
            for part in slices(shard, whole, done):
                yield Batch(ArrowColumns(part, shapes), part.num_rows, shapes)
                done += part.num_rows
    except ModelwardError as error:
        raise shard.located(error, f"from row {done + 1}") from None
    except (arrow.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        place = f"from row {done + 1}" if done else "start"
        raise shard.bad(place, f"not readable as Arrow: {first_line(error)}") from None
    yield Batch({name: [] for name in shapes}, 0, shapes)


def batches(source: SeekSource) -> Iterator[Any]:
    """The schema, then each record batch."""
    arrow = pyarrow()
    if arrow_layout.is_file(source):
        with arrow.ipc.open_file(arrow.PythonFile(source.stream, mode="r")) as file:
            yield file.schema
            for index in range(file.num_record_batches):
                yield file.get_batch(index)
    else:
        source.stream.seek(0)
        with arrow.ipc.open_stream(arrow.PythonFile(source.stream, mode="r")) as stream:
            yield stream.schema
            yield from stream
