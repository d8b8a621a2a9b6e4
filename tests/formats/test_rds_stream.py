from __future__ import annotations

import pytest

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.rds import walk
from modelward.formats.rds_stream import MAX_ASCII_BYTES, Ascii, Binary
from modelward.formats.source import BytesSource, Source


def test_binary_in_both_orders() -> None:
    assert Binary(BytesSource(b"\0\0\0\x02"), 0, "big").integer() == 2
    little = Binary(BytesSource(b"\xff\xff\xff\xff12345678ab"), 0, "little")
    assert little.integer() == -1
    little.skip(2, 4)
    assert little.text(2) == b"ab"
    assert little.at() == 14
    for step in (little.integer, lambda: little.skip(1, 1), lambda: little.text(1)):
        with pytest.raises(InputError):
            step()


def test_skipping_reads_nothing() -> None:
    class Huge(Source):
        size = 1 << 50

        def read(self, offset: int, length: int) -> bytes:
            return b"\0\0\0\x07".ljust(length, b"\0") if offset == 1 << 49 else bytes(length)

    stream = Binary(Huge(), 0, "big")
    stream.skip(1 << 46, 8)
    assert stream.integer() == 7


def test_text_form() -> None:
    stream = Ascii(BytesSource(b"3 NA\n1.5 Inf 7a\n5\na\\n\\040\\\\b end"), 0)
    assert (stream.integer(), stream.integer()) == (3, -(1 << 31))
    stream.skip(2, 8)
    stream.skip(1, 1)
    assert stream.text(stream.integer()) == b"a\n \\b"
    with pytest.raises(InputError):
        stream.integer()


def test_text_form_is_walked_like_the_binary_one() -> None:
    data = b"A\n2\n262914\n131840\n16\n2\n262153\n5\nhello\n262153\n2\na\\040\n"
    assert walk(BytesSource(data), 0, lambda fact: None) == len(data) - 1


def test_text_form_is_bounded() -> None:
    class Huge(Source):
        size = MAX_ASCII_BYTES + 1

        def read(self, offset: int, length: int) -> bytes:
            return b""

    with pytest.raises(LimitExceeded):
        Ascii(Huge(), 0)
