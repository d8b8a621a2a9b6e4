from __future__ import annotations

from tests.scan.rules.show import findings

from modelward.core.finding import Severity
from modelward.formats.secrets import Secret


def test_token() -> None:
    (found,) = findings(Secret("a Hugging Face token", 3, "hf_qWeRt…"))
    assert (found.rule, found.severity, found.expression) == ("secret", Severity.NOTE, "hf_qWeRt…")
    assert found.message == "line 3 holds a Hugging Face token"
