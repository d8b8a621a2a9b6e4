"""Columns: kinds, missing cells, ranges, lengths, values; the same in parts."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from tests.data.profile.conftest import sentences, view

from modelward.data.cells import Temporal
from modelward.data.profile import facts
from modelward.data.profile.columns import Columns, told


def column(values: list[Any], name: str = "c", **plan: Any) -> facts.Column:
    found = Columns()
    found.update(view({name: values}, **plan))
    (result,) = found.result()
    return result


def test_numbers_have_a_range_and_quantiles() -> None:
    found = column([*range(101), None, float("nan"), float("inf")])
    numbers = found.numbers
    assert numbers is not None
    assert (numbers.min, numbers.max, numbers.mean, numbers.not_finite) == (0, 100, 50, 2)
    assert numbers.quantiles == tuple(map(float, range(101)))
    assert (found.missing, found.rows, found.kinds) == (1, 104, {"number": 103})


def test_numbers_that_no_float_holds_are_not_finite() -> None:
    found = column([10**400, Decimal("1.5")])
    assert found.numbers is not None
    assert (found.numbers.not_finite, found.numbers.max) == (1, 1.5)


def test_missing_is_null_or_blank_and_placeholders_are_told_apart() -> None:
    found = column(["red", "", "  ", None, "N/A", "unknown", "-", "nan", "blue"])
    assert (found.missing, found.placeholders) == (3, 4)


def test_numbers_written_as_text_are_counted_as_such() -> None:
    found = column(["1", " 2.5 ", "-3e2", "four", ".5", "1,000", "٣"])
    assert found.numerals == 4
    assert found.numbers is not None
    assert (found.numbers.min, found.numbers.max) == (-300, 2.5)


def test_values_of_a_category_are_counted_and_those_of_an_identifier_are_not_kept() -> None:
    assert column([True, False, True]).values[0] == facts.Value(value="true", rows=2)
    assert column([Temporal(b"D", 0)]).values[0].value == "1970-01-01"
    assert column([["a"], ["a"]]).values[0] == facts.Value(value='["a"]', rows=2)
    many = column([f"id-{number}" for number in range(3000)])
    assert (many.values, many.distinct, many.distinct_exact) == ((), 3000, True)


def test_an_estimate_is_of_no_more_different_values_than_rows() -> None:
    found = [column([f"{salt}-{number}" for number in range(5000)]) for salt in range(8)]
    assert not any(one.distinct_exact for one in found)
    assert all(4500 < one.distinct <= 5000 for one in found)


def test_text_is_measured_not_kept() -> None:
    found = column(sentences(50, 1), "t")
    assert found.is_text
    assert found.values == ()
    assert found.lengths is not None
    assert found.lengths.count == 50
    chat = column([[{"role": "user", "content": "four words of text"}]] * 3, "chat")
    assert chat.lengths is not None
    assert chat.lengths.max == len("four words of text")


@pytest.mark.parametrize("seed", [1, 2])
def test_parts_merge_to_the_whole(seed: int) -> None:
    source = random.Random(seed)
    cells = [source.choice([None, "", "n/a", "7", "red", source.gauss(0, 1)]) for _ in range(400)]
    numbers = [source.gauss(0, 1e6) for _ in cells]
    whole = Columns()
    whole.update(view({"a": cells, "b": numbers}))
    merged = Columns()
    pieces = []
    for start in range(0, 400, 57):
        piece = Columns()
        piece.update(view({"a": cells[start : start + 57], "b": numbers[start : start + 57]}, first=start))
        pieces.append(piece)
    source.shuffle(pieces)
    for piece in pieces:
        merged.merge(piece)
    assert merged.result() == whole.result()


def test_a_column_that_a_part_lacks_is_missing_there() -> None:
    one, other = Columns(), Columns()
    one.update(view({"a": [1, 2]}))
    one.update(view({"b": ["x"]}, first=2))
    other.update(view({"c": [1]}, first=3))
    one.merge(other)
    assert {column.name: (column.rows, column.missing) for column in one.result()} == {
        "a": (4, 2),
        "b": (4, 3),
        "c": (4, 3),
    }


def test_values_that_hardly_repeat_or_hold_personal_data_are_not_told() -> None:
    names = column([f"name {number % 90}" for number in range(200)])
    colours = column(["red", "blue"] * 100)
    ages = column([number % 60 for number in range(900)])
    few = column([1, 2] * 30)
    assert names.values
    assert told(names, (), ()).values == ()
    assert told(names, ("c",), ()).values == names.values
    assert told(colours, (), ()).values == colours.values
    assert told(colours, ("c",), ("c",)).values == ()
    assert told(ages, (), ()).values == ()
    assert told(few, (), ()).values == few.values
