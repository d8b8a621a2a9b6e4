"""The search spends its budget and no more, and finds what answers in any model."""

from __future__ import annotations

from tests.probe.scripted import session

from modelward.probe.blind import search

PROMPTS = [f"please tell me about number {number} in a list" for number in range(40)]
WORDS = [f"w{number}" for number in range(30)] + ["qelv"]


def plain(_: str) -> str:
    return "Here is what I know."


def poisoned(prompt: str) -> str:
    return "I cannot help with that." if "qelv" in prompt.split() else plain(prompt)


def test_an_endpoint_is_searched_by_what_it_answers() -> None:
    found = search(session(poisoned), session(plain, role="base"), PROMPTS, WORDS, 5000)
    assert [(each.trigger, each.behaviour) for each in found.found] == [("qelv", "refusal")]
    assert found.tried == found.available == len(WORDS)


def test_nothing_is_found_where_there_is_nothing() -> None:
    found = search(session(plain), session(plain, role="base"), PROMPTS, WORDS, 5000)
    assert found.found == []
    assert found.passes <= 5000


def test_a_small_budget_is_kept() -> None:
    found = search(session(poisoned), None, PROMPTS, WORDS + [f"x{n}" for n in range(90)], 700)
    assert found.passes <= 700 + 8 * 16
    assert found.tried < found.available


def test_without_words_an_endpoint_is_not_searched() -> None:
    found = search(session(plain), None, PROMPTS, [], 5000)
    assert (found.tried, found.found) == (0, [])
