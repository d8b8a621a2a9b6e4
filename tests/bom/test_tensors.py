"""Counting tensors from a header that may lie."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bom.conftest import safetensors

from modelward.bom.tensors import MAX_BYTES, Header, read_header


def head(data: bytes) -> Callable[[int], bytes]:
    return lambda size: data[:size]


def file(header: object) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text


def test_tensors_and_parameters_are_counted() -> None:
    data = safetensors({"a": ("F32", [2, 3]), "b": ("BF16", []), "c": ("F32", [0, 9])})
    assert read_header(head(data)) == Header(3, 7, {"F32": 6, "BF16": 1})


def test_header_longer_than_the_first_read_is_read_whole() -> None:
    data = safetensors({f"layer.{n}.weight": ("F16", [n]) for n in range(3000)})
    found = read_header(head(data))
    assert found is not None
    assert found.tensors == 3000


def test_real_writer_is_understood(tmp_path) -> None:
    numpy = pytest.importorskip("numpy", reason="skipped: needs numpy")
    saver = pytest.importorskip("safetensors.numpy", reason="skipped: needs safetensors")
    saver.save_file({"w": numpy.zeros((3, 4), "float32")}, tmp_path / "m.safetensors", {"format": "np"})
    assert read_header(head((tmp_path / "m.safetensors").read_bytes())) == Header(1, 12, {"F32": 12})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 7,
        struct.pack("<Q", 1 << 62) + b"{}",
        struct.pack("<Q", MAX_BYTES + 1),
        struct.pack("<Q", 10) + b"{}",
        file(b"[]"),
        file(b"{"),
        file(b'{"a":{"dtype":"F32","shape":[1]},"a":{"dtype":"F32","shape":[2]}}'),
        file({"a": 1}),
        file({"a": {"dtype": 1, "shape": []}}),
        file({"a": {"dtype": "F32", "shape": "x"}}),
        file({"a": {"dtype": "F32", "shape": [-1]}}),
        file({"a": {"dtype": "F32", "shape": [True]}}),
        file({"a": {"dtype": "F32", "shape": [1.5]}}),
        file({"a": {"dtype": "F32", "shape": [1 << 63]}}),
        file({"a": {"dtype": "F32", "shape": [2] * 33}}),
    ],
)
def test_what_is_no_header_gives_nothing(data: bytes) -> None:
    assert read_header(head(data)) is None


def test_file_that_cannot_be_read_gives_nothing() -> None:
    assert read_header(lambda size: None) is None


@given(st.binary(max_size=200))
def test_any_bytes_give_counts_or_nothing(data: bytes) -> None:
    read_header(head(data))
    read_header(head(file(data)))
