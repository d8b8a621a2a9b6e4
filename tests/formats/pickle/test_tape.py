from __future__ import annotations

import pytest

from modelward.formats.pickle.tape import FIRST_BYTES, MAX_LINE_BYTES, WINDOW_BYTES, Tape, Trouble
from modelward.formats.source import BytesSource


def test_bytes_across_windows_are_read_once_and_in_order() -> None:
    data = bytes(i % 251 for i in range(FIRST_BYTES + WINDOW_BYTES + 10))
    tape = Tape(BytesSource(data))
    read = bytearray()
    while tape.offset < len(data):
        read.append(tape.byte())
        read += tape.take(min(97, len(data) - tape.offset))
    assert bytes(read) == data


def test_numbers_are_little_endian() -> None:
    tape = Tape(BytesSource(b"\x01\x02\xff\xff"))
    assert tape.number(2) == 0x0201
    assert tape.number(2, signed=True) == -1


def test_line_across_a_window() -> None:
    line = b"x" * (FIRST_BYTES + 5)
    tape = Tape(BytesSource(b"a" + line + b"\nb"))
    assert tape.byte() == ord("a")
    assert tape.line() == line
    assert tape.byte() == ord("b")


def test_skip_passes_over_what_is_not_in_the_window() -> None:
    tape = Tape(BytesSource(bytes(WINDOW_BYTES) + b"end"), 2)
    tape.skip(WINDOW_BYTES - 2)
    assert tape.offset == WINDOW_BYTES
    assert tape.take(3) == b"end"


@pytest.mark.parametrize("read", [Tape.byte, Tape.line, lambda t: t.take(1), lambda t: t.skip(1)])
def test_end_of_the_bytes_is_trouble(read: object) -> None:
    with pytest.raises(Trouble, match="it breaks off at byte 3"):
        read(Tape(BytesSource(b"abc"), 3))  # type: ignore[operator]


def test_line_without_an_end_is_not_read_into_memory() -> None:
    with pytest.raises(Trouble, match="a line is over"):
        Tape(BytesSource(b"x" * (MAX_LINE_BYTES + 1))).line()
