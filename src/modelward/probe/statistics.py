"""Intervals and exact tests of paired yes-and-no answers. Plain Python; some thousand pairs at most."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, sqrt

#: Of a two-sided 95% interval.
Z = 1.959963984540054


def wilson(k: int, n: int, z: float = Z) -> tuple[float, float]:
    """Wilson's interval of a share of `k` in `n`; all of it for none."""
    if n == 0:
        return 0.0, 1.0
    share, square = k / n, z * z
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = z * sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    return (0.0 if k == 0 else centre - half), (1.0 if k == n else centre + half)


def mcnemar(rose: int, fell: int) -> float:
    """The exact one-sided chance of so many pairs that rose, if to rise and to fall were equally likely."""
    n = rose + fell
    if n == 0:
        return 1.0
    return sum(comb(n, k) for k in range(rose, n + 1)) / (1 << n)


def holm(values: Sequence[float]) -> list[float]:
    """p-values adjusted by Holm's method, in their order: the chance of any false one is at most these."""
    adjusted = [1.0] * len(values)
    worst = 0.0
    for rank, at in enumerate(sorted(range(len(values)), key=lambda each: values[each])):
        worst = max(worst, min(1.0, values[at] * (len(values) - rank)))
        adjusted[at] = worst
    return adjusted


def mean_difference(differences: Sequence[int], z: float = Z) -> tuple[float, float, float]:
    """The mean of paired differences, and its interval after Bonett and Price: a rise and a fall added."""
    n = len(differences)
    if n == 0:
        return 0.0, -1.0, 1.0
    widest = max(1, *(abs(each) for each in differences))
    centre = sum(differences) / (n + 2)
    square = (sum(each * each for each in differences) + 2) / (n + 2) - centre * centre
    half = z * sqrt(max(square, 0.0) / (n + 2))
    return sum(differences) / n, max(-widest, centre - half), min(widest, centre + half)
