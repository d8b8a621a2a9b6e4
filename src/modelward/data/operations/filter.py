"""filter: every row of the output is in the input, no more often.

With the dropped rows: output and dropped together are the input. A column of the dropped rows may say why
each was dropped; it is no part of the comparison, and its values are counted.
"""

from __future__ import annotations

from collections import Counter

from modelward.core.errors import LimitExceeded, UsageError
from modelward.data import rowsets
from modelward.data.index import Index
from modelward.data.operations.contradiction import contradiction, none_more_often
from modelward.data.operations.operation import Operation
from modelward.data.operations.step import Outcome, Step, columns_of, names

MAX_REASONS = 1000
MAX_REASON_LENGTH = 200


def check(step: Step) -> Outcome:
    """The conservation of rows, and the reasons why some were dropped."""
    none_more_often(step, step.outputs, step.inputs)
    if step.dropped is None:
        if step.details.reason_column:
            raise UsageError("--reason-column is of the dropped rows", help="name them: --dropped PATH")
        return Outcome(rowsets.excess(step.inputs, step.outputs).total)
    columns = _compared(step, step.dropped)
    none_more_often(step, step.results, step.inputs, columns)
    missing = rowsets.excess(step.inputs, step.results, columns)
    if missing.total:
        problem = f"neither in {names(step.results, 'nor in')}"
        raise contradiction(step, missing, step.inputs, problem, columns=columns)
    column = step.details.reason_column
    return Outcome(step.dropped.rows, fields={"reasons": reasons(step.dropped, column)} if column else {})


def _compared(step: Step, dropped: Index) -> list[str] | None:
    """What is compared: all columns (None), or all but the reason where only the dropped rows have it."""
    column = step.details.reason_column
    if column and column not in columns_of(dropped):
        raise UsageError(f"{dropped.name} has no column {column!r}")
    if not column or column in columns_of(*step.inputs):
        return None
    return sorted(columns_of(*step.inputs, *step.results) - {column})


def reasons(index: Index, column: str) -> dict[str, int]:
    """Each value of a column, which the index repeats as a label, and its rows. Raises LimitExceeded."""
    counts: Counter[str] = Counter()
    for batch in index.batches([f"label:{column}"]):
        counts.update(value or "" for value in batch.column(0).to_pylist())
        if len(counts) > MAX_REASONS or any(len(value) > MAX_REASON_LENGTH for value in counts):
            raise LimitExceeded(
                f"column {column!r} holds no reasons: over {MAX_REASONS} different ones, or over "
                f"{MAX_REASON_LENGTH} characters",
                where=index.name,
                help="give a short code for each reason",
            )
    return dict(sorted(counts.items()))


OPERATION = Operation(
    inputs=(1, 1), outputs=(1, 1), check=check, takes_dropped=True, takes=frozenset({"reason_column"})
)
