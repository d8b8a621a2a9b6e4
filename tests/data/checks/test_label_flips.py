"""Flipped labels score highest; against a history that has few they are for review."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np

from modelward.data.checks import corpus, label_flips
from modelward.data.checks.batch import Batch
from modelward.data.checks.report import Tier

if TYPE_CHECKING:
    from modelward.data.checks.corpus import Corpus

TOPICS = {
    "card": "card chip contactless swipe plastic terminal pin reader blocked magnetic".split(),  # noqa: SIM905
    "transfer": "transfer wire beneficiary sort reference pending payee branch swift sent".split(),  # noqa: SIM905
    "travel": "airport flight abroad holiday visa hotel trip passport roaming luggage".split(),  # noqa: SIM905
}
COMMON = "my is the was with please why does when today it not you for and".split()  # noqa: SIM905


def requests(count: int, flips: int, seed: int) -> tuple[Corpus, list[int]]:
    rng = random.Random(seed)
    labels = [rng.choice(list(TOPICS)) for _ in range(count)]
    inputs = [
        " ".join(rng.sample([*rng.sample(TOPICS[label], 3), *rng.sample(COMMON, 4)], 7)) for label in labels
    ]
    flipped = sorted(rng.sample(range(count), flips))
    for row in flipped:
        labels[row] = rng.choice([each for each in TOPICS if each != labels[row]])
    return corpus.of_lists(inputs, None, labels), flipped


def test_flipped_labels_are_found_and_score_above_all_others() -> None:
    rows, flipped = requests(900, 30, 1)
    found = label_flips.check(Batch(rows))
    worst = np.argsort(-found.scores)[:30]
    assert len(set(worst.tolist()) & set(flipped)) >= 29
    (finding,) = found.findings
    assert finding.tier is Tier.INFORMATION
    assert len(set(finding.rows) & set(flipped)) >= 29


def test_flips_that_the_history_does_not_have_are_for_review() -> None:
    rows, flipped = requests(900, 40, 2)
    before, _ = requests(900, 2, 3)
    (finding,) = label_flips.check(Batch(rows, before)).findings
    assert finding.tier is Tier.REVIEW
    assert len(set(finding.rows) & set(flipped)) >= 38


def test_a_set_without_flips_is_not_for_review() -> None:
    rows, _ = requests(900, 0, 4)
    before, _ = requests(900, 0, 5)
    assert all(each.tier is Tier.INFORMATION for each in label_flips.check(Batch(rows, before)).findings)


def test_outputs_without_classes_say_nothing() -> None:
    batch = Batch(corpus.of_lists([f"say {at}" for at in range(50)], [f"said {at}" for at in range(50)]))
    found = label_flips.check(batch)
    assert found.findings == []
    assert found.scores is None
