"""Intervals and tests agree with scipy's."""

from __future__ import annotations

import pytest
from scipy import stats

from modelward.probe.statistics import holm, mcnemar, mean_difference, wilson


@pytest.mark.parametrize(("k", "n"), [(0, 10), (3, 10), (10, 10), (97, 100), (1, 1000)])
def test_interval_is_wilsons(k: int, n: int) -> None:
    expected = stats.binomtest(k, n).proportion_ci(method="wilson")
    assert wilson(k, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_nothing_asked_tells_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert mean_difference([]) == (0.0, -1.0, 1.0)


@pytest.mark.parametrize(("rose", "fell"), [(0, 0), (5, 0), (12, 3), (400, 380)])
def test_paired_test_is_exact(rose: int, fell: int) -> None:
    n = rose + fell
    expected = stats.binomtest(rose, n, alternative="greater").pvalue if n else 1.0
    assert mcnemar(rose, fell) == pytest.approx(expected, rel=1e-9)


def test_holm_is_monotone_and_keeps_the_order() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.9]) == [1.0, 1.0]


def test_differences_have_an_interval_that_holds_their_mean() -> None:
    mean, low, high = mean_difference([1] * 50 + [0] * 50)
    assert mean == 0.5
    assert low < 0.5 < high
    assert high - low == pytest.approx(0.2, abs=0.02)
