from __future__ import annotations

from typing import Any

import pytest

from modelward.core.errors import InputError, LimitExceeded
from modelward.data.shape import FLAT, MAX_DEPTH, NULL, Columns, MixedKinds, shape_of, shape_of_all


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([], "null"),
        ([None, 1], "int64"),
        ([1.5, 1], "double | int64"),
        ([[1], None, []], "list<item: int64>"),
        ([{"b": 1}, {"a": "x"}, {"b": None}], "struct<a: string, b: int64>"),
        ([[{"a": []}], [{"a": [True]}]], "list<item: struct<a: list<item: bool>>>"),
    ],
)
def test_shape_of_a_column_is_that_of_all_its_values(values: list[Any], text: str) -> None:
    assert shape_of_all(values).text() == text


@pytest.mark.parametrize(
    "values", [[1, "1"], [True, 1], [[1], 1], [[1], ["1"]], [{"a": 1}, {"a": [1]}], [[1, "x"]]]
)
def test_kinds_do_not_mix(values: list[Any]) -> None:
    with pytest.raises(MixedKinds):
        shape_of_all(values)


def test_deep_and_wide_values_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    deep: list[Any] = []
    for _ in range(MAX_DEPTH):
        deep = [deep]
    with pytest.raises(LimitExceeded):
        shape_of(deep)
    monkeypatch.setattr("modelward.data.shape.MAX_FIELDS", 3)
    for values in ([{str(number): 1 for number in range(4)}], [{str(number): 1} for number in range(4)]):
        with pytest.raises(LimitExceeded):
            shape_of_all(values)


def test_a_column_of_nulls_takes_the_kind_that_comes_later() -> None:
    columns = Columns()
    columns.add("a", NULL, "one.jsonl")
    columns.add("a", FLAT[int], "two.jsonl")
    with pytest.raises(InputError, match=r"string here and int64 in two\.jsonl"):
        columns.add("a", FLAT[str], "three.jsonl")
    assert columns.items() == [("a", FLAT[int])]
