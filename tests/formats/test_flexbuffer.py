from __future__ import annotations

import contextlib

import pytest
from tests.formats.assemble_graph import flexbuffer

from modelward.core.errors import InputError
from modelward.formats.flexbuffer import texts


def test_texts_are_read_in_order() -> None:
    data = flexbuffer(b"ReadFile", b"\x0a\x00node")
    assert texts(data, 2) == [b"ReadFile", b"\x0a\x00node"]
    assert texts(data, 1) == [b"ReadFile"]


def test_texts_as_the_library_writes_them_with_one_byte_widths() -> None:
    data = (
        b"\x02Hi\0\x01N\0" + b"\x02" + b"\x07\x04" + bytes([5 << 2, 5 << 2]) + b"\x04" + bytes([10 << 2, 1])
    )
    assert texts(data, 2) == [b"Hi", b"N"]


def test_a_blob_is_as_good_as_a_text() -> None:
    data = flexbuffer(b"Op", b"node")
    assert texts(data[:-7] + bytes([25 << 2 | 2]) + data[-6:], 2) == [b"Op", b"node"]


@pytest.mark.parametrize(
    "data", [b"", b"abc", flexbuffer(), flexbuffer(b"Op"), flexbuffer(b"Op", b"n")[:-1], b"\0" * 9]
)
def test_what_is_no_vector_of_two_texts_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        texts(data, 2)


def test_no_change_crashes_the_reader() -> None:
    good = flexbuffer(b"Op", b"node")
    for at in range(len(good)):
        for value in (0, 1, 0x55, 0xFF):
            with contextlib.suppress(InputError):
                texts(good[:at] + bytes([value]) + good[at + 1 :], 2)
