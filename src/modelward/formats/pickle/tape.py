"""The bytes of a pickle, read forward through a window."""

from __future__ import annotations

from modelward.core.errors import InputError
from modelward.formats.source import Source

WINDOW_BYTES = 256 << 10
FIRST_BYTES = 8 << 10  # many files are tried as a pickle and left at once
MAX_LINE_BYTES = 1 << 20


class Trouble(InputError):
    """The stream cannot be read further; a loader would stop here too."""


class Tape:
    """A cursor over a source: byte `base + at`, in the `window` that begins at `base`.

    Raises Trouble where the bytes end too early.
    """

    __slots__ = ("at", "base", "source", "window")

    def __init__(self, source: Source, offset: int = 0) -> None:
        self.source = source
        self.base = offset
        self.at = 0
        self.window = source.read(offset, FIRST_BYTES)

    @property
    def offset(self) -> int:
        """Where the next byte lies in the source."""
        return self.base + self.at

    def byte(self) -> int:
        """The next byte."""
        try:
            value = self.window[self.at]
        except IndexError:
            self._fill(1)
            value = self.window[0]
        self.at += 1
        return value

    def take(self, count: int) -> bytes:
        """The next `count` bytes, at most WINDOW_BYTES."""
        end = self.at + count
        data = self.window[self.at : end]
        if len(data) < count:
            self._fill(count)
            data, end = self.window[:count], count
        self.at = end
        return data

    def number(self, count: int, *, signed: bool = False) -> int:
        """The next `count` bytes as a little-endian number."""
        return int.from_bytes(self.take(count), "little", signed=signed)

    def skip(self, count: int) -> None:
        """Pass over `count` bytes without reading them."""
        target = self.offset + count
        if target > self.source.size:
            raise self._ended()
        if self.at + count <= len(self.window):
            self.at += count
        else:
            self.base, self.at, self.window = target, 0, b""

    def line(self) -> bytes:
        """The bytes before the next newline, which is passed over."""
        end = self.window.find(b"\n", self.at)
        if end < 0:
            self._fill(1, length=MAX_LINE_BYTES)
            end = self.window.find(b"\n")
            if end < 0:
                over = len(self.window) >= MAX_LINE_BYTES
                raise Trouble(f"a line is over {MAX_LINE_BYTES} bytes") if over else self._ended()
        data = self.window[self.at : end]
        self.at = end + 1
        return data

    def _fill(self, needed: int, *, length: int = WINDOW_BYTES) -> None:
        self.base += self.at
        self.at = 0
        self.window = self.source.read(self.base, max(needed, length))
        if len(self.window) < needed:
            raise self._ended()

    def _ended(self) -> Trouble:
        return Trouble(f"it breaks off at byte {self.source.size}")
