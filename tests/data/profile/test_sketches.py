"""Sketches: what parts saw, merged in any order, is what the whole saw."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.data.profile import sketches
from modelward.data.profile.sketches import (
    Categories,
    Copies,
    Distinct,
    ExactSum,
    Sample,
    merged_examples,
    mixed,
)


def parts(values: Any, seed: int) -> list[Any]:
    source = random.Random(seed)
    cuts = sorted(source.sample(range(1, len(values)), 5))
    found = np.split(values, cuts)
    source.shuffle(found)
    return found


def hashes(numbers: Any) -> Any:
    return mixed(np.asarray(numbers))


@pytest.mark.parametrize("count", [1, 1000, 100_000])
def test_different_values_are_counted_within_a_few_percent(count: int) -> None:
    found = Distinct()
    found.update(hashes(np.arange(count).repeat(2)))
    assert found.count() == pytest.approx(count, rel=0.05)
    assert found.exact == (count < sketches.DISTINCT)
    assert not found.exact or found.count() == count


@pytest.mark.parametrize("limit", [100, 1 << 22])
def test_copies_are_the_same_in_parts(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sketches, "COPIES", limit)
    numbers = np.random.default_rng(1).integers(0, 2000, 5000)
    places = np.arange(5000)
    whole = Copies()
    whole.update(hashes(numbers), places)
    merged = Copies()
    for part in parts(places, 3):
        piece = Copies()
        piece.update(hashes(numbers[part]), part)
        merged.merge(piece)
    merged.settle()
    whole.settle()
    for name in ("hashes", "counts", "firsts"):
        assert np.array_equal(getattr(whole, name), getattr(merged, name))
    assert (merged.level, merged.exact) == (whole.level, limit > 5000)
    assert whole.repeated() == pytest.approx(5000 - len(set(numbers)), rel=0.4 if limit == 100 else 0)


def test_the_most_repeated_are_named_by_their_first_place() -> None:
    found = Copies()
    found.update(hashes([7, 8, 7, 9, 7, 8]), np.arange(100, 106))
    assert found.most_repeated(5) == [(100, 3), (101, 2)]
    assert (found.repeated(), found.distinct()) == (3, 3)


def test_a_sample_is_the_same_in_parts_and_even() -> None:
    values = np.arange(50_000, dtype=float)
    places = np.arange(50_000)

    def sample(pieces: list[Any]) -> Sample:
        found = Sample(1000)
        for piece in pieces:
            one = Sample(1000)
            chosen = one.chosen(places[piece])
            one.update(places[piece][chosen], values[piece][chosen], len(piece))
            found.merge(one)
        return found

    whole, merged = sample([places]), sample(parts(places, 5))
    assert np.array_equal(whole.values(), merged.values())
    assert (len(merged.values()), merged.seen, merged.whole) == (1000, 50_000, False)
    assert np.median(merged.values()) == pytest.approx(25_000, rel=0.1)


def test_too_many_categories_are_none() -> None:
    few, many = Categories(2), Categories(2)
    few.update(["a", "a", "b"])
    many.update(["c"])
    assert few.ranked() == [("a", 2), ("b", 1)]
    many.merge(few)
    assert many.counts is None
    assert many.ranked() == []


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30),
    st.integers(0, 30),
)
def test_sums_are_exact_whatever_the_order(values: list[float], cut: int) -> None:
    one, other = ExactSum(), ExactSum()
    one.update(np.array(values[cut:]))
    other.update(np.array(values[:cut]))
    one.merge(other)
    expected = sum(map(Fraction, values), Fraction(0)) / len(values)
    assert one.mean(len(values)) == float(expected)


def test_a_sum_that_no_float_holds_has_a_mean_all_the_same() -> None:
    found = ExactSum()
    found.update(np.array([1.7e308, 1.7e308]))
    assert math.isclose(found.mean(2), 1.7e308)


def test_examples_are_the_first_of_both() -> None:
    assert merged_examples([5, 1], [2, 9], 3) == [1, 2, 5]
