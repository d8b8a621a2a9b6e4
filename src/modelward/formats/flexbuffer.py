"""FlexBuffers, as far as a vector of texts goes (flatbuffers.dev, "FlexBuffers").

TensorFlow Lite keeps the options of operations that are TensorFlow's in one.
"""

from __future__ import annotations

from modelward.core.errors import InputError

_TEXT, _VECTOR, _BLOB = 5, 10, 25
_WIDTHS = frozenset({1, 2, 4, 8})


def texts(data: bytes, count: int) -> list[bytes]:
    """The first elements of the vector that `data` holds, each a text or a blob. Raises InputError."""
    if len(data) < 3 or data[-2] >> 2 != _VECTOR or data[-1] not in _WIDTHS:
        raise InputError("its options are no vector")
    width = 1 << (data[-2] & 3)
    start = _followed(data, len(data) - 2 - data[-1], data[-1])
    held = _number(data, start - width, width)
    if held < count:
        raise InputError(f"its options are a vector of {held}")
    kinds = start + held * width
    return [
        _text(data, start + index * width, width, _number(data, kinds + index, 1)) for index in range(count)
    ]


def _text(data: bytes, at: int, width: int, kind: int) -> bytes:
    if kind >> 2 not in (_TEXT, _BLOB):
        raise InputError("its options are no texts")
    start, own = _followed(data, at, width), 1 << (kind & 3)
    length = _number(data, start - own, own)
    if start + length > len(data):
        raise InputError("its options break off")
    return data[start : start + length]


def _followed(data: bytes, at: int, width: int) -> int:
    """Where an offset leads, which is always backwards."""
    return at - _number(data, at, width)


def _number(data: bytes, at: int, width: int) -> int:
    if at < 0 or at + width > len(data):
        raise InputError("its options break off")
    return int.from_bytes(data[at : at + width], "little")
