"""MessagePack as Flax writes it, put together by hand."""

from __future__ import annotations

import struct
from typing import Any


def pack(value: Any) -> bytes:
    """Text, bytes, small numbers, lists and maps; `Raw` bytes as they are."""
    match value:
        case Raw():
            return value.data
        case None:
            return b"\xc0"
        case bool():
            return b"\xc3" if value else b"\xc2"
        case int():
            return bytes([value]) if 0 <= value < 128 else b"\xcf" + struct.pack(">Q", value)
        case float():
            return b"\xcb" + struct.pack(">d", value)
        case str():
            data = value.encode()
            return (
                bytes([0xA0 | len(data)]) if len(data) < 32 else b"\xdb" + struct.pack(">I", len(data))
            ) + data
        case bytes():
            return b"\xc6" + struct.pack(">I", len(value)) + value
        case dict():
            body = b"".join(pack(key) + pack(item) for key, item in value.items())
            return (
                bytes([0x80 | len(value)]) if len(value) < 16 else b"\xde" + struct.pack(">H", len(value))
            ) + body
        case _:
            return b"\xdc" + struct.pack(">H", len(value)) + b"".join(map(pack, value))


class Raw:
    """Bytes that are packed already."""

    def __init__(self, data: bytes) -> None:
        self.data = data


def array(shape: list[int], dtype: str = "float32", data: bytes | None = None, kind: int = 1) -> Raw:
    """An array in Flax's extension type."""
    size = 4
    for dimension in shape:
        size *= dimension
    inner = b"\x93\x9f" if len(shape) == 15 else b"\x93" + bytes([0x90 | len(shape)])
    inner += b"".join(map(pack, shape)) + pack(dtype) + pack(bytes(size) if data is None else data)
    return Raw(b"\xc9" + struct.pack(">Ib", len(inner), kind) + inner)
