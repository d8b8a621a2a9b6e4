from __future__ import annotations

import pickle as cpython
from typing import Any

import numpy as np
import pytest
from tests.formats.assemble import FALSE, TRUE, call, data, fetch, number, pickle, text, tup
from tests.formats.pickle.opinions import worst, written

from modelward.formats.pickle.judge import Opinion


@pytest.mark.parametrize(
    "value",
    [
        np.arange(6).reshape(2, 3),
        np.matrix([1]),
        np.float64(1),
        np.float32,
        np.add,
        np.mean,
        np.poly1d([1, 2]),
        np.polynomial.Polynomial([1, 2]),
        np.random.RandomState(1),
        np.random.default_rng(1),
        np.random.SeedSequence(1),
        np.random.PCG64(1),
        np.dtypes.StringDType(),
        np.ma.masked_array([1], mask=[1]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_numpy_writes_is_allowed(value: Any) -> None:
    assert written(value) == []


@pytest.mark.parametrize("module", ["numpy", "numpy.core._multiarray_umath"])
def test_ufunc_by_name_of_a_known_function_only(module: str) -> None:
    for core in ("numpy.core", "numpy._core"):
        assert worst(pickle(call(core, "_ufunc_reconstruct", text(module), text("log1p")))) is Opinion.ALLOWED
        assert worst(pickle(call(core, "_ufunc_reconstruct", text("os"), text("system")))) is Opinion.SINK
        assert worst(pickle(call(core, "_ufunc_reconstruct", text("numpy"), text("load")))) is Opinion.SINK
        assert worst(pickle(call(core, "_ufunc_reconstruct", text(module), text("other")))) is Opinion.MISUSED


RECORD = call("numpy", "dtype", fetch("numpy", "record"), FALSE, TRUE)


@pytest.mark.parametrize(
    ("value", "opinion"),
    [
        (RECORD, Opinion.ALLOWED),
        (call("numpy", "dtype", fetch("m", "C"), FALSE, TRUE), Opinion.UNKNOWN),
        (call("numpy.random._pickle", "__randomstate_ctor", text("MT19937")), Opinion.ALLOWED),
        (call("numpy.random._pickle", "__randomstate_ctor", fetch("builtins", "dict")), Opinion.MISUSED),
        (call("numpy.random._pickle", "__bit_generator_ctor", fetch("builtins", "dict")), Opinion.MISUSED),
        (call("numpy.random._pickle", "__generator_ctor", text("x")), Opinion.MISUSED),
        (call("numpy.random", "__RandomState_ctor"), Opinion.ALLOWED),
        (call("numpy", "memmap", text("/etc/passwd")), Opinion.SINK),
        (
            call(
                "numpy.core.numeric",
                "_frombuffer",
                data(bytes(8)),
                call("numpy", "dtype", text("f8"), FALSE, TRUE),
                tup(number(1)),
                text("C"),
            ),
            Opinion.ALLOWED,
        ),
        (
            call(
                "numpy.core.numeric",
                "_frombuffer",
                data(bytes(8)),
                call("numpy", "dtype", text("O8"), FALSE, TRUE),
                tup(number(1)),
                text("C"),
            ),
            Opinion.MISUSED,
        ),
    ],
)
def test_contracts(value: bytes, opinion: Opinion) -> None:
    assert worst(pickle(value)) is opinion


def test_state_of_numpy_2_reads_the_same_as_that_of_numpy_1() -> None:
    stream = cpython.dumps(np.arange(3), 2)
    assert worst(stream.replace(b"numpy._core.multiarray", b"numpy.core.multiarray")) is Opinion.ALLOWED
