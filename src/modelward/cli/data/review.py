"""`modelward data review`: what a person decided about a finding, signed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from modelward.cli import output
from modelward.cli.data.check_options import file_digest
from modelward.cli.data.options import JSON, KEY, PATH, REGISTRY, SUPERSEDES, parse_digests
from modelward.cli.data.publishing import (
    answer_published,
    check_destination,
    publish,
    statement_of,
)
from modelward.core.digest import Digest
from modelward.core.errors import InputError, UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.registry.local import Registry


class _Finding(NamedTuple):
    """What a review says of its finding."""

    id: Digest
    check: str
    rows: int
    rows_root: str
    data: str
    report: str | None
    words: str = ""


@click.command()
@click.argument("finding", metavar="FINDING")
@click.argument("decision", type=click.Choice(["poison", "benign", "unsure"]))
@click.option("--reason", metavar="TEXT", required=True, help="Why: what was looked at, and what it is.")
@click.option("--report", metavar="FILE", type=PATH, help="The report that names it (default: the registry).")
@SUPERSEDES
@click.option("--out", metavar="FILE", type=PATH, help="Write the statement here, unsigned; publish nothing.")
@REGISTRY
@KEY
@JSON
def review(
    finding: str,
    decision: str,
    reason: str,
    report: Path | None,
    supersedes: tuple[str, ...],
    out: Path | None,
    registry: Path | None,
    key: str | None,
    as_json: bool,
) -> None:
    """Decide about a finding of `data check`, by its id or the beginning of it.

    The decision is about its content: this trigger and behaviour in exactly these rows, wherever they are.
    With one row more or less it is another finding. A gate counts `benign` only of somebody who neither had
    custody of the data nor recorded it; `poison` and `unsure` of anybody who may review, until who said so
    takes it back (--supersedes).
    """
    from modelward.attest.predicates import Review
    from modelward.core import instant

    if not reason.strip():
        raise UsageError("a decision without a reason helps nobody", help="say what was looked at")
    check_destination(out, registry)
    found = _in_report(report, finding) if report is not None else _in_registry(registry, finding)
    predicate = {
        "decision": decision,
        "reason": reason,
        "check": found.check,
        "rows": found.rows,
        "rowsRoot": found.rows_root,
        "data": found.data,
        "report": found.report,
        "reviewedAt": instant.render(instant.now()),
        "supersedes": parse_digests(supersedes),
    }
    statement = statement_of(f"finding of {found.check}", found.id, Review, predicate)
    published = publish([statement], out, registry, key)
    if as_json:
        output.answer_json({"finding": str(found.id), "decision": decision, "statements": published})
        return
    output.answer(f"{decision}: {found.id}")
    if found.words:
        output.answer(f"  {found.words}")
    output.answer(f"  in exactly these {found.rows:,} rows (set {found.rows_root})")
    answer_published(published, out)


def _in_report(path: Path, text: str) -> _Finding:
    """The finding of a report, whose id is made anew. Raises InputError."""
    from modelward.data.checks.content import content
    from modelward.data.checks.document import Document

    document = Document.read(path)
    found = document.finding(text)
    root = Digest.parse(found.rows_root)
    made = content(found.check, found.kind, found.trigger, found.behaviour, root)
    if str(made) != found.id:
        raise InputError("the finding is not what its id says: the report was changed", where=str(path))
    words = f"{escape(found.trigger, limit=200)} -> {escape(found.behaviour, limit=200)}"
    data = document.data.digest
    return _Finding(
        made,
        found.check,
        len(found.rows),
        found.rows_root,
        data,
        str(file_digest(path)),
        f"{found.check}: {words}",
    )


def _in_registry(registry: Path | None, text: str) -> _Finding:
    """The finding of a data-check in the log, by 8 digits of its id or more. Raises InputError."""
    from modelward.cli.publish import open_registry

    wanted = text.removeprefix("sha256:")
    if len(wanted) < 8 or set(wanted) - set("0123456789abcdef"):
        raise InputError(
            "not the id of a finding", where=text[:100], help="give at least 8 digits of it, or --report FILE"
        )
    with open_registry(registry) as opened:
        found = {one.id: one for one in _logged(opened) if one.id.value.startswith(wanted)}
    if len(found) != 1:
        raise InputError(
            f"{len(found)} findings begin like this"
            if found
            else "no data-check in the registry has this finding",
            where=text[:100],
            help="modelward data check PLACE --name NAME records what it finds",
        )
    return next(iter(found.values()))


def _logged(registry: Registry) -> Iterator[_Finding]:
    from modelward.attest.predicates import DataCheck

    entries = registry.entries_of([DataCheck.TYPE], registry.log.size)
    for subject in dict.fromkeys(entry.subject for entry in entries):
        for verified in registry.statements_about(subject):
            if verified.statement.predicate_type != DataCheck.TYPE:
                continue
            said = verified.statement.typed(DataCheck)
            for one in said.findings:
                id = Digest.parse(one.id)
                yield _Finding(id, one.check, one.rows, one.rows_root, str(subject), said.report)
