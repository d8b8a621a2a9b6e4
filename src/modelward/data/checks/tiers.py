"""Which candidates are findings, and of which tier."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from modelward.data.checks.batch import Batch
from modelward.data.checks.candidates import Candidate
from modelward.data.checks.report import Tier

#: A critical finding has this rate, so many examples, so many nats of evidence that its rows were made so.
PURE, EXAMPLES, CRITICAL = 0.9, 8, 5.0
#: A finding to review has so many examples, this excess and so many nats of evidence.
FEW, EXCESS, REVIEW = 5, 0.3, 4.0
#: Evidence must be so much above the logarithm of the number of features that pass without it.
_ABOVE = 2.0
#: Of several classes one cannot be judged by rows that are more than this share of it.
_CLASS = 0.5
#: Of the rows of a critical finding this share at least was made so.
_SHARE = 0.75
#: A finding of a weak behaviour has so many examples.
_WEAK = 20
#: Words have this part of the false discovery rate, all other kinds of feature together the rest.
_WORDS = 0.7


@dataclass(frozen=True)
class Bar:
    """What a candidate must pass: by kind of feature the p-value at most, by group the evidence at least."""

    p: Mapping[str, float]
    made: Sequence[float]

    @classmethod
    def of(cls, batch: Batch, found: Sequence[Candidate], tests: Mapping[str, int]) -> Bar:
        """The bar where `tests` of each kind were made and these are the candidates."""
        lines = {}
        for kind, count in tests.items():
            values = [each.p for each in found if each.kind == kind]
            lines[kind] = threshold(
                values, count, level_of(kind, tests, batch.options.level), batch.options.strict
            )
        passing = [0] * len(batch.behaviours)
        for each in found:
            passing[each.group] += each.p <= lines[each.kind] and each.n >= FEW and each.excess >= EXCESS
        return cls(lines, [math.log(max(count, 1)) + _ABOVE for count in passing])

    def tier(self, batch: Batch, each: Candidate) -> Tier | None:
        """The tier of a candidate; None if it is no finding."""
        if each.p > self.p[each.kind] or each.n < FEW or each.excess < EXCESS:
            return None
        if each.made < max(REVIEW, self.made[each.group]):
            return None
        evidence = batch.expectation[1][each.group]
        if evidence.group.size > 2 and each.k > _CLASS * evidence.counts[each.behaviour]:
            return None
        pure = each.purity >= PURE
        if batch.behaviours[each.group].weak:
            return Tier.REVIEW if pure and each.n >= _WEAK else None
        if pure and each.n >= EXAMPLES and each.made >= CRITICAL and each.share >= _SHARE:
            return Tier.CRITICAL
        return Tier.REVIEW


def level_of(kind: str, tests: Mapping[str, int], level: float) -> float:
    """The part of the false discovery rate that a kind of feature has."""
    others = max(len(tests) - 1, 1)
    return level * (_WORDS if kind == "words" else (1 - _WORDS) / others)


def threshold(values: Sequence[float], tests: int, level: float, strict: bool) -> float:
    """The largest p-value that passes at a false discovery rate of `level` among `tests`.

    Benjamini-Hochberg, or Benjamini-Yekutieli where `strict`. Values that cannot pass may be left out.
    """
    if not values:
        return 0.0
    p = np.sort(np.asarray(values))
    scale = level / max(tests, 1)
    if strict:
        scale /= float(np.log(max(tests, 1)) + 0.5772)
    passing = np.flatnonzero(p <= scale * np.arange(1, len(p) + 1))
    return float(p[passing[-1]]) if len(passing) else 0.0
