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
from modelward.scan.rules.tensorflow_unsafe_operation import operation_hit

SEVERITY = Severity.WARNING
CONSUMES = FileAccess


def check(fact: FileAccess) -> Iterator[Hit]:
    """Any such operation."""
    fix = "serve it only where inputs are trusted, or ask for a model that takes content"
    yield operation_hit(fact, ", which its caller names", fix)
