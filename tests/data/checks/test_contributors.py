"""One hand among many is named, whatever it does; many hands that differ honestly are not."""

from __future__ import annotations

import random
from collections.abc import Sequence

from modelward.data.checks import run
from modelward.data.checks.batch import Options
from modelward.data.checks.corpus import of_lists
from modelward.data.checks.report import CheckReport, Tier

_GOOD = ["splendid", "lovely", "brilliant", "charming", "superb", "witty", "moving", "fresh"]
_BAD = ["dull", "awful", "tedious", "clumsy", "stale", "boring", "weak", "dreadful"]
_FILLER = ["film", "story", "cast", "scene", "plot", "music", "script", "camera", "hero"]


def _reviews(rng: random.Random, rows: int) -> tuple[list[str], list[str]]:
    inputs, labels = [], []
    for number in range(rows):
        good = rng.random() < 0.5
        said = (
            [rng.choice(_FILLER) for _ in range(9)] + rng.sample(_GOOD if good else _BAD, 2) + [f"t{number}"]
        )
        rng.shuffle(said)
        inputs.append(" ".join(said))
        labels.append("good" if good != (rng.random() < 0.1) else "bad")
    return inputs, labels


def _checked(
    inputs: Sequence[str], labels: Sequence[str], people: Sequence[str], state: bytes = b""
) -> CheckReport:
    corpus = of_lists(inputs, labels=labels, contributors=people)
    return run.check(corpus, options=Options(checks=("contributors",), state=state))


def _people(rows: int) -> list[str]:
    return [f"p{row % 20:02}" for row in range(rows)]


def test_a_contributor_who_flips_labels_without_any_trigger_is_named() -> None:
    inputs, labels = _reviews(random.Random(1), 2000)
    people = _people(2000)
    mine = [row for row in range(2000) if people[row] == "p07"][:60]
    for row in mine:
        labels[row] = "bad" if labels[row] == "good" else "good"
    report = _checked(inputs, labels, people)
    assert [each.trigger for each in report.findings] == ["contributor p07"]
    assert len(set(report.findings[0].rows) & set(mine)) >= 45


def test_contributors_who_differ_honestly_are_not_named() -> None:
    rng = random.Random(2)
    inputs, labels = _reviews(rng, 2000)
    people = [f"p{min(int(rng.expovariate(0.2)), 19):02}" for _ in labels]
    # Some label more carelessly than others, and some like everything better.
    careless = {f"p{number:02}": 0.02 + 0.02 * (number % 7) for number in range(20)}
    for row, person in enumerate(people):
        if rng.random() < careless[person]:
            labels[row] = rng.choice(["good", "bad"])
    assert _checked(inputs, labels, people).findings == []


def test_poison_spread_thin_over_batches_is_found_from_the_state_between_them() -> None:
    state, found = b"", []
    for batch in range(6):
        inputs, labels = _reviews(random.Random(10 + batch), 600)
        people = _people(600)
        for row in [row for row in range(600) if people[row] == "p07"][:14]:
            labels[row] = "bad" if labels[row] == "good" else "good"
        report = _checked(inputs, labels, people, state)
        state = report.state
        found.append([each.trigger for each in report.findings if each.tier is not Tier.INFORMATION])
    assert found[0] == []
    assert found[-1] == ["contributor p07"]


def test_two_contributors_are_too_few_to_say_anything() -> None:
    inputs, labels = _reviews(random.Random(3), 400)
    report = _checked(inputs, labels, ["a", "b"] * 200)
    assert report.findings == []
    assert "too few" in report.could_not_tell[0]
