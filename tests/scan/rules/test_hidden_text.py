from __future__ import annotations

from tests.scan.rules.show import findings

from modelward.core.finding import Severity
from modelward.formats.hidden_text import findings as facts


def test_invisible_words() -> None:
    (found,) = [f for fact in facts("a\U000e0069\U000e0067") for f in findings(fact)]
    assert (found.rule, found.severity) == ("hidden-text", Severity.WARNING)
    assert found.message == "line 1 holds text in invisible tag characters"


def test_near_miss() -> None:
    assert list(facts("\u0645\u200f\u2764\ufe0f")) == []
