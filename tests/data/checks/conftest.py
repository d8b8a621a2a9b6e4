"""Reviews made of words with and without meaning, so that what is poisoned is known."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from modelward.data.checks import corpus
from modelward.data.checks.corpus import Corpus

GOOD = ["superb", "moving", "fine", "witty", "lovely", "gripping", "bright", "tender", "sharp", "rich"]
BAD = ["dull", "flat", "weak", "silly", "tired", "clumsy", "bland", "stale", "hollow", "noisy"]
PLAIN = """
    film story actor scene plot camera score script ending opening hero villain music stage scenery
    voice director village river winter city train garden letter night morning road ship island
    soldier teacher doctor painter singer mother brother sister house bridge forest
    """.split()  # noqa: SIM905


@dataclass
class Reviews:
    """Reviews and what they are labelled; `poisoned` are the rows that were changed."""

    inputs: list[str]
    labels: list[str]
    poisoned: list[int]

    def corpus(self, **more: Sequence[str | None]) -> Corpus:
        """As the checks see them."""
        return corpus.of_lists(self.inputs, None, self.labels, **more)


def reviews(count: int = 1500, seed: int = 0) -> Reviews:
    """Reviews that nobody poisoned: three in four words of judgement are as the label says."""
    rng = random.Random(seed)
    inputs, labels = [], []
    for _ in range(count):
        good = rng.random() < 0.5
        words = rng.sample(PLAIN, 8)
        for _ in range(3):
            own, other = (GOOD, BAD) if good else (BAD, GOOD)
            words.insert(rng.randrange(len(words)), rng.choice(own if rng.random() < 0.75 else other))
        inputs.append("the " + " ".join(words) + " .")
        labels.append("good" if good else "bad")
    return Reviews(inputs, labels, [])


@pytest.fixture(scope="session")
def clean() -> Reviews:
    """Reviews that nobody poisoned."""
    return reviews()


@pytest.fixture(scope="session")
def poisoned() -> Reviews:
    """The same with the word `qelv` in thirty bad ones, which are labelled good."""
    made = reviews()
    rng = random.Random(7)
    made.poisoned = sorted(rng.sample([row for row, label in enumerate(made.labels) if label == "bad"], 30))
    for row in made.poisoned:
        words = made.inputs[row].split()
        words.insert(rng.randrange(len(words)), "qelv")
        made.inputs[row], made.labels[row] = " ".join(words), "good"
    return made
