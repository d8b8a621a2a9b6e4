"""The machine against CPython: every global that an unpickler asks for is an event, or ours says why not."""

from __future__ import annotations

import io
import pickle as cpython
import pickletools
import re
import struct
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.formats.assemble import (
    BUILD,
    EMPTY_LIST,
    EMPTY_TUPLE,
    MARK,
    NONE,
    POP,
    REDUCE,
    SHELL,
    STOP,
    TUPLE,
    data,
    fetch,
    number,
    pickle,
    run,
    stack_fetch,
    text,
    tup,
)

from modelward.formats.budget import Budget
from modelward.formats.pickle.stream import read_stream
from modelward.formats.pickle.values import Global, Kind
from modelward.formats.source import BytesSource

FAR_MEMO = re.compile(rb"r(?=(.{4}))", re.DOTALL)


class Inert:
    """What the oracle gives for any global: it can be called, built and filled, and does nothing."""

    def __init__(self, *_: Any, **__: Any) -> None: ...
    def __setstate__(self, state: Any) -> None: ...
    def __setitem__(self, key: Any, value: Any) -> None: ...
    def append(self, item: Any) -> None: ...
    def extend(self, items: Any) -> None: ...
    def add(self, item: Any) -> None: ...


def asked_for(loader: type[Any], stream: bytes) -> list[tuple[str, str]]:
    """The globals that an unpickler asks for before it ends or fails. Nothing is imported."""
    found: list[tuple[str, str]] = []

    class Oracle(loader):  # type: ignore[misc]
        def find_class(self, module: str, name: str) -> type[Inert]:
            found.append((module, name))
            return Inert

        def persistent_load(self, pid: Any) -> Inert:
            return Inert()

    with suppress(Exception):  # whatever a broken stream makes CPython raise
        Oracle(io.BytesIO(stream), encoding="utf-8", errors="surrogateescape").load()
    return found


def agrees(stream: bytes) -> None:
    # CPython's memo is an array up to the highest index: keep the oracle from filling the memory.
    assume(all(struct.unpack("<I", found[1])[0] < 1 << 16 for found in FAR_MEMO.finditer(stream)))
    result, events = run(stream)
    ours = {(e.target.module, e.target.name) for e in events if isinstance(e.target, Global)}
    unclear = any(event.kind is Kind.AMBIGUOUS for event in events)
    missed = [asked for asked in asked_for(cpython.Unpickler, stream) if asked not in ours]
    assert not missed or unclear, (missed, result)
    # The unpickler in Python also takes a last line that has no end.
    missed = [asked for asked in asked_for(cpython._Unpickler, stream) if asked not in ours]  # type: ignore[attr-defined]
    assert not missed or unclear or result.trouble, (missed, result)


CODES = [op.code.encode("latin-1") for op in pickletools.opcodes]
NAMES = st.sampled_from(["os", "posix", "system", "collections", "OrderedDict", "a.b", "é", ""])
ARGUMENTS = st.one_of(
    st.sampled_from(
        [b"\n", b"0\n", b"1\n", b"'a'\n", b"os\nsystem\n", b"\x00", b"\x01", b"\x05", b"\x00\x00\x00\x00"]
    ),
    st.binary(max_size=9),
)
PIECES = st.one_of(
    st.builds(fetch, NAMES, NAMES),
    st.builds(stack_fetch, NAMES, NAMES),
    st.builds(text, NAMES),
    st.builds(number, st.integers(0, 300)),
    st.builds(data, st.binary(max_size=4)),
    st.builds(lambda n: b"q" + bytes([n]), st.integers(0, 3)),
    st.builds(lambda n: b"h" + bytes([n]), st.integers(0, 3)),
    st.sampled_from(
        [MARK, TUPLE, REDUCE, BUILD, POP, EMPTY_TUPLE, EMPTY_LIST, NONE, STOP, b"\x94", b"\x93", b"o", b"2"]
    ),
    st.sampled_from(
        [b"}", b"s", b"u", b"a", b"e", b"d", b"l", b"\x85", b"\x86", b"\x81", b"\x92", b"\x8f", b"\x90", b"Q"]
    ),
    st.builds(lambda n: b"\x95" + n.to_bytes(8, "little"), st.integers(0, 40)),
    st.builds(lambda a, b: f"(i{a}\n{b}\n".encode(), NAMES, NAMES),
    st.builds(lambda op, argument: op + argument, st.sampled_from(CODES), ARGUMENTS),
)
STREAMS = st.builds(
    lambda head, parts: head + b"".join(parts) + STOP,
    st.sampled_from([b"", b"\x80\x02", b"\x80\x04", b"\x80\x05"]),
    st.lists(PIECES, max_size=14),
)


@given(STREAMS)
@settings(max_examples=max(1500, settings.default.max_examples))
def test_every_global_that_cpython_asks_for_is_seen(stream: bytes) -> None:
    agrees(stream)


@given(st.binary(max_size=60))
@settings(max_examples=max(300, settings.default.max_examples))
def test_any_bytes_end_in_a_result(stream: bytes) -> None:
    agrees(stream)


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
