"""A file is made to exhaust whoever reads it

A part of this file has no use but to take all the time, memory or stack of its reader: a function of ONNX
that calls itself and is expanded without end, a name that a loader's pattern takes hours to match (MXNet:
CVE-2022-24294). No program writes such a file.

## What to do

Do not load the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.graph_facts import Exhausting
from modelward.scan.hits import Hit

SEVERITY = Severity.ERROR
CONSUMES = Exhausting


def check(fact: Exhausting) -> Iterator[Hit]:
    """Any such part."""
    yield Hit(
        f"this {fact.format} file is made to exhaust its reader: {fact.message}",
        key=fact.message,
        offset=fact.offset,
        fix="do not load it",
    )
