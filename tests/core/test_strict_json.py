from __future__ import annotations

import json
import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.core import strict_json
from modelward.core.errors import InputError, LimitExceeded, ModelwardError

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.integers(-(2**80), 2**80) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_reads_back_and_has_one_form(value: Any) -> None:
    data = strict_json.dumps(value)
    assert strict_json.loads(data) == value
    assert strict_json.dumps(strict_json.loads(data)) == data


@given(st.binary(max_size=200) | st.text('[]{}",:\\u0dea1e9.-tNIn \t\n').map(str.encode))
def test_any_bytes_read_as_json_does_or_raise_our_error(data: bytes) -> None:
    try:
        value = strict_json.loads(data)
    except ModelwardError:
        return
    assert value == json.loads(data)


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":2}',
        b'{"a":1,"\\u0061":2}',
        b'[{"x":{"k":1,"k":1}}]',
        b"NaN",
        b"[Infinity]",
        b"[-Infinity]",
        b"[1e999]",
        b'"\\ud800"',
        b'{"\\udfff":1}',
        b"\xef\xbb\xbf{}",
        b"\xff",
        '{"a":1}'.encode("utf-16"),
        b"",
        b"{}{}",
        b"[1,]",
        b"{'a':1}",
        b'"\x01"',
        b"01",
        b"9" * 5000,
    ],
)
def test_what_two_parsers_may_read_differently_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        strict_json.loads(data)


def test_surrogate_pair_is_a_character() -> None:
    assert strict_json.loads(b'"\\ud83d\\ude00"') == "\U0001f600"


def test_error_names_the_input() -> None:
    with pytest.raises(InputError, match="the trust policy is not valid JSON"):
        strict_json.loads(b"{", what="the trust policy")


def test_deep_nesting_is_refused_and_brackets_in_strings_are_not_nesting() -> None:
    deep = strict_json.MAX_DEPTH + 1
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
        with pytest.raises(LimitExceeded):
            strict_json.loads(opening * deep + b"1" + closing * deep)
        with pytest.raises(LimitExceeded):
            strict_json.loads(opening * 1_000_000)
    brackets = '\\"[{' * 100
    assert strict_json.loads(json.dumps([brackets, brackets]).encode()) == [brackets, brackets]
    assert strict_json.loads(b"[" + b"[]," * 500 + b"[]]") == [[]] * 501


def test_size_bound_is_exact() -> None:
    assert strict_json.loads(b'"abc"', max_bytes=5) == "abc"
    with pytest.raises(LimitExceeded):
        strict_json.loads(b'"abcd"', max_bytes=5)


@pytest.mark.parametrize("unit", [b"a", b"\\n", b'\\"', b"[", b"\\"])
def test_long_string_costs_no_more_than_its_length(unit: bytes) -> None:
    """A backtracking pattern kept state for every character: gigabytes for one string."""
    size = 4 << 20
    data = b"[" * 70 + b'"' + unit * (size // len(unit)) + b'"'
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(InputError):
        strict_json.loads(data)
    assert time.process_time() - began < 2
    assert tracemalloc.get_traced_memory()[1] < 16 * size
    tracemalloc.stop()


def test_not_a_number_is_not_written() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        strict_json.dumps({"a": float("nan")})
