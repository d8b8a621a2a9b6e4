from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.assemble_graph import field, message, parsed, varint

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats import protobuf
from modelward.formats.protobuf import BYTES, FIXED32, FIXED64, VARINT, Message
from modelward.formats.source import BytesSource


def test_fields_are_read_in_order_with_their_places() -> None:
    found = list(parsed(message((1, 300), (2, "abc"), (3, 1.5))).fields())
    assert [(entry.number, entry.wire) for entry in found] == [(1, VARINT), (2, BYTES), (3, FIXED32)]
    assert (found[0].value, found[1].value, found[1].start) == (300, 3, 5)
    assert protobuf.real(found[2]) == 1.5


def test_doubles_and_packed_and_negative_numbers_are_read() -> None:
    data = varint(1 << 3 | 1) + b"\0\0\0\0\0\0\xf8\x3f" + field(2, varint(5) + varint(-3)) + field(3, -7)
    root = parsed(data)
    double, packed, single = root.fields()
    assert (double.wire, protobuf.real(double)) == (FIXED64, 1.5)
    assert root.numbers(packed) == [5, -3]
    assert root.numbers(single) == [-7]


def test_a_tensor_of_gigabytes_is_stepped_over() -> None:
    class Huge(BytesSource):
        read_bytes = 0

        def read(self, offset: int, length: int) -> bytes:
            Huge.read_bytes += length
            return (self.data[offset : offset + length]).ljust(min(length, self.size - offset), b"\0")

    source = Huge(varint(9 << 3 | 2) + varint(1 << 33))
    source.size = len(source.data) + (1 << 33)
    (entry,) = Message(source).fields()
    assert entry.value == 1 << 33
    assert Huge.read_bytes < 1 << 20
    with pytest.raises(LimitExceeded):
        Message(source).raw(entry)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x0a\x05abc", "breaks off"),
        (b"\x08" + b"\xff" * 10 + b"\1", "over ten bytes"),
        (b"\x00\x01", "field 0"),
        (b"\x0b\x08\x01\x0c", "wire type 3"),
        (b"\x08", "breaks off"),
        (b"\x09\1\2", "breaks off"),
        (b"\x0a", "breaks off"),
    ],
)
def test_bytes_that_are_no_message_are_refused(data: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        list(parsed(data).fields())


def test_messages_nested_without_end_are_refused() -> None:
    data = b""
    for _ in range(200):
        data = field(1, data)

    def descend(inner: Message) -> None:
        while True:
            inner = inner.child(next(iter(inner.fields())))

    with pytest.raises(LimitExceeded, match="deep"):
        descend(parsed(data))


def test_a_file_of_nothing_but_fields_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protobuf, "MAX_FIELDS", 100)
    with pytest.raises(LimitExceeded, match="fields"):
        list(parsed(b"\x08\x01" * 200).fields())


def test_a_number_is_no_message() -> None:
    root = parsed(field(1, 5))
    (entry,) = root.fields()
    with pytest.raises(InputError):
        root.child(entry)
    with pytest.raises(InputError):
        root.raw(entry)


@given(st.binary(max_size=400))
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    root = parsed(data)
    try:
        for entry in root.fields():
            if entry.wire == BYTES:
                assert len(root.raw(entry)) == entry.value
                list(root.child(entry).fields())
                root.numbers(entry)
    except InputError:
        pass


@given(st.lists(st.tuples(st.integers(1, 1000), st.binary(max_size=40_000)), max_size=8))
def test_large_messages_are_read_as_small_ones(fields: list[tuple[int, bytes]]) -> None:
    root = parsed(message(*fields))
    assert [(entry.number, root.raw(entry)) for entry in root.fields()] == fields
