"""Variations of one text are a group; different texts are none."""

from __future__ import annotations

import random

from modelward.data.checks import corpus, near_duplicates
from modelward.data.checks.batch import Batch
from modelward.data.checks.report import Finding, Tier

WORDS = [f"word{at}" for at in range(400)]


def found(alike: int, hand: str | None = None, label: str = "bad") -> list[Finding]:
    rng = random.Random(1)
    inputs, labels, people = [], [], []
    campaign = rng.sample(WORDS, 30)
    for at in range(alike):
        inputs.append(" ".join([*campaign, f"end{at}"]))
        labels.append(label)
        people.append(hand or f"person{at % 20}")
    for at in range(300):
        good = at % 2
        inputs.append(" ".join([*rng.sample(WORDS, 12), *(["fine", "lovely"] if good else ["dull", "weak"])]))
        labels.append("good" if good else "bad")
        people.append(f"person{at % 20}")
    return near_duplicates.check(Batch(corpus.of_lists(inputs, None, labels, contributors=people))).findings


def test_variations_of_one_text_are_information() -> None:
    (finding,) = found(15)
    assert finding.tier is Tier.INFORMATION
    assert finding.rows == tuple(range(15))


def test_a_few_alike_and_different_texts_are_none() -> None:
    assert found(4) == []


def test_one_hand_is_named() -> None:
    (finding,) = found(15, hand="mallory")
    assert finding.contributors[0].name == "mallory"
    assert finding.contributors[0].rows == 15
