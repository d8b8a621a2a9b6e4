"""The pickle instructions that push a constant: byte -> reader.

Where CPython's C and Python unpicklers differ in what they accept, these accept what either does: a
stream is never left earlier than a loader would leave it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from typing import Final, Literal

from modelward.formats.pickle.tape import Tape, Trouble
from modelward.formats.pickle.values import Blob, Unknown, Value

MAX_DIGITS: Final = 1000

_ESCAPE = re.compile(rb"\\(x[0-9A-Fa-f]{2}|[0-7]{1,3}|.|\Z)", re.DOTALL)
_PLAIN_ESCAPES = {
    b"\n": b"", b"\\": b"\\", b"'": b"'", b'"': b'"', b"a": b"\a", b"b": b"\b",
    b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v",
}  # fmt: skip


def _decimal(tape: Tape) -> Value:
    text = tape.line().partition(b"\0")[0]
    if text in (b"00", b"01"):
        return text == b"01"
    return _integer(text)


def _decimal_long(tape: Tape) -> Value:
    return _integer(tape.line().partition(b"\0")[0].removesuffix(b"L"))


def _integer(text: bytes) -> Value:
    try:
        return int(text[:MAX_DIGITS], 0) if len(text) <= MAX_DIGITS else Unknown("a long number")
    except ValueError:
        return Unknown("a number")


def _little_long(tape: Tape, width: int) -> Value:
    length = tape.number(width, signed=width == 4)
    if length < 0:
        raise Trouble("a number has a negative length")
    if length > 255:
        tape.skip(length)
        return Unknown("a long number")
    return tape.number(length, signed=True)


def _float(tape: Tape) -> Value:
    try:
        return float(tape.line())
    except ValueError:
        return Unknown("a number")


def _binary_float(tape: Tape) -> Value:
    value: float = struct.unpack(">d", tape.take(8))[0]
    return value


def _quoted(tape: Tape) -> Value:
    line = tape.line().rstrip()
    if len(line) < 2 or line[0] != line[-1] or line[:1] not in (b"'", b'"'):
        raise Trouble("a STRING is not quoted")
    return _kept(tape, _text(_ESCAPE.sub(_unescape, line[1:-1])))


def _unescape(match: re.Match[bytes]) -> bytes:
    code = match[1]
    if code[:1] == b"x" and len(code) == 3:
        return bytes.fromhex(code[1:].decode("ascii"))
    if code[:1].isdigit() and code < b"8":
        return bytes([int(code, 8) & 0xFF])
    if code in (b"x", b""):
        raise Trouble("a STRING has a broken escape")
    return _PLAIN_ESCAPES.get(code, b"\\" + code)


def _raw_unicode(tape: Tape) -> Value:
    try:
        text = tape.line().decode("raw-unicode-escape")
    except UnicodeDecodeError:
        raise Trouble("a UNICODE has a broken escape") from None
    return _kept(tape, text)


def _kept(tape: Tape, text: str) -> Value:
    return text if tape.keeps(len(text)) else Unknown("a long text")


def _text(data: bytes) -> str:
    """A string of protocol 0 or 1, whose encoding only the loader knows."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _old_string(tape: Tape, width: int) -> Value:
    length = tape.number(width, signed=width == 4)
    if length < 0:
        raise Trouble("a string has a negative length")
    if not tape.keeps(length):
        return _blob(tape, "str", length)
    return _text(tape.take(length))


def _unicode(tape: Tape, width: int) -> Value:
    length = tape.number(width)
    if not tape.keeps(length):
        return _blob(tape, "str", length)
    try:
        return tape.take(length).decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise Trouble("a text is not UTF-8") from None


def _bytes(tape: Tape, width: int) -> Value:
    length = tape.number(width)
    if not tape.keeps(length):
        return _blob(tape, "bytes", length)
    return tape.take(length, drops=False)


def _blob(tape: Tape, kind: Literal["str", "bytes"], length: int) -> Blob:
    tape.skip(length, drops=kind == "str")
    return Blob(kind, tape.source, tape.offset - length, length)


READERS: dict[int, Callable[[Tape], Value]] = {
    ord("N"): lambda tape: None,
    0x88: lambda tape: True,
    0x89: lambda tape: False,
    ord("I"): _decimal,
    ord("L"): _decimal_long,
    ord("J"): lambda tape: tape.number(4, signed=True),
    ord("K"): Tape.byte,
    ord("M"): lambda tape: tape.number(2),
    0x8A: lambda tape: _little_long(tape, 1),
    0x8B: lambda tape: _little_long(tape, 4),
    ord("F"): _float,
    ord("G"): _binary_float,
    ord("S"): _quoted,
    ord("T"): lambda tape: _old_string(tape, 4),
    ord("U"): lambda tape: _old_string(tape, 1),
    ord("V"): _raw_unicode,
    ord("X"): lambda tape: _unicode(tape, 4),
    0x8C: lambda tape: _unicode(tape, 1),
    0x8D: lambda tape: _unicode(tape, 8),
    ord("B"): lambda tape: _bytes(tape, 4),
    ord("C"): lambda tape: _bytes(tape, 1),
    0x8E: lambda tape: _bytes(tape, 8),
    0x96: lambda tape: _bytes(tape, 8),
}
