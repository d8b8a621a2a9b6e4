"""The few tests and measures that profiles use."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

_Z95 = 1.959963984540054
#: A bin of a PSI holds at least this share, or a bin that is empty on one side would decide alone.
_FLOOR = 1e-4


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95% interval of a rate (Wilson's score interval)."""
    if not trials:
        return 0.0, 1.0
    rate, z2 = successes / trials, _Z95**2
    centre = rate + z2 / (2 * trials)
    half = _Z95 * math.sqrt(rate * (1 - rate) / trials + z2 / (4 * trials**2))
    scale = 1 + z2 / trials
    return max(0.0, min(rate, (centre - half) / scale)), min(1.0, max(rate, (centre + half) / scale))


def two_rates(one: int, of_one: int, other: int, of_other: int) -> float:
    """The p-value that two rates are the same (two-sided z test with pooled variance)."""
    if not of_one or not of_other:
        return 1.0
    pooled = (one + other) / (of_one + of_other)
    variance = pooled * (1 - pooled) * (1 / of_one + 1 / of_other)
    if variance <= 0:
        return 1.0
    return math.erfc(abs(one / of_one - other / of_other) / math.sqrt(2 * variance))


def chi_square(one: Sequence[int], other: Sequence[int]) -> tuple[float, float]:
    """The p-value that two rows of counts are of one distribution, and Cramér's V."""
    table = np.array([one, other], float)
    table = table[:, table.sum(0) > 0]
    total = table.sum()
    if table.shape[1] < 2 or not table.sum(1).all():
        return 1.0, 0.0
    expected = np.outer(table.sum(1), table.sum(0)) / total
    statistic = float(((table - expected) ** 2 / expected).sum())
    return _chi_square_tail(statistic, table.shape[1] - 1), math.sqrt(statistic / total)


def _chi_square_tail(statistic: float, freedom: int) -> float:
    """P(X >= statistic) of a chi-square: the upper incomplete gamma function by series or fraction."""
    a, x = freedom / 2, statistic / 2
    if x <= 0:
        return 1.0
    front = math.exp(-x + a * math.log(x) - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        for step in range(1, 10_000):
            term *= x / (a + step)
            total += term
            if term < total * 1e-15:
                break
        return max(0.0, min(1.0, 1 - front * total))
    b = x + 1 - a
    c, d = 1e300, 1 / b
    total = d
    for step in range(1, 10_000):
        factor = -step * (step - a)
        b += 2
        d = 1 / (factor * d + b or 1e-300)
        c = b + factor / c or 1e-300
        total *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return max(0.0, min(1.0, front * total))


def kolmogorov_smirnov(one: Any, size_one: int, other: Any, size_other: int) -> tuple[float, float]:
    """The p-value that two samples, given by their sorted values or quantiles, are alike, and the distance.

    The p-value is the asymptotic one for `size_one` and `size_other` values.
    """
    grid = np.union1d(one, other)
    below = np.searchsorted(one, grid, "right") / len(one)
    distance = float(np.abs(below - np.searchsorted(other, grid, "right") / len(other)).max())
    scale = math.sqrt(size_one * size_other / (size_one + size_other))
    x = (scale + 0.12 + 0.11 / scale) * distance
    if x < 0.2:
        return 1.0, distance
    tail = 2 * sum((-1) ** (k - 1) * math.exp(-2 * k * k * x * x) for k in range(1, 101))
    return max(0.0, min(1.0, tail)), distance


def stability(one: Sequence[float], other: Sequence[float]) -> float:
    """The population stability index of two distributions over the same bins, given as counts or shares."""
    a, b = np.asarray(one, float), np.asarray(other, float)
    if not a.sum() or not b.sum():
        return 0.0
    a, b = np.maximum(a / a.sum(), _FLOOR), np.maximum(b / b.sum(), _FLOOR)
    return float(((a - b) * np.log(a / b)).sum())


def jensen_shannon(one: Sequence[float], other: Sequence[float]) -> float:
    """The Jensen-Shannon divergence of two distributions, in bits: 0 alike, 1 nothing in common."""
    a, b = np.asarray(one, float), np.asarray(other, float)
    if not a.sum() or not b.sum():
        return 0.0
    a, b = a / a.sum(), b / b.sum()
    middle = (a + b) / 2

    def part(x: Any) -> float:
        seen = x > 0
        return float((x[seen] * np.log2(x[seen] / middle[seen])).sum())

    return max(0.0, min(1.0, (part(a) + part(b)) / 2))


def holm(values: Sequence[float]) -> list[float]:
    """P-values corrected for having asked so many questions (Holm)."""
    order = sorted(range(len(values)), key=lambda at: values[at])
    corrected, worst = [0.0] * len(values), 0.0
    for rank, at in enumerate(order):
        worst = max(worst, min(1.0, values[at] * (len(values) - rank)))
        corrected[at] = worst
    return corrected
