from __future__ import annotations

import math

import pytest

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.loose_json import MAX_BYTES, loads


def test_numbers_that_are_no_json_are_read_as_python_reads_them() -> None:
    document, twice = loads(b'{"a": NaN, "b": [-Infinity]}')
    assert math.isnan(document["a"])
    assert document["b"] == [-math.inf]
    assert twice == []


def test_all_values_of_a_field_given_twice_are_kept() -> None:
    document, twice = loads(b'{"a": 1, "b": 2, "a": 3, "a": 4}')
    assert document["a"] == 4
    assert sorted(document.values()) == [1, 2, 3, 4]
    assert twice == ["a"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32-le"])
def test_encodings_that_python_recognises(encoding: str) -> None:
    assert loads('{"é": 1}'.encode(encoding))[0] == {"é": 1}


def test_deep_documents() -> None:
    assert loads(b"[" * 200 + b"]" * 200)[1] == []
    with pytest.raises(InputError):
        loads(b"[" * 200_000)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe\xff", b'{"a"}'])
def test_what_is_no_json(data: bytes) -> None:
    with pytest.raises(InputError):
        loads(data)


def test_size_is_bounded() -> None:
    with pytest.raises(LimitExceeded):
        loads(bytes(MAX_BYTES + 1))
