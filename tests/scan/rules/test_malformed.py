from __future__ import annotations

from tests.scan.rules.show import findings

from modelward.core.finding import Severity
from modelward.formats.facts import Malformed


def test_a_breach_of_the_format_is_told() -> None:
    (found,) = findings(Malformed("GGUF", "two keys are the same", 24))
    assert (found.rule, found.severity, found.offset) == ("malformed", Severity.WARNING, 24)
    assert found.message == "this is not a sound GGUF file: two keys are the same"
