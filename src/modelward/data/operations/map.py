"""map: rows were changed, each by itself. What became of them is the signer's word.

Each output row is tied to its input row by a mapping file, or by a key column that both have. With either,
every output row has its input row, and every input row is mapped or dropped; without, all is declared.
"""

from __future__ import annotations

from typing import Any

from modelward.core.counting import counted
from modelward.core.digest import Digest
from modelward.core.errors import Rejected, UsageError
from modelward.data import rowsets
from modelward.data.index import Index
from modelward.data.operations.contradiction import SHOWN_ROWS, Offending, Rows, contradiction, subject
from modelward.data.operations.mapping import AFTER, BEFORE, RowMapping
from modelward.data.operations.operation import MANY, Operation
from modelward.data.operations.step import Outcome, Step, columns_of, names
from modelward.data.rowsets import Counted


def check(step: Step) -> Outcome:
    """Every row is accounted for."""
    details = step.details
    dropped = step.dropped.rows if step.dropped else 0
    if details.mapping is not None:
        if details.key:
            raise UsageError("--mapping and --key both say which row became which", help="give one of them")
        _check_pairs(step, details.mapping)
        said: dict[str, Any] = {"file": str(details.mapping.digest)}
    elif details.key:
        _check_key(step, details.key)
        said = {"key": details.key}
    elif details.fan_out:
        raise UsageError("--fan-out says more about a --mapping", help="add --mapping FILE")
    else:
        return Outcome(dropped, "declared")
    return Outcome(dropped, "mapped", {"mapping": {**said, "oneToOne": not details.fan_out}})


def _check_pairs(step: Step, mapping: RowMapping) -> None:
    once = step.details.fan_out
    before, after = mapping.counted(BEFORE), mapping.counted(AFTER)
    gone: list[Index | Counted] = [before, *([step.dropped] if step.dropped else [])]
    nowhere = rowsets.excess(step.outputs, [after], once=once)
    if nowhere.total:
        raise contradiction(step, nowhere, step.outputs, "mapped from no row of an input")
    unseen = rowsets.excess(step.inputs, gone, once=once)
    if unseen.total:
        raise contradiction(step, unseen, step.inputs, "neither mapped nor dropped")
    stray = rowsets.excess([after], step.outputs, once=once)
    if stray.total:
        raise _of_mapping(step, stray, f"in {names(step.outputs)}", "becomes")
    stray = rowsets.excess(gone, step.inputs, once=once)
    if stray.total:
        raise _of_mapping(step, stray, f"in {names(step.inputs, 'or')}", "maps or drops")


def _of_mapping(step: Step, rows: Offending, where: str, verb: str) -> Rejected:
    """The mapping speaks of rows that are not there."""
    first = ", ".join(Digest("sha256", row.hex()).short for row, _ in rows.first(SHOWN_ROWS))
    return Rejected(
        f"{subject(step)}: by its mapping {counted(rows.total, 'row')} too many {verb}: not {where}, "
        f"or not as often: {first}",
        help="make the mapping from these very files",
    )


def _check_key(step: Step, key: str) -> None:
    """The rows of both sides have the same keys, and a key is of one row only."""
    sides = [step.inputs, step.results] if not step.details.fan_out else [step.inputs]
    for index in (*step.inputs, *step.results):
        if key not in columns_of(index):
            raise UsageError(f"{index.name} has no column {key!r}", help="the key is a column of all of them")
    for indexes in sides:
        keys = rowsets.excess(indexes, [], [key])
        if keys.total != keys.distinct:
            repeated = Rows.of((row, count - 1) for row, count in keys.pairs() if count > 1)
            help = "use a column that names each row, or --fan-out where one row became several"
            problem = f"of a {key!r} that was there before"
            raise contradiction(step, repeated, indexes, problem, help=help, columns=[key])
    new = rowsets.excess(step.results, step.inputs, [key], once=True)
    if new.total:
        raise contradiction(step, new, step.results, f"of a {key!r} that no input has", columns=[key])
    lost = rowsets.excess(step.inputs, step.results, [key], once=True)
    if lost.total:
        problem = f"of a {key!r} that was neither mapped nor dropped"
        raise contradiction(step, lost, step.inputs, problem, columns=[key])


OPERATION = Operation(
    inputs=(1, MANY),
    outputs=(1, 1),
    check=check,
    takes_dropped=True,
    takes=frozenset({"mapping", "key", "fan_out"}),
)
