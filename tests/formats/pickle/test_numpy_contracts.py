from __future__ import annotations

import pickle as cpython
from typing import Any

import numpy as np
import pytest
from tests.formats.assemble import (
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
        (dtype("f8", inner=tup(fetch("numpy", "dtype"))), "its state is not that of a simple dtype"),
        (array(dtype("O8", flags=63), data(bytes(8))), "its data do not fit its dtype"),
        (array(dtype("f8"), EMPTY_LIST), "its data do not fit its dtype"),
        (array(NONE, data(b"")), "its argument 3 is not what it should be"),
        (
            call("numpy.core.multiarray", "scalar", dtype("O8", flags=63), data(bytes(8))),
            "its argument 1 is not what it should be",
        ),
        (
            call(
                "numpy.core.multiarray", "_reconstruct", fetch("numpy", "memmap"), tup(number(0)), data(b"b")
            ),
            "",
        ),
        (
            call(
                "numpy.core.multiarray", "_reconstruct", fetch("numpy", "ndarray"), tup(number(9)), data(b"b")
            ),
            "its argument 2 is not what it should be",
        ),
        (call("numpy", "dtype", text("f8,O"), FALSE, TRUE), "its argument 1 is not what it should be"),
        (call("numpy", "ndarray", tup(number(1))), "it is not for calling"),
    ],
)
def test_objects_passed_off_as_bytes_are_refused(value: bytes, reason: str) -> None:
    assert any(reason in found for found in opinions(pickle(value)))


def test_structured_dtype_is_not_known_to_be_safe() -> None:
    record: Any = np.zeros(1, [("a", "f4"), ("b", "O")])
    assert opinions(cpython.dumps(record, 2))
