"""A TensorFlow graph needs operations that TensorFlow does not have

TensorFlow registers some two thousand operations. This graph uses another one, and has no function of that
name: whoever runs it has to load a native library that brings the operation, and that library does what it
likes. Libraries of good name do this too (TensorFlow Text, Decision Forests).

## What to do

Find out which library brings the operation, and whether you trust who made it.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.graph_facts import UnknownOperation
from modelward.scan.hits import Hit

SEVERITY = Severity.WARNING
CONSUMES = UnknownOperation


def check(fact: UnknownOperation) -> Iterator[Hit]:
    """Any operation that must be brought along."""
    yield Hit(
        f"this graph needs the operation {fact.operation[:80]!r}, which a native library must bring",
        key=fact.operation,
        offset=fact.offset,
        expression=fact.operation,
        label=f"node {fact.node[:80]!r}",
        fix="load only a library whose maker you trust",
    )
