from __future__ import annotations

import pytest

from modelward.core.errors import InputError
from modelward.formats.source import BytesSource
from modelward.formats.window import WINDOW_BYTES, Window

DATA = bytes(range(256)) * 1024


def test_steps_give_the_bytes_in_order() -> None:
    window = Window(BytesSource(DATA))
    assert b"".join(window.take(1000) for _ in range(100)) == DATA[:100_000]
    assert (window.at, window.left) == (100_000, len(DATA) - 100_000)


def test_skipping_within_and_past_the_window() -> None:
    window = Window(BytesSource(DATA), 3)
    window.take(1)
    window.skip(6)
    assert window.take(1) == DATA[10:11]
    window.skip(WINDOW_BYTES + 5)
    assert window.at == 11 + WINDOW_BYTES + 5
    assert window.take(2) == DATA[window.at - 2 : window.at]


def test_numbers() -> None:
    window = Window(BytesSource(b"\x01\x00\x00\x01\xff\xff"))
    assert (window.number(2), window.number(2, "big"), window.number(2, signed=True)) == (1, 1, -1)


@pytest.mark.parametrize("count", [10, 1 << 60])
def test_past_the_end(count: int) -> None:
    window = Window(BytesSource(b"abc"), breaks_off="it stops")
    for step in (window.take, window.skip):
        with pytest.raises(InputError, match="it stops"):
            step(count)
    with pytest.raises(InputError):
        window.skip(-1)


def test_going_back_over_what_was_taken() -> None:
    window = Window(BytesSource(DATA))
    window.skip(WINDOW_BYTES - 1)
    assert window.peek() == DATA[WINDOW_BYTES - 1]
    taken = window.take(10)
    window.back(10)
    assert window.take(10) == taken == DATA[WINDOW_BYTES - 1 : WINDOW_BYTES + 9]
