"""Custody: what was done to a dataset, checked from the row digests, not believed (DESIGN section 4, Data).

An operation says how the rows of its inputs and outputs must relate: `operations/`, one file each. Rows are
compared as multisets, whole or in some of their columns, and none may come, change or go unseen. What cannot
be checked from rows (where they were collected, what a map meant) is `declared`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from modelward.core import instant, strict_json
from modelward.core.digest import Digest
from modelward.core.errors import UsageError
from modelward.data.cells import ENCODING
from modelward.data.declaration import Declaration
from modelward.data.index import Index
from modelward.data.operations import OPERATIONS
from modelward.data.operations.step import Details, Outcome, Step

__all__ = ["OPERATIONS", "Claim", "Declaration", "Details", "Step", "check", "check_step"]


class Claim(NamedTuple):
    """A custody statement to be: its subject, with a name, and its predicate (predicates/custody.py)."""

    name: str
    subject: Digest
    predicate: dict[str, Any]


def check(
    operation: str,
    inputs: Sequence[Index],
    outputs: Sequence[Index],
    dropped: Index | None = None,
    declaration: Declaration | None = None,
    details: Details | None = None,
) -> tuple[Claim, ...]:
    """Check that `operation` led from `inputs` to `outputs`, and give a claim about each output.

    Raises Rejected, naming the first offending rows, if the row digests contradict the operation, and
    UsageError if it does not take that many datasets or lacks what it needs.
    """
    step = Step(operation, tuple(inputs), tuple(outputs), dropped, details or Details())
    return check_step(step, declaration)


def check_step(step: Step, declaration: Declaration | None = None) -> tuple[Claim, ...]:
    """The same for a step whose inputs may be attested."""
    said = declaration or Declaration()
    rule = OPERATIONS.get(step.operation)
    if rule is None:
        raise UsageError(f"unknown operation {step.operation!r}", help=f"use one of {', '.join(OPERATIONS)}")
    declared = said.fields()
    rule.check_form(step, said)
    outcome = rule.check(step)
    common = {
        "operation": step.operation,
        "inputs": [_named(index, step) for index in step.inputs],
        "claim": outcome.claim,
        "performedAt": instant.render(instant.now()),
        **outcome.fields,
        **declared,
    }
    if step.dropped is not None:
        common["dropped"] = _named(step.dropped, step)
    return tuple(
        Claim(output.name, output.subject, common | _of_output(output, step, outcome))
        for output in step.outputs
    )


def _of_output(output: Index, step: Step, outcome: Outcome) -> dict[str, Any]:
    return {
        "dataset": output.dataset,
        "otherOutputs": [_named(other, step) for other in step.outputs if other is not output],
        "rows": {
            "input": sum(index.rows for index in step.inputs),
            "output": output.rows,
            "dropped": outcome.dropped,
        },
        "setRoot": str(output.set_root),
        "rowsRoot": str(output.rows_root),
        "schema": str(schema_digest(output)),
        "encoding": ENCODING,
        "shards": len(output.shards),
    }


def schema_digest(index: Index) -> Digest:
    """The SHA-256 of the columns and their types, sorted by name, as canonical JSON."""
    return Digest.sha256(strict_json.dumps(sorted([column.name, column.type] for column in index.columns)))


def _named(index: Index, step: Step) -> dict[str, Any]:
    snapshot = step.attested.get(index.subject)
    return {
        "name": index.name,
        "digest": str(index.subject),
        "rows": index.rows,
        "rowsRoot": str(index.rows_root),
        "setRoot": str(index.set_root),
        **({"snapshot": str(snapshot)} if snapshot else {}),
    }
