"""What is run in a hurry is what is run one by one: the same events, value, end and trouble."""

from __future__ import annotations

import pickle as cpython
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.assemble import run, text
from tests.formats.pickle.plain import plain
from tests.formats.pickle.streams import CHANGED, FRAMED, STREAMS

from modelward.formats.pickle import stream as stream_module
from modelward.formats.pickle.expression import render
from modelward.formats.pickle.rush import REACH
from modelward.formats.pickle.stream import Stream
from modelward.formats.pickle.values import Event

#: So that all of a stream is at hand.
FILLER = b"N" * (REACH + 1)


def shown(event: Event) -> str:
    target, arguments = render(event.target), render(event.arguments)
    return f"{event.kind} {event.step} {event.offset} {target} {arguments} {event.note}"


def seen(stream: bytes) -> tuple[Stream, list[str]]:
    result, events = run(stream + FILLER)
    return replace(result, value=None), [shown(event) for event in events]


def walked(stream: bytes) -> tuple[Stream, list[str]]:
    """The same without any hurry."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream_module, "COMMON", bytes(256))
        return seen(stream)


@given(st.one_of(STREAMS, FRAMED, CHANGED))
@settings(max_examples=max(500, settings.default.max_examples))
def test_common_instructions_do_the_same_in_a_hurry(stream: bytes) -> None:
    assert seen(stream) == walked(stream)


@given(
    st.recursive(
        st.integers(-3, 1 << 33)
        | st.text(max_size=300)
        | st.floats(allow_nan=False)
        | st.none()
        | st.booleans(),
        lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=40,
    ),
    st.integers(0, 5),
)
def test_value_is_the_one_that_was_written(value: Any, protocol: int) -> None:
    stream = cpython.dumps(value, protocol)
    assert plain(run(stream)[0].value) == plain(run(stream + FILLER)[0].value) == value


@pytest.mark.parametrize(
    "stream",
    [
        b"\x94.", b"(\x94.", b"N(\x85.", b"N(\x86.", b"]N(e.", b"]e.", b"(e.", b"]((e.", b"](a.", b"a.",
        b"Na.", b"}Ns.", b"](u.", b"}(Nu.", b"}(Ne.", b"Nq\x01h\x00.", b"h\x00.", b"Nq\x00(h\x00.",
        b"(q\x00.", b"N(p0\n.", b"X\x01\x00\x00\x00\xff.", b"\x8c\x01\xff.", b"\x8c\x02\xed\xa0.",
        b"s.", b"NNs.", b"j\x00\x00\x00\x00.",
    ],
)  # fmt: skip
def test_odd_stream_is_as_odd_in_a_hurry(stream: bytes) -> None:
    assert seen(stream) == walked(stream)


def test_text_with_a_lone_surrogate_is_read() -> None:
    assert run(b"\x8c\x03\xed\xa0\x80." + FILLER)[0].value == "\ud800"


def test_memo_of_a_rush_and_of_a_walk_is_one() -> None:
    items = b"".join(b"K%c\x94" % (number % 256) for number in range(300))
    result, events = run(
        b"\x80\x04(" + items + text("os") + b"p300\n" + text("system") + b"\x94j,\x01\0\0j-\x01\0\0\x93."
    )
    assert result.trouble is None
    assert [shown(event).split()[3] for event in events] == ["os.system"]
