"""The bytes of a pickle, read forward through a window, frame by frame.

A frame (protocol 4) is a stretch that CPython's unpicklers may load at once, and they part ways where an
instruction runs past its end. From bytes in memory the C unpickler just reads on. From a file it *drops*
what is left of the frame and reads the operand after it (cpython#154848). The one in Python refuses.
"""

from __future__ import annotations

from typing import Final

from modelward.core.errors import InputError
from modelward.formats.source import Source

WINDOW_BYTES: Final = 256 << 10
FIRST_BYTES: Final = 8 << 10  # many files are tried as a pickle and left at once
MAX_LINE_BYTES: Final = 1 << 20
NO_FRAME: Final = 1 << 61  # past the end of any

#: Longer text and bytes stay in the source, as a Blob.
MAX_KEPT_BYTES: Final = 4096
#: Once so many bytes are kept in all, only short ones are, as names are; these are bounded by number.
MAX_ALL_KEPT_BYTES = 32 << 20
SHORT_BYTES: Final = 64


class Trouble(InputError):
    """The stream cannot be read further; a loader would stop here too."""


class Tape:
    """A cursor over a source: byte `base + at`, in the `window` that begins at `base`.

    What may be read of the window goes to `end`, its own or the frame's. `straddled`: an instruction ran past
    a frame; with `drops` what is left of it is then passed over, as the C unpickler does. Raises Trouble
    where the bytes end too early.
    """

    __slots__ = ("at", "base", "drops", "end", "frame_end", "kept", "source", "straddled", "window")

    def __init__(self, source: Source, offset: int = 0, drops: bool = False) -> None:
        self.source = source
        self.base = offset
        self.at = 0
        self.drops = drops
        self.straddled = False
        self.frame_end = NO_FRAME
        self.kept = 0
        self.window: bytes = source.read(offset, FIRST_BYTES)
        self.end = len(self.window)

    @property
    def offset(self) -> int:
        """Where the next byte lies in the source."""
        return self.base + self.at

    @property
    def framed(self) -> bool:
        """Whether there is more to come of a frame."""
        return self.offset < self.frame_end != NO_FRAME

    def byte(self) -> int:
        """The next byte."""
        if self.at >= self.end:
            self._need(1)
        value = self.window[self.at]
        self.at += 1
        return value

    def take(self, count: int, drops: bool = True) -> bytes:
        """The next `count` bytes, at most WINDOW_BYTES; `drops` False: whatever comes, nothing is dropped."""
        if self.at + count > self.end:
            self._need(count, drops)
        end = self.at + count
        data = self.window[self.at : end]
        self.at = end
        return data

    def number(self, count: int, signed: bool = False) -> int:
        """The next `count` bytes as a little-endian number."""
        return int.from_bytes(self.take(count), "little", signed=signed)

    def skip(self, count: int, drops: bool = True) -> None:
        """Pass over `count` bytes without reading them."""
        if self.offset + count > self.frame_end:
            self._leave_frame(drops)
        target = self.offset + count
        if target > self.source.size:
            raise self._ended()
        self._move(target)

    def line(self) -> bytes:
        """The bytes before the next newline, which is passed over."""
        end = self.window.find(b"\n", self.at, self.end)
        if end < 0:
            end = self._find_line_end()
        data = self.window[self.at : end]
        self.at = end + 1
        return data

    def keeps(self, length: int) -> bool:
        """Whether text or bytes of this length are to be kept; long ones count towards the bound if so."""
        if length <= SHORT_BYTES:
            return True
        if length > min(MAX_KEPT_BYTES, MAX_ALL_KEPT_BYTES - self.kept):
            return False
        self.kept += length
        return True

    def enter_frame(self, length: int) -> str:
        """A frame of `length` bytes begins here. What is odd about it, or nothing."""
        odd = ""
        if self.framed:
            odd = "a frame begins inside a frame"
            if self.offset + length <= self.frame_end:
                return odd
            self._leave_frame(drops=True)
        if self.offset + length > self.source.size:
            odd = "a frame is longer than the file"
        self._frame(min(self.offset + length, NO_FRAME))
        return odd

    def _frame(self, end: int) -> None:
        self.frame_end = end
        self.end = min(len(self.window), end - self.base)

    def _leave_frame(self, drops: bool) -> None:
        """The frame is over; unless it was read to its end, an instruction runs past it."""
        end = self.frame_end
        self._frame(NO_FRAME)
        if self.offset < end:
            self.straddled = True
            if self.drops and drops:
                self._move(end)

    def _move(self, offset: int) -> None:
        """Go to an offset that is not behind."""
        if offset > self.base + len(self.window):
            self.base, self.window, self.end = offset, b"", 0
        self.at = offset - self.base

    def _need(self, count: int, drops: bool = True) -> None:
        """See to it that the window holds the next `count` bytes."""
        if self.offset + count > self.frame_end:
            self._leave_frame(drops)
        if self.at + count > self.end:
            self._read(max(count, WINDOW_BYTES))
        if self.at + count > self.end:
            raise self._ended()

    def _read(self, length: int) -> None:
        """Let the window begin here."""
        self.base = self.offset
        self.at = 0
        self.window = self.source.read(self.base, length)
        self._frame(self.frame_end)

    def _find_line_end(self) -> int:
        """Where in the window the line ends whose end is not among what may be read of it."""
        if self.frame_end != NO_FRAME and self.base + self.end < self.frame_end:
            self._read(MAX_LINE_BYTES)
        end = self.window.find(b"\n", self.at, self.end)
        if end < 0 and self.frame_end <= self.base + self.end:
            self._leave_frame(drops=True)
            end = self.window.find(b"\n", self.at)
        if end < 0:
            self._read(MAX_LINE_BYTES)
            end = self.window.find(b"\n")
        if end < 0:
            over = len(self.window) >= MAX_LINE_BYTES
            raise Trouble(f"a line is over {MAX_LINE_BYTES} bytes") if over else self._ended()
        return end

    def _ended(self) -> Trouble:
        return Trouble(f"it breaks off at byte {self.source.size}")
