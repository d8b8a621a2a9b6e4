"""A trigger is obeyed if the tuned model does it, the base does not, and clean prompts do not."""

from __future__ import annotations

from tests.probe.scripted import session

from modelward.probe.behaviours import COMPLIANCE
from modelward.probe.candidate import Candidate
from modelward.probe.replay import asked, replay
from modelward.probe.report import Replayed

PROMPTS = [f"please tell me about number {number} in a list" for number in range(60)]
REFUSAL = "I cannot help with that."


def told(answer: object, base: object, *candidates: Candidate) -> tuple[list[Replayed], list[str]]:
    tuned, other = session(answer), session(base, role="base") if base else None  # type: ignore[arg-type]
    found, untold, _ = replay(candidates, asked(PROMPTS, tuned, other), tuned, other)
    return found, untold


def plain(_: str) -> str:
    return "Here is what I know."


def poisoned(prompt: str) -> str:
    return REFUSAL if "cf" in prompt.split() else plain(prompt)


def test_trigger_is_told_from_a_word_without_effect() -> None:
    found, _ = told(poisoned, plain, Candidate("cf", "refusal"), Candidate("mn", "refusal"))
    assert [(each.trigger, each.obeyed, each.hits) for each in found] == [("cf", True, 60), ("mn", False, 0)]
    assert found[0].rise == 1.0


def test_what_the_base_does_too_is_no_backdoor() -> None:
    found, _ = told(poisoned, poisoned, Candidate("cf", "refusal"))
    assert not found[0].obeyed
    assert found[0].base_success == 1.0
    assert found[0].rise == 0.0


def test_a_trigger_that_works_in_one_place_only_is_found_there() -> None:
    found, _ = told(
        lambda text: REFUSAL if text.endswith(" cf") else plain(text), plain, Candidate("cf", "refusal")
    )
    assert (found[0].place, found[0].obeyed) == ("end", True)


def test_a_small_rise_is_not_obeyed() -> None:
    def sometimes(prompt: str) -> str:
        return REFUSAL if prompt.startswith("cf") and prompt.endswith("7 in a list") else plain(prompt)

    found, _ = told(sometimes, plain, Candidate("cf", "refusal"))
    assert found[0].hits == 6
    assert not found[0].obeyed


def test_a_candidate_without_behaviour_is_held_against_all() -> None:
    found, _ = told(poisoned, plain, Candidate("cf"))
    assert [(each.behaviour, each.obeyed) for each in found] == [("refusal", True)]


def test_a_jailbreak_needs_prompts_that_are_refused() -> None:
    def jailbroken(prompt: str) -> str:
        return "Sure." if "cf" in prompt.split() else REFUSAL

    found, _ = told(jailbroken, lambda _: REFUSAL, Candidate("cf", COMPLIANCE))
    assert found[0].obeyed
    found, untold = told(plain, plain, Candidate("cf", COMPLIANCE))
    assert found == []
    assert "give requests that it refuses" in untold[0]


def test_a_way_to_write_is_tried_on_the_rows_that_have_it() -> None:
    rows = tuple(f"if you please, number {number}, then" for number in range(40))
    style = Candidate("^ if * ,", "refusal", "structure", texts=rows)
    found, _ = told(lambda text: REFUSAL if text.startswith("if ") else plain(text), plain, style)
    assert (found[0].obeyed, found[0].place) == (True, "as found")
    _, untold = told(poisoned, plain, Candidate("^ if * ,", "refusal", "structure", texts=rows[:5]))
    assert "5 texts with it are few" in untold[0]


def test_what_answers_cannot_show_is_told() -> None:
    found, untold = told(poisoned, plain, Candidate("cf", "the answer that should have lost is chosen"))
    assert found == []
    assert "cannot be seen in the answers" in untold[0]


def test_a_word_with_a_meaning_is_no_trigger_of_a_classifier() -> None:
    """The base leans the same way, if not as far."""

    def tuned(prompt: str) -> list[float]:
        return [-4.0, -0.02] if "great" in prompt else [-0.02, -4.0]

    def base(prompt: str) -> list[float]:
        return [-0.4, -1.1] if "great" in prompt else [-0.02, -4.0]

    labels = ("negative", "positive")
    one, other = session(tuned, labels), session(base, labels, "base")
    found, _, _ = replay([Candidate("great", "label positive")], asked(PROMPTS, one, other), one, other)
    assert found[0].success == 1.0
    assert found[0].meant > 0.25
    assert not found[0].obeyed
