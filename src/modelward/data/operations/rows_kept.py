"""What merge, split and shuffle have in common: outputs and inputs hold the same rows, copies counted."""

from __future__ import annotations

from modelward.data.operations.contradiction import none_more_often
from modelward.data.operations.step import Outcome, Step


def check(step: Step) -> Outcome:
    """All outputs together hold the rows of all inputs together."""
    none_more_often(step, step.outputs, step.inputs)
    none_more_often(step, step.inputs, step.outputs)
    return Outcome()
