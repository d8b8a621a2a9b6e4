from __future__ import annotations

from tests.scan.rules.show import findings

from modelward.core.finding import Severity
from modelward.formats.graph_facts import ExternalKey


def test_a_key_that_no_writer_writes_is_an_attack() -> None:
    (found,) = findings(ExternalKey("w", "__class__", 9))
    assert (found.rule, found.severity, found.offset) == ("onnx-external-data", Severity.ERROR, 9)
    assert found.message == "tensor 'w' sets '__class__' where its file is described"
