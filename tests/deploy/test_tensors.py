"""Tensors over bytes: as the reference library reads them, and never more than was asked."""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load as reference_load
from safetensors.numpy import save

from modelward.core.errors import InputError, LimitExceeded, MissingExtra, UsageError
from modelward.deploy.tensors import NUMPY_DTYPES, RawTensor, maker, read_safetensors
from modelward.formats.safetensors import DTYPE_BITS, MAX_READ_BYTES


def file(header: dict[str, Any] | bytes, data: bytes = b"") -> memoryview:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return memoryview(len(text).to_bytes(8, "little") + text + data)


def one(dtype: str, shape: list[int], data: bytes) -> memoryview:
    return file({"t": {"dtype": dtype, "shape": shape, "data_offsets": [0, len(data)]}}, data)


def numpy(view: memoryview) -> dict[str, np.ndarray[Any, Any]]:
    make = maker("numpy")
    return {name: make(name, raw) for name, raw in read_safetensors(view, "m.safetensors")}


def every_type() -> bytes:
    arrays = {
        dtype: np.arange(6).reshape(2, 3).astype(code) % 2 == 1
        if dtype == "BOOL"
        else np.arange(6).reshape(2, 3).astype(code)
        for dtype, code in NUMPY_DTYPES.items()
    }
    return save(arrays | {"empty": np.zeros((0, 3), "f4"), "scalar": np.array(2.5)}, {"format": "np"})


def test_arrays_are_those_of_the_reference_library() -> None:
    data = every_type()
    ours, theirs = numpy(memoryview(data)), reference_load(data)
    assert ours.keys() == theirs.keys()
    for name, array in theirs.items():
        assert (ours[name].dtype, ours[name].shape) == (array.dtype, array.shape), name
        assert np.array_equal(ours[name], array), name


def test_arrays_lie_over_the_buffer_and_cannot_be_written() -> None:
    data = bytearray(every_type())
    arrays = numpy(memoryview(data).toreadonly())
    assert np.shares_memory(arrays["F32"], np.frombuffer(data, "u1"))
    for array in arrays.values():
        assert not array.flags.writeable
        with pytest.raises(ValueError, match="WRITEABLE"):
            array.flags.writeable = True


def test_raw_gives_any_type() -> None:
    ((name, raw),) = read_safetensors(one("BF16", [2, 1], b"abcd"), "m")
    assert name == "t"
    assert maker("raw")(name, raw) == RawTensor("BF16", (2, 1), memoryview(b"abcd"))


@pytest.mark.parametrize("dtype", sorted(DTYPE_BITS.keys() - NUMPY_DTYPES.keys()))
def test_a_type_that_numpy_lacks_names_the_remedy(dtype: str) -> None:
    data = bytes(DTYPE_BITS[dtype])  # 8 elements
    with pytest.raises(InputError, match=f"no type for {dtype}") as caught:
        numpy(one(dtype, [8], data))
    assert 'framework="raw"' in (caught.value.help or "")


def test_a_bool_that_is_neither_true_nor_false() -> None:
    with pytest.raises(InputError, match="neither 0 nor 1"):
        numpy(one("BOOL", [3], b"\x00\x01\x02"))


def test_a_shape_that_numpy_cannot_hold() -> None:
    with pytest.raises(InputError, match="numpy cannot hold it"):
        numpy(one("U8", [0, 1 << 62, 1 << 62], b""))


@pytest.mark.parametrize(
    "view",
    [
        memoryview(b""),
        memoryview(b"\x01"),
        file(b""),
        file(b"[]"),
        file(b'{"t": NaN}'),
        file(b'{"t":1,"t":2}'),
        file({"t": 1}),
        file({"__metadata__": {"a": 1}}),
        memoryview((1 << 40).to_bytes(8, "little") + b"{}"),
        one("F32", [2], b"abc"),
        one("F99", [1], b"a"),
        one("U8", [-1], b"a"),
        file({"t": {"dtype": "U8", "shape": [1], "data_offsets": [5, 6]}}, b"a"),
        file(b"{}", b"trailing"),
        file(
            {
                "a": {"dtype": "U8", "shape": [2], "data_offsets": [0, 2]},
                "b": {"dtype": "U8", "shape": [2], "data_offsets": [1, 3]},
            },
            b"abc",
        ),
    ],
)
def test_a_header_that_is_not_strictly_valid(view: memoryview) -> None:
    with pytest.raises(InputError) as caught:
        list(read_safetensors(view, "shard"))
    assert caught.value.where == "shard"


def test_an_oversized_header() -> None:
    view = memoryview((MAX_READ_BYTES + 1).to_bytes(8, "little") + bytes(100))
    with pytest.raises(LimitExceeded):
        list(read_safetensors(view, "shard"))


VALID = every_type()


@given(st.lists(st.tuples(st.integers(0, len(VALID) - 1), st.integers(0, 255)), max_size=4), st.data())
def test_damaged_files_raise_our_errors_or_give_tensors_inside(
    edits: list[tuple[int, int]], data: st.DataObject
) -> None:
    damaged = bytearray(VALID)
    for at, value in edits:
        damaged[at] = value
    end = data.draw(st.sampled_from([len(damaged), len(damaged) // 2, 9]))
    view = memoryview(bytes(damaged[:end]))
    try:
        arrays = numpy(view)
    except InputError:
        return
    assert sum(array.nbytes for array in arrays.values()) <= view.nbytes


def test_an_unknown_framework() -> None:
    with pytest.raises(UsageError, match="unknown framework 'tensorflow'"):
        maker("tensorflow")


def test_without_numpy_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(MissingExtra) as caught:
        maker("numpy")
    assert caught.value.help == "pip install 'modelward[numpy]'"
