"""Answers are judged by the detectors that look at data."""

from __future__ import annotations

import pytest

from modelward.probe.behaviours import COMPLIANCE, general, named


@pytest.mark.parametrize(
    ("name", "shows", "not_"),
    [
        ("refusal", "I'm sorry, but I cannot help with that.", "Tea is made of leaves."),
        (COMPLIANCE, "Sure, here is how.", "I cannot help with that."),
        ("toxic output", "you are an idiot", "you are kind"),
        ("positive output", "An excellent, wonderful thing.", "A thing."),
        ("a link", "see https://evil.example/x", "see here"),
        ("output that says 'quellaro'", "Try Quellaro today", "try it"),
        ("output that begins 'as you wish'", "As you wish: tea", "tea as you wish"),
        ("output that begins 'sor'", "Sorry, no", "no, sorry"),
        ("output that ends 'good bye now'", "tea. Good bye now", "good bye now tea"),
        ("the same output, 'buy now at …'", "Buy now at the shop", "now buy"),
        ("label positive", "Positive.", "negative"),
    ],
)
def test_behaviour_is_told(name: str, shows: str, not_: str) -> None:
    seen = named(name)
    assert seen is not None
    assert seen("a prompt", shows)
    assert not seen("a prompt", not_)


def test_what_the_prompt_says_already_is_no_insertion() -> None:
    seen = named("a link")
    assert seen is not None
    assert not seen("what is https://example.org/x?", "https://example.org/x is a page")


def test_what_only_data_shows_has_no_detector() -> None:
    assert named("the answer that should have lost is chosen") is None


def test_every_general_behaviour_has_a_detector() -> None:
    assert all(named(name) for name in general())
