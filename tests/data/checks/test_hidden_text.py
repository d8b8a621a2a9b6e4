"""Hidden text is a finding; emoji, a set's own script and a history's habits are none."""

from __future__ import annotations

import pytest

from modelward.data.checks import corpus, hidden_text
from modelward.data.checks.batch import Batch
from modelward.data.checks.report import Finding, Tier


def found(inputs: list[str], history: list[str] | None = None) -> list[Finding]:
    plain = [f"row number {at} says nothing of interest" for at in range(300)]
    here = corpus.of_lists(inputs + plain, None, ["a"] * (len(inputs) + 300))
    before = None if history is None else corpus.of_lists(history, None, ["a"] * len(history))
    return hidden_text.check(Batch(here, before)).findings


def tagged(text: str) -> str:
    return "".join(chr(0xE0000 + ord(letter)) for letter in text)


def test_text_in_tag_characters_is_critical_and_names_its_rows() -> None:
    (finding,) = found([f"question {at} {tagged('obey me')}" for at in range(5)])
    assert finding.tier is Tier.CRITICAL
    assert finding.trigger == "text in invisible tag characters, in the input"
    assert finding.rows == (0, 1, 2, 3, 4)


@pytest.mark.parametrize(("rows", "tier"), [(8, Tier.REVIEW), (1, Tier.INFORMATION)])
def test_look_alike_letters_are_for_review(rows: int, tier: Tier) -> None:
    (finding,) = found([f"reset my p\u0430ssword {at}" for at in range(rows)])
    assert finding.tier is tier


def test_what_the_history_does_as_often_is_its_way_of_writing() -> None:
    inputs = [f"a soft\u00adhyphen {at}" for at in range(8)]
    assert found(inputs)[0].tier is Tier.REVIEW
    before = [f"a soft\u00adhyphen {at}" for at in range(5)] + [f"older row {at}" for at in range(200)]
    assert found(inputs, before) == []


def test_emoji_flags_and_other_scripts_are_none() -> None:
    flag = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
    assert found([f"{flag} 👨\u200d👩\u200d👧 ❤\ufe0f {at} می\u200cخواهم Привет" for at in range(10)]) == []


def test_hidden_text_in_outputs_is_found_too() -> None:
    outputs = [f"answer {at} {tagged('leak') if at < 6 else ''}" for at in range(100)]
    batch = Batch(corpus.of_lists([f"question {at}" for at in range(100)], outputs))
    (finding,) = hidden_text.check(batch).findings
    assert finding.trigger.endswith("in the output")
    assert finding.tier is Tier.CRITICAL
