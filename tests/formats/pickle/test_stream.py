"""The machine against CPython: every global that an unpickler asks for is an event, or ours says why not."""

from __future__ import annotations

import pickle as cpython
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.formats.assemble import (
    NONE,
    POP,
    SHELL,
    number,
    pickle,
    run,
    tup,
)
from tests.formats.pickle.oracle import LOADERS, asked_for, disagreement, fills_memory
from tests.formats.pickle.streams import CHANGED, DECEITS, FRAMED, STREAMS

from modelward.formats.budget import Budget
from modelward.formats.pickle.stream import read_stream
from modelward.formats.pickle.values import Global, Kind
from modelward.formats.source import BytesSource


@given(st.one_of(STREAMS, FRAMED, CHANGED))
@settings(max_examples=max(1500, settings.default.max_examples))
def test_every_global_that_cpython_asks_for_is_seen(stream: bytes) -> None:
    assume(not fills_memory(stream))
    assert not disagreement(stream)


@given(st.binary(max_size=60))
@settings(max_examples=max(300, settings.default.max_examples))
def test_any_bytes_end_in_a_result(stream: bytes) -> None:
    assume(not fills_memory(stream))
    assert not disagreement(stream)


@pytest.mark.parametrize("name", DECEITS)
def test_no_deceit_hides_a_global(name: str) -> None:
    assert not disagreement(DECEITS[name])


@pytest.mark.parametrize("name", [name for name in DECEITS if name.startswith("frame-straddled")])
def test_what_the_c_unpickler_reads_after_a_broken_frame_is_seen(name: str) -> None:
    """Some loader does ask for something, and no two of them need agree on what."""
    asked = {loader: asked_for(loader, DECEITS[name]) for loader in LOADERS}
    assert asked["C, from a file"] != asked["C, from bytes"], asked


SAVED = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(max_size=5000),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner) | st.builds(set)
    ),
    max_leaves=20,
)


@given(SAVED, st.integers(0, 5))
@settings(max_examples=max(200, settings.default.max_examples))
def test_whatever_cpython_writes_is_read_to_its_end(value: Any, protocol: int) -> None:
    stream = cpython.dumps(value, protocol)
    result, events = run(stream)
    assert result.trouble is None
    assert result.end == len(stream)
    allowed = {"builtins", "__builtin__", "_codecs"}  # sets and bytes of the older protocols
    assert all(
        isinstance(e.target, Global) and e.target.module in allowed
        for e in events
        if e.kind is Kind.REFERENCE
    )
    assert not [event for event in events if event.kind is Kind.AMBIGUOUS]


def test_payload_before_a_broken_tail_is_seen() -> None:
    result, events = run(b"\x80\x02" + SHELL + b"\xff\xff")
    assert [event.kind for event in events] == [Kind.REFERENCE, Kind.CALL]
    assert result.trouble == "byte 26 is no pickle instruction (0xff)"


def test_call_whose_result_is_popped_is_seen() -> None:
    result, events = run(pickle(SHELL, POP, NONE))
    assert result.trouble is None
    assert [event.kind for event in events] == [Kind.REFERENCE, Kind.CALL]


@pytest.mark.parametrize(
    ("stream", "trouble"),
    [
        (b"", "it breaks off at byte 0"),
        (b"\x80\x02", "it breaks off at byte 2"),
        (b"\x80\x09.", "it is of protocol 9, which does not exist yet"),
        (b".", "byte 0 takes more from the stack than there is"),
        (b"N(0t.", "there is no mark for byte 3"),
        (b"X\xff\xff\xff\xff", "it breaks off at byte 5"),
        (b"cos\nsys", "it breaks off at byte 7"),
        (b"Npx\n.", "byte 1 names no memo entry"),
    ],
)
def test_why_a_stream_was_not_read_to_its_end(stream: bytes, trouble: str) -> None:
    assert run(stream)[0].trouble == trouble


def test_instructions_past_the_budget_are_not_run() -> None:
    result = read_stream(BytesSource(b"N0" * 5000 + b"N."), 0, print, Budget(opcodes=6000))
    assert result.trouble is not None
    assert "pickle instructions" in result.trouble


def test_only_what_was_run_is_spent() -> None:
    budget = Budget(opcodes=5000)
    for stream in (b"NN0.", b"NN0\xff") * 50:
        read_stream(BytesSource(stream), 0, print, budget)
    assert budget.opcodes == 5000 - 100 * 4


def test_stream_in_the_middle_of_a_file() -> None:
    source = BytesSource(b"junk" + pickle(tup(number(1))) + b"more")
    result = read_stream(source, 4, print, Budget())
    assert (result.start, result.end) == (4, source.size - 4)
