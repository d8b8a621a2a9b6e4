from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.assemble import EMPTY_TUPLE, SHELL, call, fetch, number, pickle, text, tup

from modelward.formats.budget import Budget
from modelward.formats.joblib import InlineArrays
from modelward.formats.pickle.stream import Stream, read_stream
from modelward.formats.pickle.values import Event, Kind
from modelward.formats.source import BytesSource

MODULE = "joblib.numpy_pickle"


def wrapper(*fields: bytes, name: str = "NumpyArrayWrapper") -> bytes:
    """A wrapper with these attributes, built."""
    return fetch(MODULE, name) + EMPTY_TUPLE + b"\x81" + b"}(" + b"".join(fields) + b"ub"


def dtype(kind: str = "f8") -> bytes:
    return text("dtype") + call("numpy", "dtype", text(kind), b"\x89", b"\x88")


def shape(*sizes: int) -> bytes:
    return text("shape") + tup(*map(number, sizes))


def dumped(thing: Any, protocol: int | None = None) -> bytes:
    space = io.BytesIO()
    joblib.dump(thing, space, protocol=protocol)
    return space.getvalue()


def follow(data: bytes) -> tuple[Stream, InlineArrays, list[Event]]:
    events: list[Event] = []
    arrays = InlineArrays(events.append, Budget())
    return read_stream(BytesSource(data), 0, events.append, Budget(), arrays), arrays, events


THINGS: dict[str, Callable[[], Any]] = {
    "one": lambda: np.arange(1000.0),
    "several": lambda: {"a": np.arange(5), "b": [np.zeros((3, 4), order="F"), np.ones(2, ">f4")]},
    "text": lambda: [np.array(["x", "yy"]), np.array([b"abc"]), np.array(["2026-01-01"], "M8[ns]")],
    "records": lambda: np.zeros(4, [("a", "f8"), ("b", "U3"), ("c", "i4", (2,))]),
    "objects": lambda: {"o": np.array([1, "a", None], object), "after": np.arange(3)},
    "records of objects": lambda: np.array([(1, "x")], [("a", "i4"), ("b", object)]),
    "none": lambda: [np.zeros((0, 3)), np.array(5.0), np.array(True)],
    "twice": lambda: [np.arange(3)] * 2,
}


@pytest.mark.parametrize("name", THINGS)
@pytest.mark.parametrize("protocol", [0, 2, 3, 4, 5])
def test_stream_goes_on_behind_arrays(name: str, protocol: int) -> None:
    data = dumped(THINGS[name](), protocol)
    stream, arrays, _ = follow(data)
    assert stream.trouble is None
    assert stream.end == len(data)
    assert arrays.arrays > 0
    assert arrays.other_events == []


def test_arrays_without_padding_of_before_1_2() -> None:
    stream, arrays, _ = follow(pickle(wrapper(shape(2), dtype()) + b"\xff" * 16))
    assert (stream.trouble, arrays.other_events) == (None, [])


def test_payload_behind_an_array_is_met() -> None:
    *_, events = follow(pickle(wrapper(shape(2), dtype()) + b"\xff" * 16 + SHELL))
    assert [event.kind for event in events][-1] is Kind.CALL


def test_payload_in_the_objects_of_an_array_is_met() -> None:
    """CVE-2024-34997."""
    *_, events = follow(pickle(wrapper(shape(2), dtype("O")) + pickle(SHELL)))
    assert any(event.kind is Kind.CALL and event.step == "REDUCE" for event in events)


def test_array_whose_bytes_are_instructions_to_another_unpickler() -> None:
    """`pickle.load` runs what `joblib.load` takes for numbers; it may use the stack and the memo."""
    hidden = SHELL.ljust(64, b"N")
    _, arrays, _ = follow(pickle(wrapper(shape(8), dtype()) + hidden))
    assert any(event.kind is Kind.CALL for event in arrays.other_events)
    before = text("posix") + b"q\x00" + text("system") + b"q\x01"
    hidden = (b"h\x00h\x01\x93(" + text("id") + b"tR").ljust(64, b"N")
    _, arrays, _ = follow(pickle(before + wrapper(shape(8), dtype()) + hidden))
    assert any(event.kind is Kind.REFERENCE for event in arrays.other_events)


def test_type_that_holds_objects_only_by_its_flags() -> None:
    state = tup(number(3), text("<"), b"N", b"N", b"N", number(-1), number(-1), number(1))
    lying = text("dtype") + call("numpy", "dtype", text("f8"), b"\x89", b"\x88") + state + b"b"
    *_, events = follow(pickle(wrapper(shape(2), lying) + pickle(SHELL)))
    assert any(event.kind is Kind.CALL and event.step == "REDUCE" and event.offset > 100 for event in events)


@pytest.mark.parametrize(
    "fields",
    [
        (shape(2),),
        (dtype(),),
        (shape(-1), dtype()),
        (shape(2), dtype("object")),
        (shape(2), text("dtype") + text("f8")),
        (text("shape") + text("x"), dtype()),
        (shape(1 << 30, 1 << 30), dtype()),
    ],
)
def test_array_whose_size_cannot_be_told_is_trouble(fields: tuple[bytes, ...]) -> None:
    stream, _, _ = follow(pickle(wrapper(*fields) + b"\xff" * 16))
    assert stream.trouble is not None


@pytest.mark.parametrize(
    ("name", "escapes"),
    [
        ("model.pkl_01.npy", 0),
        ("../evil.npy", 1),
        ("/tmp/evil.npy", 1),
        ("sub/evil.npy", 1),
        ("\\\\host\\evil.npy", 1),
    ],
)
def test_files_that_old_wrappers_name(name: str, escapes: int) -> None:
    for old in ("NDArrayWrapper", "ZNDArrayWrapper"):
        _, arrays, _ = follow(pickle(wrapper(text("filename") + text(name), name=old)))
        assert len(arrays.escapes) == escapes


SEED = dumped(THINGS["several"]())


@given(
    st.lists(st.tuples(st.integers(0, len(SEED) - 1), st.integers(0, 255)), max_size=5), st.integers(0, 50)
)
@settings(max_examples=max(200, settings.default.max_examples), deadline=None)
def test_damaged_files_end_in_an_answer(changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(SEED)
    for at, value in changes:
        data[at] = value
    follow(bytes(data[: len(data) - cut]))


@pytest.mark.parametrize(
    "made",
    [
        call("copyreg", "__newobj__", fetch(MODULE, "NumpyArrayWrapper")),
        call("copyreg", "__newobj_ex__", fetch(MODULE, "NumpyArrayWrapper"), EMPTY_TUPLE, b"}"),
        call(
            "copy_reg",
            "_reconstructor",
            fetch(MODULE, "NumpyArrayWrapper"),
            fetch("builtins", "object"),
            b"N",
        ),
        b"(" + fetch(MODULE, "NumpyArrayWrapper") + b"o",
    ],
)
def test_call_behind_an_array_is_seen_however_its_wrapper_is_made(made: bytes) -> None:
    """Whoever passes over no array takes the call for a part of a text that begins in the array."""
    swallowing = b"X" + (len(SHELL) + 3).to_bytes(4, "little") + b"abc"
    state = b"}(" + dtype("u1") + shape(len(swallowing)) + b"ub"
    events = follow(pickle(made, state, swallowing, SHELL))[2]
    assert "posix.system" in [getattr(event.target, "qualname", "") for event in events]
