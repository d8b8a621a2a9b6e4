"""A TensorFlow graph reads or writes files that others name

The graph reads or writes a file whose name comes from an input of the model, from the folder that it runs in,
or from the pipeline that it was trained with. Whoever can call the model can have it read any file that the
process may read.

## What to do

Serve it only where inputs are trusted, or ask for a model that takes the content instead of the name.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.graph_facts import FileAccess
from modelward.scan.hits import Hit

SEVERITY = Severity.WARNING
CONSUMES = FileAccess


def check(fact: FileAccess) -> Iterator[Hit]:
    """Any such operation."""
    target = f": {fact.target[:200]!r}" if fact.target else ", which its caller names"
    yield Hit(
        f"node {fact.node[:80]!r} ({fact.operation}) {fact.effect}{target}",
        key=f"{fact.operation} {fact.target}",
        offset=fact.offset,
        expression=f"{fact.operation}({fact.target[:200]!r})" if fact.target else fact.operation,
        label="run with the graph",
        fix="serve it only where inputs are trusted, or ask for a model that takes content",
    )
