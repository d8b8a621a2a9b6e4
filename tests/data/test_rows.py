from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.core import merkle
from modelward.data import rows
from modelward.data.cells import digests, encode
from modelward.data.rows import RowTree, leaf_hashes, row_digests, set_root


def one_row(**cells: object) -> bytes:
    return row_digests(list(cells), [digests([value]) for value in cells.values()], 1)[0]


def test_order_of_columns_does_not_count() -> None:
    assert one_row(a=1, b="x") == one_row(b="x", a=1)


def test_a_null_cell_is_as_good_as_an_absent_one() -> None:
    assert one_row(a=1, b=None) == one_row(a=1)


def test_a_value_under_another_column_is_another_row() -> None:
    assert one_row(a="x", b="y") != one_row(a="y", b="x")


def test_rows_without_columns_still_count() -> None:
    assert row_digests([], [], 3) == [hashlib.sha256(b"r" + bytes(8)).digest()] * 3


def test_row_digest_is_the_documented_hash() -> None:
    payload = encode("a") + hashlib.sha256(encode(1)).digest()
    payload += encode("é") + hashlib.sha256(encode("x")).digest()
    row = hashlib.sha256(b"r" + len(payload).to_bytes(8, "big") + payload).digest()
    assert one_row(**{"é": "x", "a": 1}) == row


@given(st.integers(0, 70), st.lists(st.integers(0, 9), max_size=12))
def test_chunked_tree_has_the_root_of_rfc_6962(size: int, cuts: list[int]) -> None:
    leaves = leaf_hashes(number.to_bytes(4, "big") for number in range(size))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "_CHUNK", 8)
        tree, at = RowTree(), 0
        for cut in cuts:
            tree.extend(leaves[at : at + cut])
            tree.root()  # looking does not change it
            at += cut
        tree.extend(leaves[at:])
        assert tree.root().raw == merkle.root(leaves)


def test_set_root_counts_copies() -> None:
    row = bytes(32)
    assert set_root([(row, 1)]) != set_root([(row, 2)])
    assert set_root([(row, 2)]).raw == merkle.leaf_hash(row + (2).to_bytes(8, "big"))
