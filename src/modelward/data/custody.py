"""Custody: what was done to a dataset, checked from the row digests, not believed (DESIGN section 4, Data).

An operation says how the rows of its inputs and outputs must relate; see `OPERATIONS`. Rows are compared as
multisets: a filter keeps, a merge joins, a split parts, a shuffle reorders, and none may add, change or lose
a row unseen. What cannot be checked from rows (where they were collected, what a map meant) is `declared`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.errors import Rejected, UsageError
from modelward.data import rowsets
from modelward.data.index import Index
from modelward.data.preview import described
from modelward.data.rowsets import Surplus

#: Offending rows that an error shows.
SHOWN_ROWS = 3
#: Different offending rows of which the first are sought.
MAX_LOOKED_FOR = 1000


@dataclass(frozen=True, slots=True)
class Source:
    """Where collected data came from; `channel` as in feedback, transcript, crawl, synthetic."""

    uri: str
    channel: str = ""
    fetched_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a person says about a step. `tool` is the name and digest of the program that did it."""

    source: Source | None = None
    tool: tuple[str, Digest] | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    licence: str = ""
    consent: str = ""
    notes: str = ""


class Claim(NamedTuple):
    """A custody statement to be: its subject, with a name, and its predicate (predicates/custody.py)."""

    name: str
    subject: Digest
    predicate: dict[str, Any]


class Operation(NamedTuple):
    """How many inputs and outputs (least, most), and the check: rows dropped, or Rejected. None: declared."""

    inputs: tuple[int, int]
    outputs: tuple[int, int]
    check: Callable[[Step], int] | None
    takes_dropped: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """The datasets of one step."""

    operation: str
    inputs: tuple[Index, ...]
    outputs: tuple[Index, ...]
    dropped: Index | None = None


def check(
    operation: str,
    inputs: Sequence[Index],
    outputs: Sequence[Index],
    dropped: Index | None = None,
    declaration: Declaration | None = None,
) -> tuple[Claim, ...]:
    """Check that `operation` led from `inputs` to `outputs`, and give a claim about each output.

    Raises Rejected, naming the first offending rows, if the row digests contradict the operation, and
    UsageError if it does not take that many datasets or lacks what it needs.
    """
    step = Step(operation, tuple(inputs), tuple(outputs), dropped)
    rule = _rule(step)
    said = declaration or Declaration()
    if operation == "collect" and said.source is None:
        raise UsageError("collected data has a source", help="name it: --source URI")
    dropped_rows = rule.check(step) if rule.check else 0
    others = [*step.outputs, *([step.dropped] if step.dropped else [])]
    common = {
        "operation": operation,
        "inputs": [_named(index) for index in step.inputs],
        "claim": "checked" if rule.check else "declared",
        "performedAt": instant.render(instant.now()),
        **_declared(said),
    }
    return tuple(
        Claim(
            output.name,
            output.subject,
            {
                **common,
                "dataset": output.dataset,
                "otherOutputs": [_named(other) for other in others if other is not output],
                "rows": {
                    "input": sum(index.rows for index in step.inputs),
                    "output": output.rows,
                    "dropped": dropped_rows,
                },
                "setRoot": str(output.set_root),
            },
        )
        for output in step.outputs
    )


def _rule(step: Step) -> Operation:
    rule = OPERATIONS.get(step.operation)
    if rule is None:
        raise UsageError(f"unknown operation {step.operation!r}", help=f"use one of {', '.join(OPERATIONS)}")
    for what, given, (least, most) in (
        ("input", len(step.inputs), rule.inputs),
        ("output", len(step.outputs), rule.outputs),
    ):
        if not least <= given <= most:
            need = str(least) if least == most else f"{least} or more"
            raise UsageError(f"{step.operation} takes {need} {what}{'' if need == '1' else 's'}, not {given}")
    if step.dropped is not None and not rule.takes_dropped:
        raise UsageError(f"{step.operation} drops no rows", help="leave --dropped out, or call it a filter")
    return rule


def _named(index: Index) -> dict[str, str]:
    return {"name": index.name, "digest": str(index.subject)}


def _declared(said: Declaration) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "parameters": dict(said.parameters),
        "licence": said.licence,
        "consent": said.consent,
        "notes": said.notes,
    }
    if said.source:
        fetched = instant.render(said.source.fetched_at) if said.source.fetched_at else None
        fields["source"] = {"uri": said.source.uri, "channel": said.source.channel, "fetchedAt": fetched}
    if said.tool:
        fields["tool"] = {"name": said.tool[0], "digest": str(said.tool[1])}
    return fields


# --- the checks -------------------------------------------------------------------------------------------


def _check_filter(step: Step) -> int:
    kept = [*step.outputs, *([step.dropped] if step.dropped else [])]
    _none_more_often(step, kept, step.inputs)
    missing = rowsets.excess(step.inputs, kept)
    if step.dropped is not None and missing.total:
        raise _contradiction(step, missing, step.inputs, f"neither in {_names(kept, 'nor in')}")
    return step.dropped.rows if step.dropped else missing.total


def _check_same_rows(step: Step) -> int:
    """Merge, split and shuffle: all outputs together hold the rows of all inputs together."""
    _none_more_often(step, step.outputs, step.inputs)
    _none_more_often(step, step.inputs, step.outputs)
    return 0


def _check_dedupe(step: Step) -> int:
    (before,), (after,) = step.inputs, step.outputs
    added = rowsets.excess([after], [before], once=True)
    if added.total:
        raise _contradiction(step, added, [after], f"not in {before.name}")
    repeated = rowsets.repeated(after)
    if repeated.total:
        raise _contradiction(
            step, repeated, [after], "there before", "rows equal in some columns only: a filter"
        )
    lost = rowsets.excess([before], [after], once=True)
    if lost.total:
        raise _contradiction(step, lost, [before], f"not in {after.name} at all")
    return before.rows - after.rows


#: Operation -> its rule. The names are those of predicates/custody.py.
OPERATIONS: dict[str, Operation] = {
    "collect": Operation((0, 0), (1, 1), None),
    "filter": Operation((1, 1), (1, 1), _check_filter, takes_dropped=True),
    "merge": Operation((2, 10_000), (1, 1), _check_same_rows),
    "split": Operation((1, 1), (2, 10_000), _check_same_rows),
    "shuffle": Operation((1, 1), (1, 1), _check_same_rows),
    "dedupe": Operation((1, 1), (1, 1), _check_dedupe),
    "map": Operation((1, 10_000), (1, 1), None),
}


def _names(indexes: Sequence[Index], joint: str = "and") -> str:
    return f" {joint} ".join(index.name for index in indexes)


def _none_more_often(step: Step, these: Sequence[Index], those: Sequence[Index]) -> None:
    surplus = rowsets.excess(these, those)
    if surplus.total:
        raise _contradiction(step, surplus, these, f"not in {_names(those, 'or')}")


def _contradiction(
    step: Step, rows: Surplus, indexes: Sequence[Index], problem: str, help: str = ""
) -> Rejected:
    """Says how many rows of `indexes` are wrong, and shows the first of them."""
    offending = "1 row" if rows.total == 1 else f"{rows.total} rows"
    verb = "is" if rows.total == 1 else "are"
    lines = [f"{offending} of {_names(indexes)} {verb} {problem}", *_first_rows(rows, indexes)]
    subject = f"{_names(step.outputs)} is no {step.operation}"
    if step.inputs:
        subject += f" of {_names(step.inputs)}"
    message = f"{subject}: " + "\n".join(lines)
    return Rejected(message, help=help or _remedy(step))


def _first_rows(rows: Surplus, indexes: Sequence[Index]) -> list[str]:
    """Some offending rows: of a row that is there n times too often, the last n."""
    over = dict(rows.first(MAX_LOOKED_FOR))
    spare = {row: sum(index.count(row) for index in indexes) - surplus for row, surplus in over.items()}
    lines: list[str] = []
    for index in indexes:
        numbers = []
        for number in index.find(over):
            row = index.digest_at(number).raw
            spare[row] -= 1
            if spare[row] < 0:
                numbers.append(number)
            if len(numbers) + len(lines) == SHOWN_ROWS:
                break
        lines += described(index, numbers)
        if len(lines) == SHOWN_ROWS:
            break
    return lines


def _remedy(step: Step) -> str:
    """What to look at: columns that differ make every row differ."""
    first = dict(step.inputs[0].columns)
    for index in (*step.inputs, *step.outputs, *([step.dropped] if step.dropped else [])):
        columns = dict(index.columns)
        for name in sorted(first.keys() ^ columns.keys()):
            has = step.inputs[0] if name in first else index
            return f"only {has.name} has a column {name!r}; a step that changes columns is a map"
        for name in sorted(first):
            if first[name] != columns[name]:
                return (
                    f"column {name!r} is {first[name]} in {step.inputs[0].name} and {columns[name]} in "
                    f"{index.name}; for CSV name the type: --type {name}=int64"
                )
    return "restore those rows, or declare what was done to them as a step of its own (map)"
