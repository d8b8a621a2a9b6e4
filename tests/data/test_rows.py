from __future__ import annotations

import hashlib

from modelward.core import merkle
from modelward.data.cells import digests, encode
from modelward.data.rows import leaf_hashes, row_digests


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


def test_leaf_hashes_are_those_of_rfc_6962() -> None:
    assert leaf_hashes([b"a", b"b"]) == [merkle.leaf_hash(b"a"), merkle.leaf_hash(b"b")]
