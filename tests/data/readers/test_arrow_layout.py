from __future__ import annotations

import io
import struct

import pyarrow as pa
import pytest

from modelward.core.errors import InputError, LimitExceeded
from modelward.data.readers import arrow_layout
from modelward.formats.source import BytesSource

TABLE = pa.table({"a": list(range(100)), "b": [str(number) for number in range(100)]})


def written(table: pa.Table = TABLE, rows: int = 10) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, table.schema) as file:
        file.write_table(table, max_chunksize=rows)
    return sink.getvalue()


def test_rows_are_counted_before_anything_is_read() -> None:
    assert arrow_layout.check(BytesSource(written())) == 100
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, TABLE.schema) as stream:
        stream.write_table(TABLE, max_chunksize=10)
    assert arrow_layout.check(BytesSource(sink.getvalue())) == 100


def test_a_batch_that_the_footer_names_twice_is_refused() -> None:
    data = bytearray(written(rows=50))
    blocks = arrow_layout._footer(BytesSource(bytes(data)))
    first, second = (struct.pack("<qi", block.at, block.metadata) for block in blocks)
    at = data.rindex(second)
    data[at : at + 24] = data[data.rindex(first) :][:24]
    with pytest.raises(InputError, match="footer"):
        arrow_layout.check(BytesSource(bytes(data)))


def test_bodies_past_the_end_are_refused() -> None:
    with pytest.raises(InputError):
        arrow_layout.check(BytesSource(written()[:-400]))


def test_metadata_without_end_are_refused() -> None:
    with pytest.raises(LimitExceeded):
        arrow_layout.check(BytesSource(b"\xff\xff\xff\xff\xff\xff\xff\x7f" + bytes(100)))
