from __future__ import annotations

import pickle as cpython
import struct

import pytest
from tests.formats.assemble import run

from modelward.formats.pickle.constants import MAX_DIGITS
from modelward.formats.pickle.tape import MAX_KEPT_BYTES
from modelward.formats.pickle.values import Blob, Unknown


@pytest.mark.parametrize(
    "stream",
    [
        b"N.",
        b"\x88.",
        b"\x89.",
        b"I01\n.",
        b"I00\n.",
        b"I-12\n.",
        b"I0x1f\n.",
        b"L7L\n.",
        b"J\xff\xff\xff\xff.",
        b"K\x07.",
        b"M\x07\x01.",
        b"\x8a\x02\x00\x80.",
        b"\x8b\x01\x00\x00\x00\x05.",
        b"\x8a\x00.",
        b"F1.5\n.",
        b"G?\xf8\x00\x00\x00\x00\x00\x00.",
        b"S'a\\x41\\n\\101'\n.",
        b'S"it\\\'s"\n.',
        b"U\x02ab.",
        b"T\x02\x00\x00\x00ab.",
        b"Vp\\u00f6six\n.",
        b"X\x02\x00\x00\x00ab.",
        b"\x8c\x02ab.",
        b"\x8d\x02\x00\x00\x00\x00\x00\x00\x00ab.",
        b"B\x02\x00\x00\x00ab.",
        b"C\x02ab.",
        b"\x8e\x02\x00\x00\x00\x00\x00\x00\x00ab.",
    ],
)
def test_constants_are_what_cpython_reads(stream: bytes) -> None:
    value = run(stream)[0].value
    expected = cpython.loads(stream)
    assert (type(value), value) == (type(expected), expected)


@pytest.mark.parametrize("code", [b"X", b"B", b"T"])
def test_long_values_stay_in_the_file(code: bytes) -> None:
    length = MAX_KEPT_BYTES + 1
    value = run(code + struct.pack("<I", length) + b"x" * length + b".")[0].value
    assert isinstance(value, Blob)
    assert (value.offset, value.length, value.load(length)) == (5, length, b"x" * length)


@pytest.mark.parametrize(
    "stream",
    [
        b"Iabc\n.",
        b"L" + b"9" * (MAX_DIGITS + 1) + b"\n.",
        b"Fx\n.",
        b"\x8b\x00\x02\x00\x00" + bytes(512) + b".",
    ],
)
def test_numbers_that_are_odd_or_long_are_unknown(stream: bytes) -> None:
    assert isinstance(run(stream)[0].value, Unknown)


@pytest.mark.parametrize(
    "stream",
    [
        b"S'a\n.",
        b"Sa\n.",
        b"S'\\x'\n.",
        b"V\\u00\n.",
        b"T\xff\xff\xff\xffab.",
        b"\x8b\xff\xff\xff\xff.",
        b"X\x01\x00\x00\x00\xff.",
    ],
)
def test_broken_constants_are_trouble_as_in_cpython(stream: bytes) -> None:
    assert run(stream)[0].trouble is not None
    with pytest.raises(Exception, match=r".*"):
        cpython.loads(stream)
