from __future__ import annotations

from tests.scan.rules.show import findings

from modelward.core.finding import Severity
from modelward.formats.graph_facts import CustomOperation


def test_an_operation_that_must_be_brought_is_unverified() -> None:
    (found,) = findings(CustomOperation("evil", "Op", "n", 9))
    assert (found.rule, found.severity, found.offset) == ("onnx-custom-operation", Severity.WARNING, 9)
    assert found.message == "this model needs the operation evil::Op, which a native library must bring"
