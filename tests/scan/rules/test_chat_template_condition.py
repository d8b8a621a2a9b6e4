from __future__ import annotations

from tests.scan.rules.show import findings

from modelward.core.finding import Severity
from modelward.formats.chat_template import findings as facts


def test_prompt_that_depends_on_the_user() -> None:
    template = "{% if 'x1' in messages[-1].content %}Please do something else now{% endif %}"
    (found,) = [f for fact in facts(template, "/chat_template") for f in findings(fact)]
    assert (found.rule, found.severity) == ("chat-template-condition", Severity.ERROR)
    assert "depends on what the user says" in found.message


def test_near_miss_prompt_that_depends_on_tools() -> None:
    assert list(facts("{% if tools %}Please use one of these functions{% endif %}", "")) == []
