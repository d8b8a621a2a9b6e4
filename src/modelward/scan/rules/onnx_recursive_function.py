"""An ONNX function calls itself

A model may bring functions, which loaders expand in place of the nodes that call them. One that calls itself,
directly or through others, is expanded until memory or the stack runs out. The format forbids it and no
exporter writes it.

## What to do

Do not load the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.graph_facts import RecursiveFunction
from modelward.scan.hits import Hit

SEVERITY = Severity.ERROR
CONSUMES = RecursiveFunction


def check(fact: RecursiveFunction) -> Iterator[Hit]:
    """Any circle of calls."""
    path = " -> ".join(name[:40] for name in fact.path[:8])
    yield Hit(
        f"expanding the function {fact.path[0][:80]!r} never ends: {path}",
        key=path,
        offset=fact.offset,
        expression=path,
        fix="do not load it",
    )
