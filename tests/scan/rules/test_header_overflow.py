from __future__ import annotations

from tests.scan.rules.show import findings

from modelward.core.finding import Severity
from modelward.formats.facts import Overflow


def test_numbers_that_wrap_around_are_an_attack() -> None:
    (found,) = findings(Overflow("GGUF", "tensor 3 has 2^64 elements", 24))
    assert (found.rule, found.severity, found.offset) == ("header-overflow", Severity.ERROR, 24)
    assert (
        found.message == "this GGUF file has numbers made to overflow its reader: tensor 3 has 2^64 elements"
    )
