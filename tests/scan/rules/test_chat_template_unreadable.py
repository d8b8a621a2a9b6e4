from __future__ import annotations

from tests.scan.rules.show import findings

from modelward.core.finding import Severity
from modelward.formats.chat_template import findings as facts


def test_broken_template() -> None:
    (found,) = [f for fact in facts("{% weird %}", "/chat_template") for f in findings(fact)]
    assert (found.rule, found.severity) == ("chat-template-unreadable", Severity.WARNING)


def test_near_miss() -> None:
    assert list(facts("{{ x }}", "")) == []
