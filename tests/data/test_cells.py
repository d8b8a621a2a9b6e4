from __future__ import annotations

import hashlib
import math
import struct
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.core.errors import InputError
from modelward.data.cells import Pairs, Temporal, digests, encode, shortest

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec="utf-8"))
    | st.binary()
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_every_kind_has_its_own_tag() -> None:
    same_looking = [None, False, 0, 0.5, Decimal("0.5"), "0", b"0", ["0"], {"0": "0"}, Pairs((("0", "0"),))]
    same_looking += [Temporal(tag, 0) for tag in (b"D", b"T", b"Z", b"t", b"u")]
    assert len({encode(value) for value in same_looking}) == len(same_looking)


def test_zero_and_minus_zero_are_one_number() -> None:
    assert encode(0) == encode(0.0) == encode(-0.0) == encode(Decimal("-0.00"))


def test_every_nan_is_the_same_nan() -> None:
    odd = struct.unpack(">d", bytes.fromhex("fff80000deadbeef"))[0]
    assert math.isnan(odd)
    assert encode(odd) == encode(float("nan"))


@given(st.integers(-(2**53), 2**53))
def test_a_whole_number_is_the_same_as_integer_float_and_decimal(number: int) -> None:
    assert (
        encode(number) == encode(float(number)) == encode(Decimal(number)) == encode(Decimal(f"{number}.000"))
    )


@given(st.integers())
def test_integers_are_shortest_two_s_complement(number: int) -> None:
    data = shortest(number)
    assert int.from_bytes(data, "big", signed=True) == number
    assert len(data) == 1 or int.from_bytes(data[1:], "big", signed=True) != number


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_floats_are_equal_exactly_when_their_digests_are(one: float, other: float) -> None:
    assert (encode(one) == encode(other)) == (one == other)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-1000, max_value=1000, places=6))
def test_trailing_zeros_of_a_decimal_do_not_count(number: Decimal) -> None:
    assert encode(number) == encode(Decimal(str(number) + "000"))


def test_text_is_not_normalised() -> None:
    assert encode("\u00e9") != encode("e\u0301")


def test_a_null_field_is_as_good_as_absent_and_order_of_fields_does_not_count() -> None:
    assert encode({"a": 1, "b": None}) == encode({"a": 1})
    assert encode({"a": 1, "b": 2}) == encode({"b": 2, "a": 1})
    assert encode([None]) != encode([])


def test_cells_cannot_be_shifted_into_each_other() -> None:
    assert encode(["ab", "c"]) != encode(["a", "bc"])
    assert encode([["a"], "b"]) != encode([["a", "b"]])
    assert encode({"a": "bc"}) != encode({"ab": "c"})


def test_order_of_map_entries_does_not_count_but_a_key_twice_is_refused() -> None:
    assert encode(Pairs((("a", 1), ("b", 2)))) == encode(Pairs((("b", 2), ("a", 1))))
    with pytest.raises(InputError, match="key twice"):
        encode(Pairs((("a", 1), ("a", 2))))


def test_text_that_is_not_unicode_is_refused() -> None:
    for value in ("\ud800", ["\ud800"], {"\ud800": 1}):
        with pytest.raises(InputError, match="surrogate"):
            digests([value])


def test_decimal_with_absurd_exponent_does_not_fill_the_memory() -> None:
    for number in ("1e999999999", "1e-999999999", "NaN", "Infinity"):
        with pytest.raises(InputError, match="exponent"):
            encode(Decimal(number))


@given(st.lists(values, max_size=20))
def test_digests_of_a_column_are_the_hashes_of_its_encodings(column: list[object]) -> None:
    assert digests(column) == [
        None if value is None else hashlib.sha256(encode(value)).digest() for value in column
    ]


@given(st.lists(st.none() | st.sampled_from(["ham", "spam", ""]), max_size=30))
def test_repeated_values_hash_as_single_ones(column: list[str | None]) -> None:
    assert digests(column) == [digests([value])[0] for value in column]


@given(values, values)
def test_encoding_is_injective_up_to_equality_of_values(one: object, other: object) -> None:
    if encode(one) == encode(other):
        assert _plain(one) == _plain(other)


def _plain(value: object) -> object:
    """Equality of values as documented: numbers by value, null fields dropped, kinds apart."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and math.isnan(value):
        return ("nan",)
    return ("number", value) if isinstance(value, int | float) and not isinstance(value, bool) else value
