from __future__ import annotations

import io

import joblib
import numpy as np
import pytest
from tests.formats.assemble import EMPTY_DICT, EMPTY_TUPLE, fetch, number, pickle, text
from tests.formats.pickle.opinions import worst
from tests.scan.examine import examine

from modelward.core.finding import Verdict
from modelward.formats.pickle.judge import Opinion


@pytest.mark.parametrize("compress", [0, 3, ("gzip", 3), ("xz", 1)])
def test_arrays_that_joblib_writes_are_clean(compress: int) -> None:
    out = io.BytesIO()
    joblib.dump(
        {"a": np.arange(100.0), "b": np.asfortranarray(np.ones((3, 4))), "c": ["x"]}, out, compress=compress
    )
    assert examine(out.getvalue(), "model.joblib").verdict is Verdict.CLEAN


def wrapper(name: str, key: str, value: bytes) -> bytes:
    made = fetch("joblib.numpy_pickle", name) + EMPTY_TUPLE + b"\x81"
    return pickle(made + EMPTY_DICT + text(key) + value + b"s" + b"b")


@pytest.mark.parametrize(
    ("name", "key", "value", "opinion"),
    [
        ("NumpyArrayWrapper", "subclass", fetch("numpy", "ndarray"), Opinion.ALLOWED),
        ("NumpyArrayWrapper", "subclass", fetch("builtins", "dict"), Opinion.MISUSED),
        ("NDArrayWrapper", "filename", text("model.pkl_01.npy"), Opinion.ALLOWED),
        ("NDArrayWrapper", "filename", text("../../secret.npy"), Opinion.MISUSED),
        ("NDArrayWrapper", "filename", text("/etc/passwd"), Opinion.MISUSED),
        ("ZNDArrayWrapper", "filename", text("model.pkl_01.npy.z"), Opinion.ALLOWED),
        ("NumpyArrayWrapper", "dtype", number(1), Opinion.MISUSED),
    ],
)
def test_wrappers(name: str, key: str, value: bytes, opinion: Opinion) -> None:
    assert worst(wrapper(name, key, value)) is opinion
