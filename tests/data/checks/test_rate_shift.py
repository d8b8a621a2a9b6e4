"""What is new and frequent is told; what the history has is not; a short history cannot tell."""

from __future__ import annotations

import random

from modelward.data.checks import corpus, rate_shift
from modelward.data.checks.batch import Batch
from modelward.data.checks.corpus import Corpus
from modelward.data.checks.report import Tier

WORDS = [f"word{at}" for at in range(200)]


def rows(count: int, seed: int, phrase: str = "", times: int = 0) -> Corpus:
    rng = random.Random(seed)
    inputs = [" ".join(rng.sample(WORDS, 10)) for _ in range(count)]
    inputs[:times] = [f"{each} {phrase}" for each in inputs[:times]]
    return corpus.of_lists(inputs, None, ["a", "b"] * (count // 2))


def test_a_phrase_that_is_new_is_told() -> None:
    (finding,) = rate_shift.check(Batch(rows(600, 1, "northern office", 25), rows(600, 2))).findings
    assert finding.tier is Tier.INFORMATION
    assert finding.trigger in ("northern", "office", "northern office")
    assert finding.rows == tuple(range(25))
    assert finding.in_history == 0


def test_a_phrase_that_the_history_has_is_not() -> None:
    batch = Batch(rows(600, 1, "northern office", 25), rows(600, 2, "northern office", 20))
    assert rate_shift.check(batch).findings == []


def test_a_short_history_cannot_tell() -> None:
    found = rate_shift.check(Batch(rows(600, 1), rows(100, 2)))
    assert found.could_not_tell == ["rate-shift: the history has 100 examples, of 200 needed"]
