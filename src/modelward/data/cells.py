"""The canonical encoding of one value, and its digest. Normative text: docs/data.md, "Row digests".

A value is encoded as tag (1 byte), length of the payload (8 bytes, big-endian), payload. What is encoded is
the value, never the bytes of a file nor the width of a type: so the same row has the same digest in CSV,
JSONL and Parquet.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any, NamedTuple

from modelward.core.errors import InputError

#: The name of this encoding in statements and indexes. A change of any rule is a new name.
ENCODING = "modelward-rows/1"

DIGEST_BYTES = 32

#: None, bool, int, float, Decimal, str, bytes, list, dict with string keys, Temporal or Pairs.
Value = Any

_NAN = struct.pack(">d", float("nan"))
_SMALL = 1024
_MAX_EXPONENT = 1000


class Temporal(NamedTuple):
    """A date, time, timestamp or duration: what it is (one of the tags below) and how many.

    `D` days since 1970-01-01; `T` nanoseconds since 1970-01-01T00:00:00 without a zone; `Z` nanoseconds
    since then in UTC; `t` nanoseconds since midnight; `u` nanoseconds of duration.
    """

    tag: bytes
    number: int


class Pairs(NamedTuple):
    """A map: its (key, value) pairs in any order."""

    items: tuple[tuple[Value, Value], ...]


def frame(tag: bytes, payload: bytes) -> bytes:
    """Tag, length, payload."""
    return tag + len(payload).to_bytes(8, "big") + payload


_NULL = frame(b"n", b"")
_FALSE = frame(b"b", b"\x00")
_TRUE = frame(b"b", b"\x01")
_TEXT_HEADS = [b"s" + length.to_bytes(8, "big") for length in range(_SMALL)]


def encode(value: Value) -> bytes:
    """The canonical encoding of one value.

    Raises InputError for text that is not Unicode (lone surrogates), a decimal with an absurd exponent and a
    map that names a key twice.
    """
    try:
        encoder = _ENCODERS[type(value)]
    except KeyError:
        raise TypeError(f"not a cell value: {type(value).__name__}") from None
    return encoder(value)


def digests(values: Sequence[Value]) -> list[bytes | None]:
    """The cell digest of each value: the SHA-256 of its encoding. None for a null.

    The values are of one column, so of one type. Raises InputError as `encode`.
    """
    kinds = set(map(type, values))
    if kinds <= _REPEATING:  # labels and flags: hash each distinct value once
        distinct = set(values)
        if len(distinct) * 2 <= len(values):
            known = {value: _digest(value) for value in distinct}
            return [known[value] for value in values]
    if kinds <= {str}:
        return _text_digests(values)
    return [_digest(value) for value in values]


#: Types whose equal values have equal digests. (1, 1.0 and Decimal(1) do; True and 1 do not.)
_REPEATING = {str, int, float, Decimal, bytes, type(None)}


def _digest(value: Value) -> bytes | None:
    return None if value is None else sha256(encode(value)).digest()


def _text_digests(values: Iterable[str]) -> list[bytes | None]:
    result: list[bytes | None] = []
    heads = _TEXT_HEADS
    try:
        for value in values:
            data = value.encode()
            length = len(data)
            head = heads[length] if length < _SMALL else b"s" + length.to_bytes(8, "big")
            result.append(sha256(head + data).digest())
    except UnicodeEncodeError:
        raise _not_unicode() from None
    return result


def _not_unicode() -> InputError:
    return InputError("the text holds a lone surrogate, which is not Unicode")


def shortest(number: int) -> bytes:
    """The shortest two's complement, big-endian: the content octets of a DER INTEGER."""
    length = (number if number >= 0 else ~number).bit_length() // 8 + 1
    return number.to_bytes(length, "big", signed=True)


def _encode_integer(value: int) -> bytes:
    return frame(b"i", shortest(value))


def _encode_float(value: float) -> bytes:
    if value.is_integer():  # also -0.0, which is 0
        return _encode_integer(int(value))
    return frame(b"f", _NAN if value != value else struct.pack(">d", value))


def _encode_decimal(value: Decimal) -> bytes:
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or abs(exponent) > _MAX_EXPONENT:
        raise InputError("the decimal is not finite or its exponent is out of range")
    unscaled = int("".join(map(str, digits)))
    while exponent < 0 and unscaled % 10 == 0 and unscaled:
        unscaled //= 10
        exponent += 1
    unscaled = -unscaled if sign else unscaled
    if exponent >= 0 or unscaled == 0:
        return _encode_integer(unscaled * 10 ** max(exponent, 0))
    return frame(b"d", _encode_integer(unscaled) + _encode_integer(-exponent))


def _encode_text(value: str) -> bytes:
    try:
        return frame(b"s", value.encode())
    except UnicodeEncodeError:
        raise _not_unicode() from None


def _encode_list(values: list[Value]) -> bytes:
    return frame(b"l", b"".join(map(encode, values)))


def _encode_struct(fields: dict[str, Value]) -> bytes:
    present = [
        (_encode_text(name), encode(value)) for name, value in sorted_by_name(fields) if value is not None
    ]
    return frame(b"o", b"".join(part for pair in present for part in pair))


def sorted_by_name(fields: dict[str, Value]) -> list[tuple[str, Value]]:
    """The items by name. Code points sort as their UTF-8 bytes do."""
    return sorted(fields.items(), key=lambda item: item[0])


def _encode_map(pairs: Pairs) -> bytes:
    encoded = sorted((encode(key), encode(value)) for key, value in pairs.items)
    if len({key for key, _ in encoded}) != len(encoded):
        raise InputError("the map names a key twice")
    return frame(b"m", b"".join(part for pair in encoded for part in pair))


_ENCODERS: dict[type, Callable[[Any], bytes]] = {
    type(None): lambda _: _NULL,
    bool: lambda value: _TRUE if value else _FALSE,
    int: _encode_integer,
    float: _encode_float,
    Decimal: _encode_decimal,
    str: _encode_text,
    bytes: lambda value: frame(b"x", value),
    list: _encode_list,
    dict: _encode_struct,
    Temporal: lambda value: frame(value.tag, shortest(value.number)),
    Pairs: _encode_map,
}
