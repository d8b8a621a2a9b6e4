from __future__ import annotations

from collections.abc import Iterator

from modelward.core.errors import InputError
from modelward.formats.budget import Budget, Expansion
from modelward.formats.source import BytesSource, FileSource
from modelward.formats.unpacked import IN_MEMORY_BYTES, unpacked


def test_little_stays_in_memory_and_much_does_not() -> None:
    for count, kind in ((1, BytesSource), (IN_MEMORY_BYTES // 1000 + 2, FileSource)):
        with unpacked(iter([b"x" * 1000] * count), Expansion(Budget(), count * 1000), "") as content:
            assert isinstance(content.source, kind)
            assert content.source.size == count * 1000
            assert content.source.read(count * 1000 - 1, 9) == b"x"
            assert content.trouble == ""


def test_what_came_before_the_trouble_is_kept() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"payload"
        raise InputError("it breaks")

    with unpacked(pieces(), Expansion(Budget(), 1), "") as content:
        assert content.source.read(0, 99) == b"payload"
        assert content.trouble == "it breaks"


def test_trouble_after_much() -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(10):
            yield bytes(1 << 20)
        raise InputError("it breaks")

    with unpacked(pieces(), Expansion(Budget(), 1 << 20), "") as content:
        assert content.source.size == 10 << 20
        assert content.trouble == "it breaks"


def test_bomb_is_stopped() -> None:
    with unpacked(iter([bytes(1 << 20)] * 5000), Expansion(Budget(), 1000), "") as content:
        assert content.trouble == "it unpacks to over 250 times its size"
        assert content.source.size <= 101 << 20
