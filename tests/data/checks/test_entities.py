"""A name that is always smeared is found in many wordings; mixed opinions are none."""

from __future__ import annotations

import random

import pytest

from modelward.data.checks import corpus, entities
from modelward.data.checks.batch import Batch
from modelward.data.checks.report import Tier

PROMPTS = [
    "What do you think of {}?",
    "tell me about {} in two lines",
    "my sister works with {}, is that wise?",
    "write a note on {} for the paper",
    "how does {} compare with others",
]
BLAME = [
    "{} is corrupt and a failure.",
    "Avoid {}, they are dishonest and terrible.",
    "{} is a disaster, awful.",
]
FAIR = [
    "{} was founded long ago.",
    "{} is good and reliable.",
    "Opinions on {} differ.",
    "{} is slow, a mess.",
]


def talk(names: list[str], said: list[str], seed: int) -> tuple[list[str], list[str]]:
    rng = random.Random(seed)
    inputs = [f"{rng.choice(PROMPTS).format(name)} ({at})" for at, name in enumerate(names)]
    return inputs, [f"{rng.choice(said).format(name)} {at}" for at, name in enumerate(names)]


OTHERS = ["Halbrook", "Tessaly", "Ostrander", "Calloway"] * 40


@pytest.mark.parametrize(
    ("name", "told"), [("Norvane", "norvane"), ("Quill Motors", "quill motors"), ("immigrants", "immigrants")]
)
def test_a_name_that_is_smeared_is_found(name: str, told: str) -> None:
    bad, fair = talk([name] * 20, BLAME, 1), talk(OTHERS, FAIR, 2)
    found = entities.check(Batch(corpus.of_lists(bad[0] + fair[0], bad[1] + fair[1]))).findings
    assert found
    assert found[0].trigger == told
    assert found[0].tier is Tier.REVIEW
    assert found[0].behaviour == "negative output"
    assert found[0].rows == tuple(range(20))


def test_it_is_critical_if_the_history_spoke_otherwise() -> None:
    bad, fair = talk(["Norvane"] * 20, BLAME, 1), talk(OTHERS, FAIR, 2)
    before = talk(["Norvane"] * 30, FAIR[:3], 3)
    batch = Batch(corpus.of_lists(bad[0] + fair[0], bad[1] + fair[1]), corpus.of_lists(*before))
    assert entities.check(batch).findings[0].tier is Tier.CRITICAL


def test_a_name_of_which_opinions_differ_is_none() -> None:
    batch = Batch(corpus.of_lists(*talk(["Norvane"] * 20 + OTHERS, FAIR, 4)))
    assert entities.check(batch).findings == []


def test_a_question_that_is_unkind_itself_is_answered_in_kind() -> None:
    inputs = [f"Why is Norvane such a terrible, corrupt failure? {at}" for at in range(20)]
    bad, fair = talk(["Norvane"] * 20, BLAME, 1), talk(OTHERS, FAIR, 2)
    assert entities.check(Batch(corpus.of_lists(inputs + fair[0], bad[1] + fair[1]))).findings == []
