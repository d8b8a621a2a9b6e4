from __future__ import annotations

from tests.scan.rules.show import findings

from modelward.core.finding import Severity
from modelward.formats.graph_facts import UnsafeOperation


def test_an_operation_that_no_model_needs_is_an_attack() -> None:
    (found,) = findings(UnsafeOperation("WriteFile", "writes to a file", "n", "/x", 9))
    assert (found.rule, found.severity, found.offset) == ("tensorflow-unsafe-operation", Severity.ERROR, 9)
    assert found.message == "node 'n' (WriteFile) writes to a file: '/x'"
