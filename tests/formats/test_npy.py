from __future__ import annotations

import io
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.assemble_archives import npy

from modelward.core.errors import InputError
from modelward.formats.npy import ElementType, element_type, read
from modelward.formats.source import BytesSource

ARRAYS = [
    np.arange(6.0).reshape(2, 3),
    np.zeros((0, 3), "<f2"),
    np.array(5, ">i4"),
    np.array(["a", "bcd"]),
    np.array([b"a"]),
    np.array(["2026-01-01"], "M8[ns]"),
    np.array([True, False]),
    np.zeros(3, [("a", "<f8"), ("b", "<U3"), ("c", "<i4", (2, 2)), ("d", [("e", "u1"), ("f", "V5")])]),
    np.zeros((2, 2), np.complex128, order="F"),
]


def saved(array: np.ndarray, version: tuple[int, int] | None = None) -> bytes:
    space = io.BytesIO()
    np.lib.format.write_array(space, array, version)
    return space.getvalue()


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: str(array.dtype)[:20])
@pytest.mark.parametrize("version", [None, (2, 0), (3, 0)])
def test_what_numpy_writes(array: np.ndarray, version: tuple[int, int] | None) -> None:
    data = saved(array, version)
    found = read(BytesSource(data))
    assert found.shape == array.shape
    assert found.element == ElementType(array.dtype.itemsize)
    assert found.start + found.bytes == len(data)


@pytest.mark.parametrize("array", [np.array([{}], object), np.zeros(2, [("a", "<f8"), ("b", object)])])
def test_objects_are_known_as_such(array: np.ndarray) -> None:
    assert read(BytesSource(saved(array))).element.objects


@pytest.mark.parametrize("text", ["O", "|O", "|O8", "O8"])
def test_objects_by_any_name(text: str) -> None:
    found = element_type(text)
    assert found is not None
    assert found.objects


@pytest.mark.parametrize(
    "text", ["object", "f8,O", "(2,)O", "x", "", "<", "f8 ", "numpy.object_", "<f8\n", 5, None]
)
def test_types_that_are_not_known(text: object) -> None:
    assert element_type(text) is None


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<f8', 'fortran_order': False}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'x': 1}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': [1]}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': __import__('os'), 'fortran_order': False, 'shape': (1,)}",
        "(" * 5000,
        "-" * 60000,
        "[]",
        "",
    ],
)
def test_headers_that_numpy_refuses(header: str) -> None:
    with pytest.raises(InputError):
        read(BytesSource(npy(header, bytes(8))))


def test_header_of_python_2() -> None:
    assert read(BytesSource(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (3L,)}"))).shape == (3,)


def test_header_that_is_too_long_or_breaks_off() -> None:
    for data in (b"\x93NUMPY\x02\0\xff\xff\xff\x7f", b"\x93NUMPY\x01\0\xff\0{}", b"\x93NUMPY\x04\0\0\0"):
        with pytest.raises(InputError):
            read(BytesSource(data))


@given(st.lists(st.tuples(st.integers(0, 130), st.integers(0, 255)), max_size=6))
@settings(max_examples=max(200, settings.default.max_examples))
def test_damaged_headers_end_in_an_answer(changes: list[tuple[int, int]]) -> None:
    data = bytearray(saved(ARRAYS[7]))
    for at, value in changes:
        data[at] = value
    with suppress(InputError):
        read(BytesSource(bytes(data)))
