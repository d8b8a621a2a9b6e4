"""dedupe: the same distinct rows, each once.

With columns: rows are the same that are equal in these; one of each is kept, as it was.
"""

from __future__ import annotations

from modelward.data import rowsets
from modelward.data.operations.contradiction import Rows, contradiction, none_more_often
from modelward.data.operations.operation import Operation, check_columns
from modelward.data.operations.step import Outcome, Step


def check(step: Step) -> Outcome:
    """Nothing is new, nothing is there twice, nothing is gone altogether."""
    (before,), (after,) = step.inputs, step.outputs
    columns = sorted(step.details.columns) or None
    check_columns(step, step.details.columns)
    if columns:
        none_more_often(step, [after], [before])
    added = rowsets.excess([after], [before], once=True)
    if added.total:
        raise contradiction(step, added, [after], f"not in {before.name}")
    counted = rowsets.excess([after], [], columns)
    if counted.total != counted.distinct:
        repeated = Rows.of((row, count - 1) for row, count in counted.pairs() if count > 1)
        help = "" if columns else "rows equal in some columns only: name these with --column"
        raise contradiction(step, repeated, [after], "there before", help=help, columns=columns)
    lost = rowsets.excess([before], [after], columns, once=True)
    if lost.total:
        raise contradiction(step, lost, [before], f"not in {after.name} at all", columns=columns)
    return Outcome(before.rows - after.rows, fields={"columns": step.details.columns} if columns else {})


OPERATION = Operation(inputs=(1, 1), outputs=(1, 1), check=check, takes=frozenset({"columns"}))
