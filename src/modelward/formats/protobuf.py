"""The wire format of protocol buffers, read field by field without a schema and without copying.

A message is a span of a source; what lies in it is read when asked for, so that tensors of any size are
stepped over. Bounded: in fields per file, in depth, in bytes read at once. Strict where parsers are: a
varint of over ten bytes, field 0, a length past the enclosing message are errors (protobuf.dev, "Encoding").
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.source import Source

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
#: What protobuf's own parsers allow.
MAX_DEPTH = 100
MAX_FIELDS = 8_000_000
#: The longest text or list that is read as one.
MAX_VALUE_BYTES = 16 << 20
_HEAD_BYTES = 20  # a tag and a varint
_WINDOW_BYTES = 16 << 10
_MAX_NUMBER = (1 << 29) - 1


class Field(NamedTuple):
    """One field: `value` is its number, or, of bytes, their length; they lie at `start`."""

    number: int
    wire: int
    value: int
    start: int


_field = tuple.__new__  # what a NamedTuple's own constructor does, without its call


class _Spent:
    """Fields read in a file so far."""

    __slots__ = ("fields",)

    def __init__(self) -> None:
        self.fields = 0


class Message:
    """A span of a source taken for a message."""

    __slots__ = ("_base", "_held", "_spent", "depth", "end", "source", "start")

    def __init__(self, source: Source, start: int = 0, end: int | None = None) -> None:
        self.source = source
        self.start = start
        self.end = source.size if end is None else end
        self.depth = 0
        self._spent = _Spent()
        self._held = b""
        self._base = start

    def child(self, field: Field) -> Message:
        """A field's bytes, taken for a message. Raises InputError, LimitExceeded."""
        if field.wire != BYTES:
            raise InputError(f"field {field.number} at byte {field.start} is no message")
        made = Message(self.source, field.start, field.start + field.value)
        made.depth = self.depth + 1
        made._spent = self._spent
        if self._base <= field.start and made.end <= self._base + len(self._held):
            made._held, made._base = self._held, self._base
        if made.depth > MAX_DEPTH:
            raise LimitExceeded(f"its messages are nested over {MAX_DEPTH} deep")
        return made

    def fields(self) -> Iterator[Field]:
        """Every field, in order. Raises InputError where the bytes are no message, LimitExceeded."""
        at, end = self.start, self.end
        held, base = self._held, self._base
        spent = self._spent
        while at < end:
            here = at - base
            if here < 0 or (here + _HEAD_BYTES > len(held) and base + len(held) < end) or here >= len(held):
                held = self._fill(at, _WINDOW_BYTES)
                base, here = at, 0
            tag = held[here]
            if tag < 0x80:  # most tags and lengths are one byte
                here += 1
            else:
                tag, here = _varint(held, here, base)
            number, wire = tag >> 3, tag & 7
            if not 0 < number <= _MAX_NUMBER:
                raise InputError(f"byte {at} begins a field {number}, which cannot be")
            start = base + here
            if wire == BYTES:
                if here < len(held) and held[here] < 0x80:
                    value = held[here]
                    here += 1
                else:
                    value, here = _varint(held, here, base)
                start = base + here
                at = start + value
            elif wire == VARINT:
                value, here = _varint(held, here, base)
                at = base + here
            elif wire in (FIXED32, FIXED64):
                width = 4 if wire == FIXED32 else 8
                value = int.from_bytes(held[here : here + width], "little")
                at = start + width
            else:
                raise InputError(f"field {number} at byte {at} is of the wire type {wire}")
            if at > end:
                raise InputError(f"field {number} at byte {start} breaks off")
            spent.fields += 1
            if spent.fields > MAX_FIELDS:
                raise LimitExceeded(f"it has over {MAX_FIELDS} fields")
            yield _field(Field, (number, wire, value, start))

    def _fill(self, at: int, length: int) -> bytes:
        self._held, self._base = self.source.read(at, min(length, self.end - at)), at
        if not self._held:
            raise InputError(f"it breaks off at byte {at}")
        return self._held

    def raw(self, field: Field) -> bytes:
        """The bytes of a field. Raises LimitExceeded, and InputError if it is a number."""
        if field.wire != BYTES:
            raise InputError(f"field {field.number} at byte {field.start} is a number")
        if field.value > MAX_VALUE_BYTES:
            raise LimitExceeded(f"field {field.number} at byte {field.start} is over {MAX_VALUE_BYTES} bytes")
        here = field.start - self._base
        if here >= 0 and here + field.value <= len(self._held):
            return self._held[here : here + field.value]
        return self.source.read(field.start, field.value)

    def text(self, field: Field) -> str:
        """The text of a field, whatever its bytes. Raises as `raw`."""
        return self.raw(field).decode("utf-8", "backslashreplace")

    def texts(self, *numbers: int) -> tuple[str, ...]:
        """The texts of fields by their numbers, empty where there is none. Raises as `raw`."""
        texts = dict.fromkeys(numbers, "")
        for field in self.fields():
            if field.wire == BYTES and field.number in texts:
                texts[field.number] = self.text(field)
        return tuple(texts.values())

    def numbers(self, field: Field) -> list[int]:
        """One number, or a packed list of varints, as signed 64 bit. Raises InputError, LimitExceeded."""
        if field.wire != BYTES:
            return [signed(field.value)]
        data = self.raw(field)
        found, at = [], 0
        while at < len(data):
            value, at = _varint(data, at, field.start)
            found.append(signed(value))
        return found


def signed(value: int) -> int:
    """A varint as an int64."""
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value


def real(field: Field) -> float:
    """A fixed field as a float or double."""
    width, kind = (4, "<f") if field.wire == FIXED32 else (8, "<d")
    return float(struct.unpack(kind, field.value.to_bytes(width, "little"))[0])


def _varint(data: bytes, at: int, base: int) -> tuple[int, int]:
    """A number and where it ends. Raises InputError."""
    try:
        byte = data[at]
        if byte < 0x80:
            return byte, at + 1
        value, shift = byte & 0x7F, 7
        while shift < 70:
            at += 1
            byte = data[at]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value & ((1 << 64) - 1), at + 1
            shift += 7
    except IndexError:
        raise InputError(f"it breaks off at byte {base + at}") from None
    raise InputError(f"the number at byte {base + at} has over ten bytes")
