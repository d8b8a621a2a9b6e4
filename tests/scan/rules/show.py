"""What a rule says of a fact."""

from __future__ import annotations

from typing import Any

from modelward.core.finding import Finding
from modelward.scan.examination import Reading


def findings(fact: Any) -> list[Finding]:
    """The findings that one fact gives."""
    reading = Reading("x")
    reading.fact(fact)
    return reading.hits.findings("model.bin")
