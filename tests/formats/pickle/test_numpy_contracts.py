from __future__ import annotations

import pickle as cpython
from typing import Any

import numpy as np
import pytest
from tests.formats.assemble import (
    EMPTY_DICT,
    EMPTY_LIST,
    FALSE,
    NONE,
    TRUE,
    call,
    data,
    fetch,
    number,
    pickle,
    run,
    text,
    tup,
)

from modelward.formats.pickle.judge import Opinion, judge

KINDS = ["<f4", ">f8", "i1", "u2", "?", "c16", "S5", "U3", "V4", "O"]


def opinions(stream: bytes) -> list[str]:
    result, events = run(stream)
    assert result.trouble is None
    found = [judge(event) for event in events]
    return [judgement.reason for judgement in found if judgement.opinion is not Opinion.ALLOWED]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("protocol", range(6))
def test_arrays_that_numpy_writes_are_allowed(kind: str, protocol: int) -> None:
    for array in (np.zeros(3, kind), np.zeros((2, 0, 2), kind), np.zeros((2, 3), kind, order="F")):
        assert opinions(cpython.dumps(array, protocol)) == []


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "O"])
def test_scalars_that_numpy_writes_are_allowed(kind: str) -> None:
    assert opinions(cpython.dumps(np.zeros(1, kind)[0], 2)) == []


def dtype(kind: str, size: int = -1, align: int = -1, flags: int = 0, inner: bytes = NONE) -> bytes:
    state = tup(number(3), text("<"), inner, NONE, NONE, number(size), number(align), number(flags))
    return call("numpy", "dtype", text(kind), FALSE, TRUE) + state + b"b"


def structured(flags: int, offset: int = 0, inner: str = "f4") -> bytes:
    field = tup(call("numpy", "dtype", text(inner), FALSE, TRUE), number(offset))
    fields = EMPTY_DICT + text("a") + field + b"s"
    state = (number(3), text("|"), NONE, tup(text("a")), fields, number(8), number(1), number(flags))
    return call("numpy", "dtype", text("V8"), FALSE, TRUE) + tup(*state) + b"b"


def array(kind: bytes, content: bytes) -> bytes:
    made = call(
        "numpy.core.multiarray", "_reconstruct", fetch("numpy", "ndarray"), tup(number(0)), data(b"b")
    )
    return made + tup(number(1), tup(number(1)), kind, FALSE, content) + b"b"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (dtype("O8", flags=0), "its state's flags do not fit its type"),
        (dtype("f8", flags=63), "its state's flags do not fit its type"),
        (dtype("S5", size=4, align=1), "its state's size does not fit its type"),
        (dtype("f8", size=800), "its state's size does not fit its type"),
        (dtype("f8", inner=tup(fetch("numpy", "dtype"))), "its subarray is not known"),
        (array(dtype("O8", flags=63), data(bytes(8))), "its data do not fit its dtype"),
        (array(dtype("f8"), EMPTY_LIST), "its data do not fit its dtype"),
        (array(NONE, data(b"")), "its argument 3 is not what it should be"),
        (
            call("numpy.core.multiarray", "scalar", dtype("O8", flags=63), data(bytes(8))),
            "its argument 1 is not what it should be",
        ),
        (
            call(
                "numpy.core.multiarray", "_reconstruct", fetch("numpy", "dtype"), tup(number(0)), data(b"b")
            ),
            "its argument 1 is not what it should be",
        ),
        (call("numpy", "memmap", text("/etc/passwd")), "reads or writes files"),
        (structured(flags=16, inner="O8"), "its state's flags do not fit its type"),
        (structured(flags=16, offset=5), "a field lies outside of it"),
        (structured(flags=16, offset=-1), "a field lies outside of it"),
        (
            call(
                "numpy.core.multiarray", "_reconstruct", fetch("numpy", "ndarray"), tup(number(9)), data(b"b")
            ),
            "its argument 2 is not what it should be",
        ),
        (call("numpy", "dtype", text("f8,O"), FALSE, TRUE), "its argument 1 is not what it should be"),
        (call("numpy", "ndarray", tup(number(1))), "calls a function of numpy that files have no use for"),
    ],
)
def test_objects_passed_off_as_bytes_are_refused(value: bytes, reason: str) -> None:
    assert any(reason in found for found in opinions(pickle(value)))


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "value",
    [
        np.zeros(1, [("a", "f4"), ("b", "O")]),
        np.zeros(2, np.dtype(("f8", (2, 2)))),
        np.zeros(2, np.dtype([("a", "i1"), ("b", "i8")], align=True)),
        np.zeros(1, "M8[ns]"),
        np.zeros(1, "m8[D]"),
        np.datetime64("2026-01-01"),
        np.rec.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
        np.ma.array([1, 2], mask=[0, 1]),
        np.array([(1, 2)], dtype=[("a", "i4"), ("b", "O")])[0],
        np.void(b"ab"),
        np.longdouble(1),
        np.dtype({"names": ["a"], "formats": ["i4"], "offsets": [4], "itemsize": 12, "titles": ["title"]}),
        np.dtype("f4", metadata={"unit": "m"}),
        np.zeros(1, [("a", "f4"), ("b", "i4", (2,))]),
        np.array(["a", "bb"], dtype=np.dtypes.StringDType()),
    ],
    ids=str,
)
def test_structured_and_dated_values_that_numpy_writes_are_allowed(value: Any, protocol: int) -> None:
    assert opinions(cpython.dumps(value, protocol)) == []


NESTED = call("numpy", "dtype", fetch("numpy", "record"), FALSE, TRUE)


def raw(kind: bytes, size: int, inner: bytes = NONE, *, flags: int = 0) -> bytes:
    """A dtype of raw bytes or records with one field."""
    field = tup(inner, number(0))
    fields = EMPTY_DICT + text("a") + field + b"s"
    state = (number(3), text("|"), NONE, tup(text("a")), fields, number(size), number(1), number(flags))
    return call("numpy", "dtype", kind, FALSE, TRUE) + tup(*state) + b"b"


FLOAT = call("numpy", "dtype", text("f4"), FALSE, TRUE)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (raw(text("V8"), 800, FLOAT), "its state's size does not fit its type"),
        (raw(text("V8"), 4, FLOAT), "its state's size does not fit its type"),
        (raw(fetch("numpy", "record"), 8, NESTED), "a field is a record, whose size its name does not say"),
        (raw(text("V8"), 8, call("numpy", "dtype", text("V9"), FALSE, TRUE)), "a field lies outside of it"),
    ],
)
def test_a_size_other_than_the_declared_one_is_refused(value: bytes, reason: str) -> None:
    assert opinions(pickle(value)) == [reason]


@pytest.mark.parametrize(
    "value",
    [
        raw(text("V8"), 8, FLOAT),
        raw(fetch("numpy", "record"), 8, FLOAT),
        raw(text("V8"), 8, call("numpy", "dtype", text("V8"), FALSE, TRUE)),
    ],
)
def test_near_miss_records_of_the_declared_size(value: bytes) -> None:
    assert opinions(pickle(value)) == []


OBJECTS = dtype("O8", flags=63)


@pytest.mark.parametrize(
    ("shape", "items", "allowed"),
    [
        (tup(number(2)), 2, True),
        (tup(number(2), number(3)), 6, True),
        (tup(number(0), number(3)), 0, True),
        (tup(), 1, True),
        (tup(number(70_000)), 70_000, True),  # more than are kept
        (tup(number(70_001)), 70_000, False),
        (tup(number(2)), 1, False),
        (tup(number(1 << 30)), 0, False),
        (tup(number(1)), 2, False),
        (call("torch", "Size", tup(number(1 << 30))), 0, False),
    ],
)
def test_array_of_more_objects_than_there_are_is_refused(shape: bytes, items: int, allowed: bool) -> None:
    """numpy takes what lies behind the list for objects."""
    made = call(
        "numpy.core.multiarray", "_reconstruct", fetch("numpy", "ndarray"), tup(number(0)), data(b"b")
    )
    content = EMPTY_LIST + b"(" + NONE * items + b"e"
    found = opinions(pickle(made + tup(number(1), shape, OBJECTS, FALSE, content) + b"b"))
    assert found == ([] if allowed else ["its data do not fit its shape"])


def test_text_types_of_the_first_numpy_say_no_flags() -> None:
    value = dtype("U3", size=12, align=4, flags=0)
    assert opinions(pickle(value)) == []
