"""FlatBuffers, read in place: tables, vectors and texts at offsets that are checked before they are followed.

flatbuffers.dev, "Internals". The bytes are read in blocks as they are needed, never all at once.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.source import Source

_BLOCK_BYTES = 64 << 10
_MAX_BLOCKS = 64
#: No offset and no vector of a buffer reaches this far (FLATBUFFERS_MAX_BUFFER_SIZE).
_MAX_BYTES = 1 << 31
_MAX_TEXT_BYTES = 1 << 20
#: Tables followed in one file.
_MAX_TABLES = 4_000_000


class Wild(InputError):
    """An offset or a count that no writer writes: it leads before the buffer, or over two gigabytes on."""


class Buffer:
    """A flatbuffer that begins at the first byte of a source."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._blocks: dict[int, bytes] = {}
        self._tables = 0

    def root(self) -> Table:
        """The table that the first four bytes point to. Raises InputError, as do all that read."""
        return self.table(0)

    def read(self, at: int, length: int) -> bytes:
        """Exactly `length` bytes at `at`. Raises InputError past the end."""
        first, last = at // _BLOCK_BYTES, (at + max(length, 1) - 1) // _BLOCK_BYTES
        if first != last:
            data = self.source.read(at, length)
        else:
            block = self._blocks.get(first)
            if block is None:
                if len(self._blocks) >= _MAX_BLOCKS:
                    self._blocks.clear()
                block = self._blocks[first] = self.source.read(first * _BLOCK_BYTES, _BLOCK_BYTES)
            data = block[at - first * _BLOCK_BYTES :][:length]
        if len(data) != length:
            raise InputError(f"it breaks off: there is no byte {at + length - 1}")
        return data

    def number(self, at: int, width: int, *, signed: bool = False) -> int:
        """A number of `width` bytes."""
        return int.from_bytes(self.read(at, width), "little", signed=signed)

    def follow(self, at: int) -> int:
        """Where the offset at `at` leads."""
        offset = self.number(at, 4)
        if not 0 < offset < _MAX_BYTES:
            raise Wild(f"the offset {offset} at byte {at} leads nowhere")
        return at + offset

    def table(self, at: int) -> Table:
        """The table that the offset at `at` points to. Raises LimitExceeded after too many."""
        self._tables += 1
        if self._tables > _MAX_TABLES:
            raise LimitExceeded(f"it has over {_MAX_TABLES} tables")
        return Table(self, self.follow(at))


class Table:
    """One table: its fields by their number in the schema."""

    __slots__ = ("_slots", "at", "buffer")

    def __init__(self, buffer: Buffer, at: int) -> None:
        self.buffer = buffer
        self.at = at
        start = at - buffer.number(at, 4, signed=True)
        if not 0 <= start < _MAX_BYTES:
            raise Wild(f"the table at byte {at} has its fields described at byte {start}")
        length, size = struct.unpack("<HH", buffer.read(start, 4))
        if length < 4 or length % 2 or size < 4:
            raise Wild(f"the description of a table at byte {start} has {length} bytes for {size}")
        self._slots: tuple[int, ...] = struct.unpack(
            f"<{length // 2 - 2}H", buffer.read(start + 4, length - 4)
        )
        if any(slot >= size or 0 < slot < 4 for slot in self._slots):
            raise Wild(f"a field of the table at byte {at} lies outside it")

    def place(self, field: int) -> int | None:
        """Where a field lies, None if it has its default."""
        if field >= len(self._slots) or not self._slots[field]:
            return None
        return self.at + self._slots[field]

    def number(self, field: int, width: int, default: int = 0, *, signed: bool = False) -> int:
        """A field that is a number."""
        at = self.place(field)
        return default if at is None else self.buffer.number(at, width, signed=signed)

    def table(self, field: int) -> Table | None:
        """A field that is a table, or a union's value."""
        at = self.place(field)
        return None if at is None else self.buffer.table(at)

    def vector(self, field: int, width: int) -> tuple[int, int]:
        """Where the elements of a vector lie, each of `width` bytes, and how many there are."""
        at = self.place(field)
        if at is None:
            return 0, 0
        start = self.buffer.follow(at)
        count = self.buffer.number(start, 4)
        if count * width >= _MAX_BYTES:
            raise Wild(f"the vector at byte {start} has {count} elements")
        if start + 4 + count * width > self.buffer.source.size:
            raise InputError(f"it breaks off: the vector at byte {start} has {count} elements")
        return start + 4, count

    def count(self, field: int, width: int = 4) -> int:
        """How many elements a vector has."""
        return self.vector(field, width)[1]

    def tables(self, field: int) -> Iterator[Table]:
        """The tables of a vector."""
        start, count = self.vector(field, 4)
        for index in range(count):
            yield self.buffer.table(start + 4 * index)

    def numbers(self, field: int, width: int = 4, *, signed: bool = True) -> tuple[int, ...]:
        """The numbers of a vector. Raises LimitExceeded if it is long."""
        start, count = self.vector(field, width)
        if count * width > _MAX_TEXT_BYTES:
            raise LimitExceeded(f"the vector at byte {start} is over {_MAX_TEXT_BYTES} bytes")
        kind = {1: "b", 2: "h", 4: "i", 8: "q"}[width]
        kind = kind if signed else kind.upper()
        return struct.unpack(f"<{count}{kind}", self.buffer.read(start, count * width)) if count else ()

    def raw(self, field: int) -> bytes:
        """The bytes of a vector or a text. Raises LimitExceeded if it is long."""
        start, count = self.vector(field, 1)
        if count > _MAX_TEXT_BYTES:
            raise LimitExceeded(f"the text at byte {start} is over {_MAX_TEXT_BYTES} bytes")
        return self.buffer.read(start, count) if count else b""

    def text(self, field: int) -> str:
        """A text, whatever its bytes."""
        return self.raw(field).decode("utf-8", "backslashreplace")

    def texts(self, field: int) -> list[str]:
        """The texts of a vector."""
        start, count = self.vector(field, 4)
        found = []
        for index in range(count):
            at = self.buffer.follow(start + 4 * index)
            length = self.buffer.number(at, 4)
            if length > _MAX_TEXT_BYTES:
                raise Wild(f"the text at byte {at} has {length} bytes")
            found.append(self.buffer.read(at + 4, length).decode("utf-8", "backslashreplace"))
        return found
