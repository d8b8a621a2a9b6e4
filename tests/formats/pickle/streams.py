"""Streams of pickle instructions, sound and broken, for hypothesis; and one of each way to deceive.

The globals named here do not exist: loading such a stream for real would fail, and nothing else.
"""

from __future__ import annotations

import pickletools

from hypothesis import strategies as st
from tests.formats.assemble import (
    BUILD,
    EMPTY_DICT,
    EMPTY_LIST,
    EMPTY_TUPLE,
    MARK,
    NONE,
    POP,
    REDUCE,
    STOP,
    TUPLE,
    data,
    fetch,
    number,
    stack_fetch,
    text,
)

CODES = [op.code.encode("latin-1") for op in pickletools.opcodes]
NAMES = st.sampled_from(["os", "posix", "system", "collections", "OrderedDict", "a.b", "é", "", "x\r"])
LINES = [
    b"\n",
    b"0\n",
    b"1\n",
    b"00\n",
    b"-1\n",
    b" 1_0 \n",
    b"+2\n",
    b"07\n",
    b"1\0x\n",
    b"1L\n",
    b"1\r\n",
    b"x\n",
]
ARGUMENTS = st.one_of(
    st.sampled_from(LINES),
    st.sampled_from(
        [b"'a'\n", b'"b\\x41"\n', b"'\\\n", b"os\nsystem\n", b"\x00", b"\x01", b"\x05", bytes(4), bytes(8)]
    ),
    st.binary(max_size=9),
)


def frame(length: int) -> bytes:
    """The beginning of a frame of so many bytes."""
    return b"\x95" + length.to_bytes(8, "little")


def framed(content: bytes, more: int = 0) -> bytes:
    """A frame around something, `more` bytes longer or shorter than it."""
    return frame(max(0, len(content) + more)) + content


MEMO = st.integers(0, 3).map(lambda index: bytes([index]))
PIECES = st.one_of(
    st.builds(fetch, NAMES, NAMES),
    st.builds(stack_fetch, NAMES, NAMES),
    st.builds(text, NAMES),
    st.builds(number, st.integers(0, 300)),
    st.builds(data, st.binary(max_size=4)),
    st.builds(lambda index: b"q" + index, MEMO),
    st.builds(lambda index: b"h" + index, MEMO),
    st.builds(lambda code, line: code + line, st.sampled_from([b"p", b"g"]), st.sampled_from(LINES)),
    st.builds(lambda code, index: code + index + bytes(3), st.sampled_from([b"r", b"j"]), MEMO),
    st.sampled_from([MARK, TUPLE, REDUCE, BUILD, POP, EMPTY_TUPLE, EMPTY_LIST, NONE, STOP]),
    st.sampled_from([bytes([code]) for code in b"\x94\x93o2}suaedl\x85\x86\x81\x92\x8f\x90Q"]),
    st.sampled_from([b"1", b"\x97", b"\x98", b"\x82\x01", b"\x83\x00\x01", b"\x84\xff\xff\xff\x7f", b"P1\n"]),
    st.builds(frame, st.integers(0, 40)),
    st.builds(lambda a, b: f"(i{a}\n{b}\n".encode(), NAMES, NAMES),
    st.builds(lambda code, argument: code + argument, st.sampled_from(CODES), ARGUMENTS),
    st.builds(lambda content: b"\x96" + len(content).to_bytes(8, "little") + content, st.binary(max_size=4)),
)  # fmt: skip
HEADS = st.sampled_from([b"", b"\x80\x02", b"\x80\x04", b"\x80\x05"])
STREAMS = st.builds(lambda head, parts: head + b"".join(parts) + STOP, HEADS, st.lists(PIECES, max_size=14))
#: Frames that are about as long as what is in them.
FRAMED = st.builds(
    lambda head, frames: head + b"".join(framed(b"".join(parts), more) for parts, more in frames) + STOP,
    HEADS,
    st.lists(
        st.tuples(st.lists(PIECES, max_size=4), st.sampled_from([-9, -3, -2, -1, 0, 0, 0, 1, 2, 9])),
        max_size=4,
    ),
)

_F = fetch("inert_module", "f")
_HIDDEN = fetch("inert_module", "hidden")
_SWALLOWED = b"U" + bytes([len(_HIDDEN)]) + _HIDDEN
#: A stream for each way to deceive, by name.
DECEITS: dict[str, bytes] = {
    "protocol-0-without-a-magic": _F + MARK + b"S'x'\n" + TUPLE + REDUCE + STOP,
    "broken-tail": b"\x80\x04" + _F + EMPTY_TUPLE + REDUCE + b"\xff\xff",
    "breaks-off": b"\x80\x04" + _F + b"X\xff\x00\x00\x00",
    "last-line-without-end": b"cinert_module\nff",
    "second-stream": NONE + STOP + b"\x80\x04" + _F + EMPTY_TUPLE + REDUCE + STOP,
    "stream-after-junk": NONE + STOP + b"\0junk" + b"\x80\x04" + _F + EMPTY_TUPLE + REDUCE + STOP,
    "popped-call": _F + EMPTY_TUPLE + REDUCE + POP + NONE + STOP,
    "pop-mark-over-a-call": MARK + _F + EMPTY_TUPLE + REDUCE + b"1" + NONE + STOP,
    "pop-of-a-mark": MARK + POP + _F + EMPTY_TUPLE + REDUCE + STOP,
    "dup": _F + b"2" + EMPTY_TUPLE + REDUCE + STOP,
    "inst": MARK + b"iinert_module\nf\n" + STOP,
    "inst-without-a-mark": b"iinert_module\nf\n" + STOP,
    "obj": MARK + _F + text("x") + b"o" + STOP,
    "newobj": _F + EMPTY_TUPLE + b"\x81" + STOP,
    "newobj-ex": _F + EMPTY_TUPLE + EMPTY_DICT + b"\x92" + STOP,
    "build-on-a-global": _F + EMPTY_DICT + BUILD + STOP,
    "ext1": b"\x82\x01" + STOP,
    "ext2": b"\x83\x00\x01" + STOP,
    "ext4": b"\x84\xff\xff\xff\x7f" + STOP,
    "persid": b"P1\n" + STOP,
    "binpersid": text("x") + b"Q" + STOP,
    "buffers": b"\x80\x05\x97\x98" + STOP,
    "bytearray8": b"\x80\x05\x96" + (3).to_bytes(8, "little") + b"abc" + STOP,
    "bytearray8-too-long": b"\x80\x05\x96" + (1 << 20).to_bytes(8, "little") + b"abc" + _HIDDEN + STOP,
    "name-from-a-call": _F + EMPTY_TUPLE + REDUCE + text("x") + b"\x93" + STOP,
    "name-of-bytes": data(b"os") + text("x") + b"\x93" + _HIDDEN + STOP,
    "name-in-utf-8": b"c\xc3\xa9\nf\n" + STOP,
    "name-not-utf-8": b"c\xe9\nf\n" + STOP,
    "name-of-an-old-string": b"U\x0cinert_moduleU\x01f\x93" + STOP,
    "name-with-a-carriage-return": b"cinert_module\r\nf\r\n" + STOP,
    "name-with-a-zero": b"cinert\0module\nf\n" + STOP,
    "name-empty": b"c\n\n" + _HIDDEN + STOP,
    "names-memoized": text("inert_module") + b"\x94" + text("f") + b"\x9400h\0h\1\x93" + STOP,
    "get-padded": text("inert_module") + b"p7\n0g007\n" + text("f") + b"\x93" + STOP,
    "get-signed": text("inert_module") + b"p+7\n0g 7 \n" + text("f") + b"\x93" + STOP,
    "get-cut-by-a-zero": text("inert_module") + b"p1\0009\n0h\1" + text("f") + b"\x93" + STOP,
    "get-negative": text("inert_module") + b"p-1\n" + _HIDDEN + STOP,
    "get-huge": NONE + b"g99999999999999999999\n" + _HIDDEN + STOP,
    "get-unset": b"h\5" + _HIDDEN + STOP,
    "long-binput": text("inert_module") + b"r\1\1\0\0000j\1\1\0\0" + text("f") + b"\x93" + STOP,
    "memoize-after-a-gap": text("inert_module") + b"q\5" + text("f") + b"\x9400h\5h\1\x93" + STOP,
    "memoize-over-a-put": NONE + b"q\1" + text("inert_module") + b"\x940h\1" + text("f") + b"\x93" + STOP,
    "int-odd": b"I0x1f\nI1_0\nI010\nIx\n" + _HIDDEN + STOP,
    "long-odd": b"L1L\nL\nLx\n" + _HIDDEN + STOP,
    "float-odd": b"F1e5\nFnan\nFx\n" + _HIDDEN + STOP,
    "string-odd": b"S'\\x41\\101\\q'\n" + b"S'x' \n" + _HIDDEN + STOP,
    "unicode-odd": b"V\\u0041\\q\n" + _HIDDEN + STOP,
    "long1-empty": b"\x8a\x00" + _HIDDEN + STOP,
    "long4-negative": b"\x8b\xff\xff\xff\xff" + _HIDDEN + STOP,
    "setitems-odd": _F + MARK + NONE + b"u" + _HIDDEN + STOP,
    "protocol-again": b"\x80\x05\x80\x00" + _F + STOP,
    "protocol-unknown": b"\x80\x06" + _HIDDEN + STOP,
    "frame-straddled-by-text": b"\x80\x04" + frame(4) + b"\x8c\x05ab" + b"cde" + _SWALLOWED + STOP,
    "frame-straddled-by-a-number": b"\x80\x04" + frame(2) + b"M\0" + b"\0U(" + _HIDDEN + b"N" * 19 + STOP,
    "frame-straddled-by-a-line": b"\x80\x04" + frame(6) + b"cinert_module\nf\nhidden\n" + STOP,
    "frame-straddled-by-a-wrong-line": b"\x80\x04" + frame(3) + b"c\xffa" + b"inert_module\nhidden\n" + STOP,
    "frame-with-straddling-bytes": b"\x80\x04" + frame(4) + b"C\x08abcdefgh" + _HIDDEN + STOP,
    "frame-straddled-by-a-frame": b"\x80\x04" + frame(11) + frame(21) + _SWALLOWED + STOP,
    "frame-in-a-frame": b"\x80\x04" + frame(40) + frame(3) + b"NN0" + _F + bytes(40) + STOP,
    "frame-empty": b"\x80\x04" + frame(0) + frame(0) + _F + STOP,
    "frame-too-long": b"\x80\x04" + frame(1 << 40) + _F + STOP,
    "frame-longest": b"\x80\x04" + b"\x95" + b"\xff" * 8 + _F + STOP,
}  # fmt: skip
#: A sound stream and one of each deceit, whole or with something changed.
CHANGED = st.builds(
    lambda stream, other, at, drop, insert: stream[:at] + insert + stream[at + drop :] + other,
    st.sampled_from(list(DECEITS.values())),
    st.sampled_from([b"", *DECEITS.values()]),
    st.integers(0, 60),
    st.integers(0, 4),
    st.one_of(st.just(b""), PIECES, st.binary(max_size=2)),
)
