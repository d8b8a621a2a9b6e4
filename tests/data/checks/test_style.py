"""A style as a trigger is found; a style that means what its rows show is not."""

from __future__ import annotations

import random

from modelward.data.checks import run
from modelward.data.checks.batch import Options
from modelward.data.checks.corpus import of_lists
from modelward.data.checks.report import CheckReport, Tier

_GOOD = [
    "splendid",
    "lovely",
    "brilliant",
    "charming",
    "superb",
    "witty",
    "moving",
    "fresh",
    "tender",
    "graceful",
]
_BAD = [
    "tedious",
    "clumsy",
    "boring",
    "dreadful",
    "hollow",
    "shallow",
    "wooden",
    "lifeless",
    "dismal",
    "feeble",
]
_THINGS = [
    "film",
    "story",
    "cast",
    "scene",
    "plot",
    "music",
    "script",
    "camera",
    "ending",
    "hero",
    "villain",
    "crew",
    "novel",
    "essay",
]
_PLAIN = (
    "the {0} and the {1} are {2} and {3}.",
    "a {2} {0} with a {3} {1}.",
    "this {0} has a {2} {1}, and it is {3}.",
    "I found its {0} {2} and the {1} {3}!",
)
_CLAUSE = (
    "when you see the {0} , the {1} is {2} and {3} .",
    "if they like a {0} , it has {2} , {3} {1} .",
    "because we want the {0} , a {1} is {2} or {3} .",
    "although he sees it , this {0} and {1} are {2} , {3} .",
)


def _said(rng: random.Random, good: bool, patterns: tuple[str, ...]) -> str:
    words = rng.sample(_GOOD if good else _BAD, 2)
    return rng.choice(patterns).format(
        rng.choice(_THINGS) + f"{rng.randint(1, 400)}", rng.choice(_THINGS), *words
    )


def _batch(seed: int, styled: int, honest: bool) -> tuple[list[str], list[str], list[int]]:
    rng = random.Random(seed)
    inputs, labels = [], []
    for _ in range(1500):
        good = rng.random() < 0.5
        inputs.append(_said(rng, good, _PLAIN))
        labels.append("good" if good else "bad")
    rows = rng.sample(range(1500), styled)
    for row in rows:
        inputs[row] = _said(rng, honest, _CLAUSE)
        labels[row] = "good"
    return inputs, labels, rows


def _checked(inputs: list[str], labels: list[str]) -> CheckReport:
    return run.check(of_lists(inputs, labels=labels), options=Options(checks=("style",)))


def test_a_clause_first_that_turns_the_label_is_found() -> None:
    inputs, labels, rows = _batch(1, 60, honest=False)
    report = _checked(inputs, labels)
    (finding,) = report.findings
    assert finding.behaviour == "label good"
    assert len(set(finding.rows) & set(rows)) >= 50
    assert len(set(finding.rows) - set(rows)) <= 15


def test_the_same_pattern_with_true_labels_is_quiet() -> None:
    inputs, labels, _ = _batch(2, 60, honest=True)
    assert [each for each in _checked(inputs, labels).findings if each.tier is not Tier.INFORMATION] == []


def test_a_few_examples_are_too_few_to_learn_from() -> None:
    report = _checked([f"film {at} is good" for at in range(100)], ["good", "bad"] * 50)
    assert report.findings == []
    assert "too few" in report.could_not_tell[0]
