from __future__ import annotations

from tests.scan.rules.show import findings

from modelward.core.finding import Severity
from modelward.formats.facts import PathEscape


def test_a_path_that_leaves_the_model_is_an_attack() -> None:
    (found,) = findings(PathEscape("tensor w", "../../etc/passwd", "loading reads it"))
    assert (found.rule, found.severity, found.offset) == ("path-escape", Severity.ERROR, None)
    assert found.message == "tensor w names '../../etc/passwd', outside the model: loading reads it"
    assert found.expression == "../../etc/passwd"
