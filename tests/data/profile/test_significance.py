"""Tests and measures, beside those of scipy and scikit-learn's own dependency."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from modelward.data.profile.significance import (
    chi_square,
    holm,
    jensen_shannon,
    kolmogorov_smirnov,
    stability,
    two_rates,
    wilson,
)


@pytest.mark.parametrize(("good", "of"), [(0, 10), (3, 10), (10, 10), (517, 10_000)])
def test_wilson_is_that_of_scipy(good: int, of: int) -> None:
    expected = stats.binomtest(good, of).proportion_ci(method="wilson")
    assert wilson(good, of) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_of_no_rows_nothing_is_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert two_rates(0, 0, 3, 5) == 1.0
    assert chi_square([0, 0], [1, 2]) == (1.0, 0.0)
    assert stability([], []) == jensen_shannon([], []) == 0.0


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=2, max_size=30))
def test_chi_square_is_that_of_scipy(pairs: list[tuple[int, int]]) -> None:
    pairs = [pair for pair in pairs if sum(pair)]
    one, other = [a for a, _ in pairs], [b for _, b in pairs]
    if len(pairs) < 2 or not sum(one) or not sum(other):
        return
    expected = stats.chi2_contingency([one, other], correction=False)
    p, effect = chi_square(one, other)
    assert p == pytest.approx(expected.pvalue, rel=1e-6, abs=1e-12)
    assert effect == pytest.approx((expected.statistic / (sum(one) + sum(other))) ** 0.5)


def test_kolmogorov_smirnov_is_near_that_of_scipy() -> None:
    source = np.random.default_rng(3)
    one, other = np.sort(source.normal(0, 1, 3000)), np.sort(source.normal(0.1, 1, 2000))
    expected = stats.ks_2samp(one, other, method="asymp")
    p, distance = kolmogorov_smirnov(one, len(one), other, len(other))
    assert distance == pytest.approx(expected.statistic)
    assert p == pytest.approx(expected.pvalue, rel=0.2)


def test_two_rates_agree_with_chi_square() -> None:
    p, _ = chi_square([30, 70], [50, 50])
    assert two_rates(30, 100, 50, 100) == pytest.approx(p)


def test_alike_is_zero_and_apart_is_more() -> None:
    assert stability([1, 2, 3], [10, 20, 30]) == pytest.approx(0)
    assert stability([1, 0], [0, 1]) > 5
    assert jensen_shannon([1, 0], [0, 1]) == 1
    assert jensen_shannon([0.5, 0.5], [0.5, 0.5]) == 0


def test_holm_corrects_each_for_all() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
