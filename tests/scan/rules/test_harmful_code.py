from __future__ import annotations

from tests.scan.rules.show import findings

from modelward.core.finding import Severity
from modelward.formats.facts import EmbeddedCode


def test_code_whose_harm_is_known() -> None:
    (found,) = findings(EmbeddedCode("layer 2", "a Lambda layer", "os.system", "runs a shell command"))
    assert (found.rule, found.severity, found.offset) == ("harmful-code", Severity.ERROR, None)
    assert found.message == "a Lambda layer runs a shell command"
    assert (found.label, found.expression) == ("layer 2", "os.system")


def test_near_miss_code_that_could_not_be_judged() -> None:
    assert [found.rule for found in findings(EmbeddedCode("layer 2", "a Lambda layer"))] == ["embedded-code"]
