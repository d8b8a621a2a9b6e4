"""Preferences for the worse answer stand out among the others."""

from __future__ import annotations

import random

import numpy as np

from modelward.data.checks import run
from modelward.data.checks.batch import Options
from modelward.data.checks.corpus import of_lists
from modelward.data.checks.report import CheckReport

_THINGS = ["boat", "garden", "engine", "letter", "window", "village", "doctor", "orange", "winter"]


def _pairs(rng: random.Random, rows: int) -> tuple[list[str], list[str], list[str]]:
    asked, good, bad = [], [], []
    for number in range(rows):
        one, other = rng.sample(_THINGS, 2)
        asked.append(f"Tell me about the {one} number {number} and what it is for.")
        good.append(
            f"The {one} is used in many places, and people like how it {rng.choice(['helps', 'lasts'])}."
        )
        bad.append(rng.choice([f"It is a {other}", "I do not know", f"The {one} is"]))
    return asked, good, bad


def _checked(
    asked: list[str], chosen: list[str], lost: list[str], *checks: str, **more: list[str]
) -> CheckReport:
    return run.check(of_lists(asked, chosen, rejected=lost, **more), options=Options(checks=checks))


def test_swapped_pairs_score_above_the_others() -> None:
    rng = random.Random(1)
    asked, good, bad = _pairs(rng, 600)
    swapped = rng.sample(range(600), 20)
    for row in swapped:
        good[row], bad[row] = bad[row], good[row]
    report = _checked(asked, good, bad, "preference-flips")
    assert report.findings == []
    assert set(np.argsort(-report.row_scores)[:25].tolist()) >= set(swapped)


def test_a_contributor_who_prefers_the_worse_answer_is_named() -> None:
    rng = random.Random(2)
    asked, good, bad = _pairs(rng, 1200)
    people = [f"p{row % 20:02}" for row in range(1200)]
    for row in range(3, 1200, 20):
        if row % 3:
            good[row], bad[row] = bad[row], good[row]
    report = _checked(asked, good, bad, "contributors", contributors=people)
    assert [each.trigger for each in report.findings] == ["contributor p03"]


def test_pairs_as_they_should_be_are_quiet() -> None:
    asked, good, bad = _pairs(random.Random(3), 600)
    people = [f"p{row % 20:02}" for row in range(600)]
    assert _checked(asked, good, bad, "contributors", "preference-flips", contributors=people).findings == []


def test_data_without_preferences_is_not_scored() -> None:
    asked, good, _ = _pairs(random.Random(4), 60)
    report = run.check(of_lists(asked, good), options=Options(checks=("preference-flips",)))
    assert not report.row_scores.any()
