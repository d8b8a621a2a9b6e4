"""A TensorFlow graph does what no model needs

The operations of a graph run when the model is used, and some when it is loaded. This one writes a file,
reads a file that is no input of the model, calls a Python function, runs a command, or ends the process.
TensorFlow does not hold that back: its own documentation says that a model is a program.

Saving and restoring variables, reading the vocabulary files that belong to the model and reading what the
caller names are part of ordinary models, and are not reported here.

## What to do

Do not load or run the model. Ask the publisher for one whose graph only computes.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.graph_facts import UnsafeOperation
from modelward.scan.hits import Hit

SEVERITY = Severity.ERROR
CONSUMES = UnsafeOperation


def check(fact: UnsafeOperation) -> Iterator[Hit]:
    """Any operation with such an effect."""
    yield operation_hit(fact, "", "do not load or run it")


def operation_hit(fact: UnsafeOperation, unnamed: str, fix: str) -> Hit:
    """A hit that shows the operation; `unnamed` stands where its target is not known."""
    target = f": {fact.target[:200]!r}" if fact.target else unnamed
    return Hit(
        f"node {fact.node[:80]!r} ({fact.operation}) {fact.effect}{target}",
        key=f"{fact.operation} {fact.target}",
        offset=fact.offset,
        expression=f"{fact.operation}({fact.target[:200]!r})" if fact.target else fact.operation,
        label="run with the graph",
        fix=fix,
    )
