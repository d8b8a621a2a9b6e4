"""delete: the rows of a person or contributor are gone, and every other row is kept.

Whose rows is said by (column, value) pairs, found by the digest of the cell, or by row digests. Neither the
value nor the digests enter the statement: it outlives the person's data.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from modelward.core.errors import Rejected, UsageError
from modelward.data import rowsets
from modelward.data.cells import encode
from modelward.data.digesting import matrix_of
from modelward.data.index import CELL, Index
from modelward.data.operations.contradiction import contradiction, subject
from modelward.data.operations.operation import Operation
from modelward.data.operations.step import Outcome, Step, columns_of


def check(step: Step) -> Outcome:
    """Theirs are absent, nobody else's is, nothing is new."""
    (before,), (after,) = step.inputs, step.outputs
    for name, _ in step.details.persons:
        if name not in columns_of(before):
            raise UsageError(f"{before.name} has no column {name!r}", help="it says whose a row is")
    theirs = rowsets.counted(map(matrix_of, _of_persons(step, before)))
    if not theirs.total:
        raise Rejected(
            f"{subject(step)}: {before.name} has no such row",
            help="check the value; that a row was never there: modelward data prove",
        )
    kept = rowsets.counted(map(matrix_of, _of_persons(step, after)))
    if kept.total:
        raise contradiction(step, kept, [after], "still there")
    added = rowsets.excess([after], [before])
    if added.total:
        raise contradiction(step, added, [after], f"not in {before.name}")
    missing = rowsets.excess([before], [after])
    lost = rowsets.excess([missing], [theirs])
    if lost.total:
        raise contradiction(step, lost, [before], f"not in {after.name}, and of somebody else")
    named = sorted({name for name, _ in step.details.persons})
    return Outcome(missing.total, fields={"columns": named} if named else {})


def _of_persons(step: Step, index: Index) -> Iterator[list[bytes]]:
    """The row digests of the rows that are to be deleted, copies and all, batch by batch."""
    wanted: dict[str, set[bytes]] = {}
    for name, value in step.details.persons:
        if name in columns_of(index):
            wanted.setdefault(name, set()).update(_cells(index, name, value))
    for batch in index.batches(["row", *(CELL + name for name in wanted)]):
        rows = batch.column("row").to_pylist()
        chosen = {at for at, row in enumerate(rows) if row in step.details.rows}
        for name, cells in wanted.items():
            column = batch.column(CELL + name).to_pylist()
            chosen.update(at for at, cell in enumerate(column) if cell in cells)
        yield [rows[at] for at in sorted(chosen)]


def _cells(index: Index, column: str, value: str) -> set[bytes]:
    """The digests of the cells that read `value`: text, or the number it writes."""
    if column in index.options.keyed and index.options.key is None:
        raise UsageError(
            f"the cells of {column!r} are keyed: without the key nobody finds a value",
            help="read the data with its key, or name the rows: --rows FILE",
        )
    candidates: list[str | int | float] = [value]
    for kind in (int, float):
        with suppress(ValueError):
            candidates.append(kind(value))
    return {index.options.hash_of(column)(encode(candidate)) for candidate in candidates}


OPERATION = Operation(
    inputs=(1, 1),
    outputs=(1, 1),
    check=check,
    takes=frozenset({"persons", "rows"}),
    needs=(("persons", "rows"),),
)
