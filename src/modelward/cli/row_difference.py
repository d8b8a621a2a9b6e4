"""How a comparison of rows reads, as text and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modelward.cli import output
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.data.index import Place
    from modelward.data.verify import RowDifference

#: Rows of each kind that are listed.
LISTED_ROWS = 20


def answer_difference(found: RowDifference) -> None:
    """Print which rows differ, the first of each kind."""
    name = escape(found.found.name)
    if found.same_rows:
        output.answer(f"{name}: the same {counted(found.found.rows, 'row')} in the same order")
        if not found.same_bytes:
            output.answer("the bytes differ: the rows were written anew")
        return
    counts = {
        kind: len(getattr(found, kind)) + found.unnamed.get(kind, 0)
        for kind in ("changed", "added", "removed", "moved")
    }
    summary = ", ".join(f"{count:,} {kind}" for kind, count in counts.items() if count)
    if found.same_set:
        output.answer(f"{name}: the same {counted(found.found.rows, 'row')} in ANOTHER order: {summary}")
    else:
        output.answer(f"{name}: NOT the rows of the index: {summary}")
    lines = {
        "changed": [
            f"{_from(row.before, row.after)}: {', '.join(row.columns)}" for row in found.changed[:LISTED_ROWS]
        ],
        "added": [str(place) for place in found.added[:LISTED_ROWS]],
        "removed": [str(place) for place in found.removed[:LISTED_ROWS]],
        "moved": [_from(row.before, row.after) for row in found.moved[:LISTED_ROWS]],
    }
    for kind, texts in lines.items():
        for text in texts:
            output.answer(f"  {kind:<8} {escape(text)}")
        if counts[kind] > len(texts):
            output.answer(f"  {kind:<8} and {counts[kind] - len(texts):,} more")


def _from(before: Place, after: Place) -> str:
    return str(after) if before == after else f"{after}, was {before}"


def as_object(found: RowDifference, signer: str | None) -> dict[str, Any]:
    """Every row that differs, for JSON. `signer` signed the snapshot, if that was looked up."""

    def place(where: Place) -> dict[str, Any]:
        return {"shard": where.shard, "row": where.row}

    return {
        "sameRows": found.same_rows,
        "sameSet": found.same_set,
        "sameBytes": found.same_bytes,
        "expected": str(found.expected.subject),
        "found": str(found.found.subject),
        "signedBy": signer,
        "changed": [
            {"before": place(row.before), "after": place(row.after), "columns": list(row.columns)}
            for row in found.changed
        ],
        "added": [place(where) for where in found.added],
        "removed": [place(where) for where in found.removed],
        "unnamed": dict(found.unnamed),
        "moved": [{"before": place(row.before), "after": place(row.after)} for row in found.moved],
    }


def counted(number: int, what: str) -> str:
    """`1 row`, `2,000 rows`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
