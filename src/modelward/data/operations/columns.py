"""What label, annotate and redact have in common: all but the named columns are as they were."""

from __future__ import annotations

from modelward.core.errors import Rejected, UsageError
from modelward.data.index import Index
from modelward.data.operations.contradiction import none_more_often, subject
from modelward.data.operations.operation import check_columns
from modelward.data.operations.step import Outcome, Step, columns_of


def others_equal(step: Step) -> None:
    """Raise Rejected unless the rows of input and output are equal in all columns but the named ones."""
    (before,), (after,) = step.inputs, step.outputs
    named = set(step.details.columns)
    check_columns(step, step.details.columns)
    _none_appears(step, before, after, "removed", named)
    _none_appears(step, after, before, "added", named)
    others = sorted(columns_of(before, after) - named)
    if not others:
        raise UsageError(
            "every column is named: nothing is left by which the rows can be compared",
            help="name only those that were changed",
        )
    none_more_often(step, [after], [before], others)
    none_more_often(step, [before], [after], others)


def _none_appears(step: Step, here: Index, there: Index, how: str, named: set[str]) -> None:
    for name in sorted(columns_of(here) - columns_of(there) - named):
        raise Rejected(
            f"{subject(step)}: column {name!r} was {how}, which is not said",
            help=f"name it: --column {name}, if that is what was done",
        )


def changed_or_added(step: Step) -> Outcome:
    """The check of label and annotate: only the named columns were changed or added, and none is gone."""
    (before,), (after,) = step.inputs, step.outputs
    for name in step.details.columns:
        if name in columns_of(before) and name not in columns_of(after):
            raise Rejected(
                f"{subject(step)}: column {name!r} was removed",
                help="a step that removes columns is a redact",
            )
    others_equal(step)
    return Outcome(fields={"columns": step.details.columns})
