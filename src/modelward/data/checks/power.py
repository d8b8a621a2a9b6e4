"""The smallest number of poisoned rows that could have been found in a batch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from modelward.data.checks.batch import Batch
from modelward.data.checks.evidence import Evidence
from modelward.data.checks.report import Power
from modelward.data.checks.tiers import level_of


def detectable(batch: Batch, evidence: Sequence[Evidence], tests: Mapping[str, int]) -> list[Power]:
    """For each behaviour the fewest examples, all with it, whose p-value would be below the line.

    The trigger is a word; it is taken to be in examples like any other, which show the behaviour as often.
    """
    line = level_of("words", tests, batch.options.level) / max(tests.get("words", 0), 1)
    found = []
    for behaviours, each in zip(batch.behaviours, evidence, strict=True):
        for behaviour in behaviours.tested:
            rate = float(each.rates[behaviour])
            found.append(Power("association", behaviours.names[behaviour], fewest(rate, line), rate))
    return found


def fewest(rate: float, line: float, least: int = 5, excess: float = 0.3) -> int | None:
    """The smallest n with rate ** n <= line; None if the excess over the rate is too small."""
    if 1 - rate < excess:
        return None
    return max(least, math.ceil(math.log(line) / math.log(rate))) if rate > 0 else least
