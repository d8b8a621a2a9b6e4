from __future__ import annotations

from tests.scan.rules.show import findings

from modelward.core.finding import Severity
from modelward.formats.facts import EmbeddedCode


def test_code_that_could_not_be_judged_is_unverified() -> None:
    (found,) = findings(EmbeddedCode("layer 2", "a Lambda layer", "lambda x: f(x)"))
    assert (found.rule, found.severity, found.offset) == ("embedded-code", Severity.WARNING, None)
    assert found.message == "a Lambda layer runs code that could not be judged"
    assert (found.label, found.expression) == ("layer 2", "lambda x: f(x)")


def test_harm_is_another_rule() -> None:
    fact = EmbeddedCode("layer 2", "a Lambda layer", harm="runs a shell command")
    assert [found.rule for found in findings(fact)] == ["harmful-code"]
