"""What an operation is: how many datasets it takes, what it must be told, and how its claim is checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from modelward.core.errors import UsageError
from modelward.data.declaration import Declaration
from modelward.data.operations.step import Outcome, Step, columns_of

#: Inputs or outputs of one step at most.
MANY = 10_000

#: What an operation may be told -> how the command line names it.
OPTIONS = {
    "columns": "--column",
    "reason_column": "--reason-column",
    "mapping": "--mapping",
    "key": "--key-column",
    "fan_out": "--fan-out",
    "persons": "--whose",
    "rows": "--rows",
    "source": "--source URI",
    "generator": "--generator",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """How many inputs and outputs (least, most), and the check, which raises Rejected.

    `takes` names the details it can be told; `needs` those details and fields of the declaration without
    which it says nothing: one of each group.
    """

    inputs: tuple[int, int]
    outputs: tuple[int, int]
    check: Callable[[Step], Outcome]
    takes_dropped: bool = False
    takes: frozenset[str] = frozenset()
    needs: tuple[tuple[str, ...], ...] = ()

    def check_form(self, step: Step, declaration: Declaration) -> None:
        """Raise UsageError if the step has too few or many datasets, or lacks what the operation needs."""
        for what, given, (least, most) in (
            ("input", len(step.inputs), self.inputs),
            ("output", len(step.outputs), self.outputs),
        ):
            if not least <= given <= most:
                need = str(least) if least == most else f"{least} or more"
                raise UsageError(
                    f"{step.operation} takes {need} {what}{'' if need == '1' else 's'}, not {given}"
                )
        if step.dropped is not None and not self.takes_dropped:
            raise UsageError(
                f"{step.operation} drops no rows", help="leave --dropped out, or call it a filter"
            )
        for name in step.details.given():
            if name not in self.takes:
                raise UsageError(f"{step.operation} takes no {OPTIONS[name]}")
        for group in self.needs:
            if not any(
                getattr(step.details, name, None) or getattr(declaration, name, None) for name in group
            ):
                wanted = " or ".join(OPTIONS[name] for name in group)
                raise UsageError(f"a {step.operation} says nothing without {wanted}", help=f"add {wanted}")


def declared(step: Step) -> Outcome:
    """The check of what no row can bear out."""
    return Outcome(claim="declared")


def check_columns(step: Step, columns: tuple[str, ...]) -> None:
    """Raise UsageError for a column that neither the inputs nor the outputs have."""
    known = columns_of(*step.inputs, *step.outputs)
    for name in columns:
        if name not in known:
            raise UsageError(
                f"no dataset of the step has a column {name!r}",
                help=f"its columns are {', '.join(sorted(known)[:20])}",
            )
