from __future__ import annotations

from tests.scan.rules.show import findings

from modelward.core.finding import Severity
from modelward.formats.graph_facts import UnknownOperation


def test_an_operation_that_must_be_brought_is_unverified() -> None:
    (found,) = findings(UnknownOperation("Evil", "n", 9))
    assert (found.rule, found.severity, found.offset) == ("tensorflow-custom-operation", Severity.WARNING, 9)
    assert found.message == "this graph needs the operation 'Evil', which a native library must bring"
