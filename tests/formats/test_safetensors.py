from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save
from tests.formats.assemble import good_safetensors, safetensors

from modelward.core.errors import LimitExceeded
from modelward.formats.safetensors import MAX_READ_BYTES, problems
from modelward.formats.source import BytesSource


def messages(data: bytes) -> list[str]:
    return [problem.message for problem in problems(BytesSource(data))]


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", "i1", "u2", "i4", "u8", "?"])
def test_what_the_reference_library_writes_is_right(kind: str) -> None:
    tensors = {"a": np.zeros((3, 4), kind), "none": np.zeros((0, 4), kind), "scalar": np.zeros((), kind)}
    assert messages(save(tensors, metadata={"format": "np"})) == []


def test_padded_header_is_right() -> None:
    assert messages(safetensors({}, pad=6)) == []
    assert messages(good_safetensors()) == []


def tensor(**changes: Any) -> dict[str, Any]:
    return {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]} | changes


@pytest.mark.parametrize(
    ("header", "size", "message"),
    [
        (
            {"a": tensor(data_offsets=[0, 4])},
            4,
            "tensor 'a': its shape needs 8 bytes and its data_offsets give 4",
        ),
        (
            {"a": tensor(data_offsets=[8, 0])},
            8,
            "tensor 'a': its data_offsets are not a beginning and an end",
        ),
        (
            {"a": tensor(data_offsets=[0, 8, 8])},
            8,
            "tensor 'a': its data_offsets are not a beginning and an end",
        ),
        (
            {"a": tensor(data_offsets=[-8, 0])},
            8,
            "tensor 'a': its data_offsets are not a beginning and an end",
        ),
        ({"a": tensor(dtype="F33")}, 8, "tensor 'a': its dtype 'F33' does not exist"),
        ({"a": tensor(dtype=4)}, 8, "tensor 'a': its dtype '4' does not exist"),
        ({"a": tensor(shape=[True])}, 8, "tensor 'a': its shape is not a list of sizes"),
        ({"a": tensor(shape=[1 << 40, 1 << 40])}, 8, "tensor 'a': its size overflows"),
        ({"a": tensor(shape=[0, 1 << 63], data_offsets=[0, 0])}, 0, "tensor 'a': its size overflows"),
        (
            {"a": tensor(dtype="F4", shape=[3], data_offsets=[0, 1])},
            1,
            "tensor 'a': its shape needs 1 bytes and its data_offsets give 1",
        ),
        (
            {"a": tensor() | {"extra": 1}},
            8,
            "tensor 'a': it does not have exactly dtype, shape and data_offsets",
        ),
        ({"a": tensor(), "b": tensor()}, 8, "tensor 'b' overlaps the one before it"),
        ({"a": tensor(data_offsets=[4, 12])}, 12, "4 bytes before tensor 'a' belong to none"),
        ({"a": tensor()}, 7, "the tensors reach 1 bytes past the end of the file"),
        ({"a": tensor()}, 9, "1 bytes after the last tensor belong to none"),
        ({}, 1, "1 bytes after the last tensor belong to none"),
        ({"__metadata__": {"format": 1}}, 0, "__metadata__ does not map text to text"),
        ({"__metadata__": ["x"]}, 0, "__metadata__ does not map text to text"),
    ],
)
def test_header_that_contradicts_the_data(header: dict[str, Any], size: int, message: str) -> None:
    assert messages(safetensors(header, bytes(size))) == [message]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (b'{"a":{},"a":{}}', "duplicate key 'a'"),
        (b'{"a":NaN}', "NaN is not a JSON number"),
        (b"{", "not valid JSON"),
        (b'{"a":"\xff"}', "not UTF-8"),
    ],
)
def test_header_that_two_readers_may_read_differently(header: bytes, words: str) -> None:
    (problem,) = problems(BytesSource(safetensors(header)))
    assert words in problem.message
    assert not problem.readable


def test_header_longer_than_the_file() -> None:
    assert messages(struct.pack("<Q", 99) + b"{}") == ["its header of 99 bytes is longer than the file"]


def test_header_too_long_to_parse_is_not_parsed() -> None:
    with pytest.raises(LimitExceeded):
        messages(struct.pack("<Q", MAX_READ_BYTES + 1) + b"{}")


def test_header_nested_too_deeply_is_not_parsed() -> None:
    with pytest.raises(LimitExceeded):
        messages(safetensors(b'{"a":' + b"[" * 1000 + b"]" * 1000 + b"}"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["dtype", "shape", "data_offsets"]), inner)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=3), JSON), st.binary(max_size=20))
def test_any_header_ends_in_an_answer(header: dict[str, Any], content: bytes) -> None:
    messages(safetensors(header, content))


def test_tensor_named_like_a_path_out_of_the_folder() -> None:
    header = {"../../etc/cron.d/x": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}}
    (problem,) = problems(BytesSource(safetensors(header, b"x")))
    assert "named like a path out of the folder" in str(problem)
