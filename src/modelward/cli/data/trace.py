"""`modelward data trace`: which datasets, runs and models rows went into, and where they came from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelward.cli import output
from modelward.cli.data.options import JSON, PATH
from modelward.core.digest import Digest
from modelward.core.errors import EXIT_CANNOT_TELL, EXIT_NO, EXIT_YES, UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.data.holding import AtHand
    from modelward.registry.lineage import Lineage
    from modelward.registry.row_trace import Examined, Sought

_KINDS = ("row", "contributor", "source", "dataset", "finding")


@click.command()
@click.argument("what", metavar="ROW-DIGEST|contributor:NAME|source:URI|finding:ID|DATASET")
@click.option(
    "--indexes",
    metavar="DIR",
    type=PATH,
    multiple=True,
    help="Where the indexes of the snapshots are (default: below the working directory).",
)
@click.option("--report", metavar="FILE", type=PATH, help="The report of `data check` that has the finding.")
@click.option("--registry", metavar="DIR", type=PATH, help="The registry that holds the statements.")
@JSON
def trace(
    what: str, indexes: tuple[Path, ...], report: Path | None, registry: Path | None, as_json: bool
) -> int:
    """Trace a row, a contributor, a source, the rows of a finding or a dataset to the runs and models that
    were made of it, and back to its collection.

    Which snapshots hold a row their indexes tell; a snapshot whose index is not at hand is named as not
    examined. Statements that no longer count are followed too, and marked. Exit code 0: found; 1: every
    snapshot was examined and none holds it; 2: none does, but not all could be examined.
    """
    from modelward.cli.data.datasets import datasets_named, open_lineage
    from modelward.cli.data.trace_text import Traced, as_object, lines
    from modelward.registry.row_trace import forward

    with open_lineage(registry) as lineage:
        sought = _sought(lineage, what)
        rows = _rows(sought, report)
        if sought.kind == "dataset":
            examined, at_hand = None, None
            starts = datasets_named(lineage, sought.text)
        else:
            examined, at_hand = _examined(lineage, sought, rows, indexes)
            known = [*lineage.snapshots, *examined.declared]
            starts = [digest for digest in dict.fromkeys(known) if examined.holds(digest)]
        reached, measured = forward(lineage, starts, None if examined is None else examined.holds)
        traced = Traced(lineage, sought, examined, tuple(reached), tuple(measured))
        if as_json:
            output.answer_json(as_object(traced))
        else:
            output.answer("\n".join(lines(traced)))
    for path in at_hand.unreadable if at_hand is not None else ():
        output.note(f"not examined: {escape(str(path))} is no index that can be read")
    if starts:
        return EXIT_YES
    incomplete = examined is not None and (examined.unexamined or (at_hand and at_hand.unreadable))
    return EXIT_CANNOT_TELL if incomplete else EXIT_NO


def _sought(lineage: Lineage, what: str) -> Sought:
    from modelward.cli.data.datasets import is_digest
    from modelward.registry.row_trace import Sought

    kind, colon, text = what.partition(":")
    if colon and kind in _KINDS:
        return Sought(kind, text)
    if is_digest(what):
        digest = Digest.parse(what)
        known = lineage.about(digest) or lineage.uses(digest)
        return Sought("row" if digest.algorithm == "sha256" and not known else "dataset", what)
    return Sought("dataset", what)


def _rows(sought: Sought, report: Path | None) -> list[Digest] | None:
    """The digests of the rows that are sought, where they are known. Raises UsageError, InputError."""
    if (sought.kind == "finding") != (report is not None):
        raise UsageError("a finding is traced by the report that has it", help="finding:ID --report FILE")
    if report is not None:
        from modelward.data.checks.document import Document

        return [Digest.parse(text) for text in Document.read(report).finding(sought.text).digests]
    return [Digest.parse(sought.text)] if sought.kind == "row" else None


def _examined(
    lineage: Lineage, sought: Sought, rows: list[Digest] | None, places: tuple[Path, ...]
) -> tuple[Examined, AtHand]:
    from modelward.data.holding import find_indexes, rows_of
    from modelward.registry.row_trace import examine

    wanted = None if rows is None else rows_of([row.raw for row in rows])
    at_hand = find_indexes(places or (Path(),), set(lineage.snapshots))
    return examine(lineage, at_hand.files, sought, wanted), at_hand
