"""An ONNX model needs operations that no known library has

An operation belongs to a domain. Those of `ai.onnx`, of onnxruntime (`com.microsoft`) and of OpenVINO come
with these libraries. This model uses one of another domain, or one that its domain does not have, and does
not define it as a function of its own: whoever runs the model has to load a native library that brings it,
and that library does what it likes.

## What to do

Find out which library brings the operation, and whether you trust who made it. Or ask for the model exported
with standard operations.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.graph_facts import CustomOperation
from modelward.scan.hits import Hit

SEVERITY = Severity.WARNING
CONSUMES = CustomOperation


def check(fact: CustomOperation) -> Iterator[Hit]:
    """Any operation that must be brought along."""
    name = f"{fact.domain or 'ai.onnx'}::{fact.operation}"
    yield Hit(
        f"this model needs the operation {name}, which a native library must bring",
        key=name,
        offset=fact.offset,
        expression=name,
        label=f"node {fact.node!r}",
        fix="load only a library whose maker you trust, or ask for a model of standard operations",
    )
