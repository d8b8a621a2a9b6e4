from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from modelward.core import merkle
from modelward.core.errors import InputError
from modelward.data import rows
from modelward.data.arrow import values
from modelward.data.cells import digests, encode
from modelward.data.digesting import (
    cell_digests,
    keyed,
    leaf_hashes,
    matrix_of,
    parents,
    row_digests,
    set_lines,
)

CELLS = st.one_of(
    st.lists(st.none() | st.text()),
    st.lists(st.none() | st.integers()),
    st.lists(st.none() | st.floats()),
    st.lists(st.none() | st.booleans()),
    st.lists(st.integers() | st.floats()),
    st.lists(st.none() | st.binary()),
    st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=3)),
    st.lists(st.lists(st.integers())),
)


@given(CELLS)
@example([0, -1, 127, 128, -128, -129, 2**63 - 1, -(2**63), 2**63])
@example([0.0, -0.0, 1.5, math.nan, -math.nan, math.inf, -math.inf, 2.0**53, 2.0**60, 1e300, 5e-324])
@example(["spam", None, "ham"] * 200)
def test_many_cells_have_the_digests_of_one(column: list[Any]) -> None:
    assert cell_digests(column).listed() == digests(column)


@given(CELLS, st.binary(min_size=32, max_size=32))
def test_keyed_cells_are_hmacs_of_their_encoding(column: list[Any], key: bytes) -> None:
    hash_of = keyed(key)
    expected = [None if value is None else hash_of(encode(value)) for value in column]
    assert cell_digests(column, hash_of).listed() == expected


@pytest.mark.parametrize(
    "array",
    [
        pa.array([1, None, -300, 70000], pa.int32()),
        pa.array([1, 255], pa.uint8()),
        pa.array([2**64 - 1, 0], pa.uint64()),
        pa.array([0.5, None, math.nan, 3.0], pa.float32()),
        pa.array([b"a", None, b""]),
        pa.array(["x", None, "yy"]).dictionary_encode(),
        pa.DictionaryArray.from_arrays(pa.array([0, 1, None]), pa.array(["x", None])),
        pa.array(["a", "bb", "ccc", None, "e"]).slice(1, 3),
        pa.array(["a", "b"] * 300).slice(3),
        pa.array([], pa.string()),
        pa.array([None, None], pa.string()),
        pa.array([Decimal("1.50"), None]),
        pa.array([{"a": 1}, None]),
        pa.array([["x"], []]),
        pa.array(["x", "y"], pa.string_view()),
        pa.array([True, False, None]),
    ],
    ids=lambda array: str(array.type),
)
def test_arrow_arrays_have_the_digests_of_their_values(array: Any) -> None:
    assert cell_digests(array).listed() == digests(values(array))


def test_text_that_is_not_unicode_is_refused() -> None:
    with pytest.raises(InputError, match="lone surrogate"):
        cell_digests(["fine", "\ud800"])


@given(st.lists(st.tuples(st.none() | st.text(max_size=3), st.none() | st.integers(), st.text())))
def test_many_rows_have_the_digests_of_one(table: list[tuple[Any, ...]]) -> None:
    columns = {name: [row[at] for row in table] for at, name in enumerate(("text", "é", "a"))}
    expected = rows.row_digests(list(columns), [digests(cells) for cells in columns.values()], len(table))
    found = row_digests({name: cell_digests(cells) for name, cells in columns.items()}, len(table))
    assert found.tobytes() == b"".join(expected)


def test_rows_without_columns() -> None:
    assert row_digests({}, 2).tobytes() == b"".join(rows.row_digests([], [], 2))


def test_leaves_and_nodes_are_those_of_rfc_6962() -> None:
    data = [bytes([at]) * 32 for at in range(4)]
    leaves = leaf_hashes(matrix_of(data))
    assert leaves.tobytes() == b"".join(map(merkle.leaf_hash, data))
    above = [merkle.node_hash(merkle.leaf_hash(a), merkle.leaf_hash(b)) for a, b in (data[:2], data[2:])]
    assert parents(leaves).tobytes() == b"".join(above)
    lines = set_lines(matrix_of(data), np.array([1, 2, 3, 4]))
    assert lines.tobytes() == b"".join(line + at.to_bytes(8, "big") for at, line in enumerate(data, 1))
