from __future__ import annotations

import os
import struct
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.core.errors import InputError
from modelward.formats import strided
from modelward.formats.source import BytesSource, FileSource, Slice, Source
from modelward.formats.strided import pieces, swapped


def numbers(count: int, item: int = 4) -> bytes:
    return b"".join(index.to_bytes(item, "little") for index in range(count))


def one_by_one(data: bytes, offset: int, shape: list[int], strides: list[int], item: int) -> bytes:
    found = b""
    for place in product(*map(range, shape)):
        at = (offset + sum(index * stride for index, stride in zip(place, strides, strict=True))) * item
        found += data[at : at + item]
    return found


@pytest.mark.parametrize("item", [1, 2, 4, 8])
@pytest.mark.parametrize(
    ("shape", "strides"),
    [
        ([], []),
        ([6], [1]),
        ([6], [3]),
        ([2, 3, 4], [12, 4, 1]),
        ([4, 2, 3], [1, 12, 4]),
        ([3, 1, 2], [4, 9, 2]),
        ([0, 3], [3, 1]),
        ([2, 2], [1, 7]),
    ],
)
def test_views(shape: list[int], strides: list[int], item: int) -> None:
    data = numbers(40, item)
    found = b"".join(pieces(BytesSource(data), 3, shape, strides, item))
    assert found == one_by_one(data, 3, shape, strides, item)


@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=4), st.randoms(use_true_random=False), st.integers(2, 40)
)
def test_any_permutation_of_a_block_with_gaps(shape: list[int], random: object, piece: int) -> None:
    order = list(range(len(shape)))
    random.shuffle(order)  # type: ignore[attr-defined]
    strides, step = [0] * len(shape), 2
    for axis in order:
        strides[axis] = step
        step *= shape[axis] + 1
    data = numbers(step + 1, 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strided, "PIECE_BYTES", piece)
        found = list(pieces(BytesSource(data), 1, shape, strides, 2))
    assert b"".join(found) == one_by_one(data, 1, shape, strides, 2)
    assert len(found) == 1 or max(map(len, found)) <= piece


def test_part_of_a_file_is_gathered_from_its_place(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(b"x" * 5003 + numbers(100))
    descriptor = os.open(path, os.O_RDONLY)
    try:
        source: Source = Slice(Slice(FileSource(descriptor, "data"), 3, 6000), 5000, 400)
        assert b"".join(pieces(source, 10, [5, 4], [1, 20], 4)) == one_by_one(
            numbers(100), 10, [5, 4], [1, 20], 4
        )
    finally:
        os.close(descriptor)


def test_file_that_is_cut_short_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(bytes(1 << 20))
    descriptor = os.open(path, os.O_RDONLY)
    try:
        source = FileSource(descriptor, "data")
        os.truncate(path, 10)
        with pytest.raises(InputError, match="cannot read it"):
            list(pieces(source, 0, [2, 2], [1, 1 << 17], 4))
    finally:
        os.close(descriptor)


def test_long_run_comes_in_chunks() -> None:
    data = os.urandom(3 << 20)
    found = list(pieces(BytesSource(data), 0, [3, 1 << 20], [1 << 20, 1], 1))
    assert b"".join(found) == data
    assert max(map(len, found)) == 1 << 20


def test_bytes_of_each_element_are_turned_round() -> None:
    assert b"".join(swapped(iter([struct.pack(">2I", 1, 2)]), 4)) == struct.pack("<2I", 1, 2)
