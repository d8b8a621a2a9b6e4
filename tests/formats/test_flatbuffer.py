from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.assemble_graph import flatbuffer

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats import flatbuffer as formats_flatbuffer
from modelward.formats.flatbuffer import Buffer, Wild
from modelward.formats.source import BytesSource

GOOD = flatbuffer(b"TEST", {0: 7, 1: "text", 2: [{0: 1}, {0: 2}], 3: (4, 5, -6), 5: {0: -1}, 6: ["a", "b"]})


def opened(data: bytes) -> Buffer:
    return Buffer(BytesSource(data))


def test_tables_vectors_and_texts_are_read() -> None:
    root = opened(GOOD).root()
    assert (root.number(0, 4), root.text(1), root.raw(1)) == (7, "text", b"text")
    assert [table.number(0, 1) for table in root.tables(2)] == [1, 2]
    assert root.numbers(3) == (5, -6)
    inner = root.table(5)
    assert inner is not None
    assert inner.number(0, 4, signed=True) == -1
    assert root.texts(6) == ["a", "b"]


def test_fields_that_are_left_out_have_their_defaults() -> None:
    root = opened(GOOD).root()
    assert (root.number(4, 4, 9), root.number(40, 4), root.text(4), root.count(4)) == (9, 0, "", 0)
    assert root.table(4) is None


def test_an_offset_into_nowhere_is_told_from_a_file_that_breaks_off() -> None:
    with pytest.raises(Wild):
        opened(struct.pack("<I", 0xFFFFFFF0) + b"TEST").root()
    with pytest.raises(InputError) as breaks:
        opened(struct.pack("<I", 5000) + b"TEST").root()
    assert not isinstance(breaks.value, Wild)


def test_a_description_before_the_file_is_noticed() -> None:
    data = bytearray(GOOD)
    root = struct.unpack_from("<I", data)[0]
    struct.pack_into("<i", data, root, 1 << 20)
    with pytest.raises(Wild):
        opened(bytes(data)).root()


def test_a_field_outside_its_table_is_noticed() -> None:
    data = bytearray(GOOD)
    root = struct.unpack_from("<I", data)[0]
    vtable = root - struct.unpack_from("<i", data, root)[0]
    struct.pack_into("<H", data, vtable + 4, 0xFFF0)
    with pytest.raises(Wild):
        opened(bytes(data)).root()


def test_a_vector_of_billions_is_noticed() -> None:
    data = bytearray(GOOD)
    root = opened(GOOD).root()
    start, _ = root.vector(3, 4)
    struct.pack_into("<I", data, start - 4, 0x7FFFFFFF)
    with pytest.raises(Wild):
        opened(bytes(data)).root().numbers(3)


def test_tables_that_are_followed_over_and_over_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats_flatbuffer, "_MAX_TABLES", 10)
    buffer = opened(GOOD)
    with pytest.raises(LimitExceeded):
        [buffer.root() for _ in range(20)]


@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=4))
def test_no_change_crashes_the_reader(at: int, change: bytes) -> None:
    data = GOOD[:at] + change + GOOD[at + len(change) :]
    try:
        root = opened(data).root()
        root.numbers(3)
        root.texts(6)
        root.text(1)
        for table in root.tables(2):
            table.number(0, 8)
    except InputError:
        pass
