from __future__ import annotations

from tests.scan.rules.show import findings

from modelward.core.finding import Severity
from modelward.formats.graph_facts import Exhausting


def test_a_file_that_exhausts_its_reader_is_an_attack() -> None:
    (found,) = findings(Exhausting("ONNX", "a function calls itself: f -> f", 9))
    assert (found.rule, found.severity, found.offset) == ("exhausting", Severity.ERROR, 9)
    assert found.message == "this ONNX file is made to exhaust its reader: a function calls itself: f -> f"
