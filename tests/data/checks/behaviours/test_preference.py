import random

from tests.data.checks.behaviours.test_behaviour import shown


def test_the_answer_that_should_have_lost_is_seen() -> None:
    rng = random.Random(0)
    good, bad = ["kind", "clear", "helpful", "polite"], ["rude", "vague", "curt", "wrong"]
    filler = [f"word{at}" for at in range(50)]

    def said(words: list[str]) -> str:
        return " ".join(rng.sample(filler, 5) + rng.sample(words, 2))

    chosen, lost = [said(good) for _ in range(300)], [said(bad) for _ in range(300)]
    turned = list(range(0, 300, 15))
    for row in turned:
        chosen[row], lost[row] = lost[row], chosen[row]
    found = shown(chosen, rejected=lost)["the answer that should have lost is chosen"]
    assert len(set(found) ^ set(turned)) <= 6


def test_a_refusal_that_is_preferred_is_seen() -> None:
    found = shown(["I cannot help with that.", "Sure."], rejected=["Sure.", "I cannot help with that."])
    assert found["the refusal is preferred"] == [0]
