"""redact: the named columns were removed or changed, at least one of them; all others are as they were."""

from __future__ import annotations

from modelward.core.errors import Rejected
from modelward.data import rowsets
from modelward.data.operations.columns import others_equal
from modelward.data.operations.contradiction import subject
from modelward.data.operations.operation import Operation
from modelward.data.operations.step import Outcome, Step, columns_of


def check(step: Step) -> Outcome:
    """Nothing but the named columns differs, and these do."""
    (before,), (after,) = step.inputs, step.outputs
    new = sorted(set(step.details.columns) & columns_of(after) - columns_of(before))
    if new:
        raise Rejected(f"{subject(step)}: column {new[0]!r} was added", help="that is an annotate")
    others_equal(step)
    if not any(
        name not in columns_of(after) or rowsets.excess([before], [after], [name]).total
        for name in step.details.columns
    ):
        raise Rejected(
            f"{subject(step)}: {', '.join(step.details.columns)} still holds every value it held",
            help="nothing was redacted",
        )
    return Outcome(fields={"columns": step.details.columns})


OPERATION = Operation(
    inputs=(1, 1), outputs=(1, 1), check=check, takes=frozenset({"columns"}), needs=(("columns",),)
)
