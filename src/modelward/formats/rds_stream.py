"""The primitive values of R's serialization in its three encodings: XDR, native binary, text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.source import Source

MAX_ASCII_BYTES = 64 << 20
_WINDOW = 1 << 16
_BREAKS_OFF = "the R data break off"


class Stream(ABC):
    """Integers, texts, and vectors that are passed over."""

    @abstractmethod
    def integer(self) -> int:
        """The next signed 32-bit integer. Raises InputError."""

    @abstractmethod
    def text(self, length: int) -> bytes:
        """The next text of `length` bytes. Raises InputError."""

    @abstractmethod
    def skip(self, count: int, width: int) -> None:
        """Pass over `count` elements, of `width` bytes each in binary. Raises InputError."""

    @abstractmethod
    def at(self) -> int:
        """Where the stream stands."""


class Binary(Stream):
    """XDR (big-endian) or the writer's own byte order."""

    def __init__(self, source: Source, begin: int, order: Literal["little", "big"]) -> None:
        self.source = source
        self.order: Literal["little", "big"] = order
        self._window, self._begin, self._at = b"", begin, begin

    def at(self) -> int:
        """See `Stream.at`."""
        return self._at

    def integer(self) -> int:
        """See `Stream.integer`."""
        return int.from_bytes(self._take(4), self.order, signed=True)

    def text(self, length: int) -> bytes:
        """See `Stream.text`."""
        return self._take(length)

    def skip(self, count: int, width: int) -> None:
        """See `Stream.skip`."""
        if self._at + count * width > self.source.size:
            raise InputError(_BREAKS_OFF)
        self._at += count * width

    def _take(self, count: int) -> bytes:
        begin = self._at - self._begin
        if not 0 <= begin <= len(self._window) - count:
            if count < 0 or self._at + count > self.source.size:
                raise InputError(_BREAKS_OFF)
            self._window, self._begin, begin = self.source.read(self._at, max(count, _WINDOW)), self._at, 0
        self._at += count
        return self._window[begin : begin + count]


class Ascii(Stream):
    """One value a line; texts with backslashes."""

    def __init__(self, source: Source, begin: int) -> None:
        if source.size > MAX_ASCII_BYTES:
            raise LimitExceeded(f"it is over {MAX_ASCII_BYTES >> 20} MiB of R data in text form")
        self.data = source.read(0, source.size)
        self._at = begin

    def at(self) -> int:
        """See `Stream.at`."""
        return self._at

    def _word(self) -> bytes:
        data, begin = self.data, self._at
        while data[begin : begin + 1].isspace():
            begin += 1
        end = begin
        while end < len(data) and not data[end : end + 1].isspace():
            end += 1
        if begin == end:
            raise InputError(_BREAKS_OFF)
        self._at = end
        return data[begin:end]

    def integer(self) -> int:
        """See `Stream.integer`."""
        word = self._word()
        if word == b"NA":
            return -(1 << 31)
        try:
            return int(word[:12])
        except ValueError:
            raise InputError("the R data have something else where a number is to be") from None

    def text(self, length: int) -> bytes:
        """See `Stream.text`."""
        data, begin = self.data, self._at
        while data[begin : begin + 1].isspace():
            begin += 1
        found = bytearray()
        while len(found) < length:
            if begin >= len(data):
                raise InputError(_BREAKS_OFF)
            byte = data[begin]
            begin += 1
            if byte == 0x5C:
                octal = data[begin : begin + 3]
                if octal[:1].isdigit():
                    digits = bytes(digit for digit in octal if 0x30 <= digit <= 0x37)
                    found.append(int(digits or b"0", 8) & 0xFF)
                    begin += max(1, len(digits))
                else:
                    found += _ESCAPES.get(octal[:1], octal[:1])
                    begin += 1
            else:
                found.append(byte)
        self._at = begin
        return bytes(found)

    def skip(self, count: int, width: int) -> None:
        """See `Stream.skip`."""
        if width == 1:
            for _ in range(count):
                self._word()
            return
        for _ in range(count * (2 if width == 16 else 1)):
            self._word()


_ESCAPES = {b"n": b"\n", b"t": b"\t", b"v": b"\v", b"b": b"\b", b"r": b"\r", b"f": b"\f", b"a": b"\a"}
