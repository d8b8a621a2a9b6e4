from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.core.errors import InputError
from modelward.formats import remote
from modelward.formats.remote import BLOCK_BYTES, Changed, RangeSource

DATA = os.urandom(BLOCK_BYTES * 5 + 123)


def counted(data: bytes = DATA) -> tuple[RangeSource, list[tuple[int, int]]]:
    asked: list[tuple[int, int]] = []

    def fetch(offset: int, length: int) -> bytes:
        asked.append((offset, length))
        return data[offset : offset + length]

    return RangeSource(len(data), fetch, "there"), asked


@given(st.lists(st.tuples(st.integers(0, len(DATA) + 10), st.integers(-1, len(DATA) * 2)), max_size=8))
def test_every_read_is_what_a_file_would_give(reads: list[tuple[int, int]]) -> None:
    source, _ = counted()
    for offset, length in reads:
        assert source.read(offset, length) == DATA[offset : offset + max(length, 0)]


def test_a_block_is_fetched_once() -> None:
    source, asked = counted()
    for _ in range(3):
        source.read(10, 4)
    assert asked == [(0, BLOCK_BYTES)]


def test_reading_on_asks_for_more_at_a_time() -> None:
    data = bytes(40 << 20)
    source, asked = counted(data)
    assert b"".join(source.chunks()) == data
    assert len(asked) < 20
    assert max(length for _, length in asked) <= remote.MAX_REQUEST_BYTES


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "MAX_CACHED_BYTES", 2 * BLOCK_BYTES)
    source, asked = counted()
    for number in range(5):
        source.read(number * BLOCK_BYTES, 1)
    source.read(0, 1)
    assert len(source._blocks) <= 2
    assert asked[-1][0] == 0


def test_server_that_gives_less_than_was_asked_for_is_an_error() -> None:
    source = RangeSource(100, lambda offset, length: b"x", "there")
    with pytest.raises(InputError, match="the server gave 1") as caught:
        source.read(0, 10)
    assert caught.value.where == "there"


def test_change_is_remembered() -> None:
    def fetch(offset: int, length: int) -> bytes:
        raise Changed("it changed")

    source = RangeSource(100, fetch, "there")
    with pytest.raises(Changed):
        source.read(0, 10)
    assert isinstance(source.changed, Changed)
