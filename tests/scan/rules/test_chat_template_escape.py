from __future__ import annotations

from tests.scan.rules.show import findings

from modelward.core.finding import Severity
from modelward.formats.chat_template import findings as facts


def test_escape() -> None:
    (found,) = [f for fact in facts("{{ x.__class__ }}", "/chat_template") for f in findings(fact)]
    assert (found.rule, found.severity) == ("chat-template-escape", Severity.ERROR)
    assert found.message == "the chat template reaches for '__class__' in line 1"


def test_near_miss() -> None:
    assert list(facts("{{ '__class__' }}", "")) == []
