"""Reading a source forwards in small steps, through a window over it."""

from __future__ import annotations

from typing import Literal

from modelward.core.errors import InputError
from modelward.formats.source import Source

WINDOW_BYTES = 1 << 16


class Window:
    """A place in a source that moves on. Raises InputError past its end."""

    def __init__(self, source: Source, at: int = 0, *, breaks_off: str = "the file breaks off") -> None:
        self.source = source
        self._data, self._begin = b"", at
        self._at = 0
        self._breaks_off = breaks_off

    @property
    def at(self) -> int:
        """The offset of the next byte."""
        return self._begin + self._at

    @property
    def left(self) -> int:
        """Bytes to the end."""
        return self.source.size - self.at

    def take(self, count: int) -> bytes:
        """The next `count` bytes, which are to be few."""
        begin = self._at
        if begin + count > len(self._data):
            self._begin += begin
            if count > self.source.size - self._begin:
                raise InputError(self._breaks_off)
            self._data, begin = self.source.read(self._begin, max(count, WINDOW_BYTES)), 0
        self._at = begin + count
        return self._data[begin : self._at]

    def peek(self) -> int:
        """The next byte, which stays the next."""
        byte = self.take(1)[0]
        self.back(1)
        return byte

    def back(self, count: int) -> None:
        """Go back over the bytes that were taken last."""
        self._at -= count

    def number(self, width: int, order: Literal["little", "big"] = "little", *, signed: bool = False) -> int:
        """The next integer of `width` bytes."""
        return int.from_bytes(self.take(width), order, signed=signed)

    def skip(self, count: int) -> None:
        """Pass over `count` bytes, however many."""
        if count < 0 or count > self.left:
            raise InputError(self._breaks_off)
        if self._at + count <= len(self._data):
            self._at += count
        else:
            self._begin += self._at + count
            self._data, self._at = b"", 0
