from __future__ import annotations

import struct

from modelward.formats.source import CHUNK_BYTES, BytesSource
from modelward.formats.tensorrt import libraries

ELF = b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HH", 3, 62) + bytes(100)
PE = b"MZ" + bytes(58) + struct.pack("<I", 128) + bytes(64) + b"PE\0\0" + bytes(20)


def places(data: bytes) -> list[int | None]:
    return [fact.offset for fact in libraries(BytesSource(data))]


def test_native_libraries_are_found_wherever_they_begin() -> None:
    assert places(b"ftrt" + bytes(60) + ELF) == [64]
    assert places(b"ftrt" + bytes(60) + PE) == [64]
    assert places(bytes(CHUNK_BYTES - 10) + ELF) == [CHUNK_BYTES - 10]


def test_marks_without_a_header_are_numbers() -> None:
    assert places(b"ftrt" + b"\x7fELF" + b"\xff" * 80 + b"MZ" + b"\xff" * 80) == []
