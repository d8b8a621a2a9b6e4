"""`modelward data quarantine`: leaves the rows of findings out, and signs that nothing else was done."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.cli import output
from modelward.cli.data.check_options import decisions, file_digest, has_registry
from modelward.cli.data.options import (
    ENGINE,
    JSON,
    KEY,
    KEYED,
    LEAF_KEY,
    PATH,
    PLACE,
    REGISTRY,
    SUPERSEDES,
    TYPES,
    check_name,
    parse_digests,
    read_options,
    taken_from,
)
from modelward.cli.data.publishing import (
    answer_published,
    check_destination,
    publish,
    statement_of,
)
from modelward.core.counting import counted
from modelward.core.digest import Digest
from modelward.core.errors import InputError, Rejected, UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.attest.statement import Statement
    from modelward.cli.data.attested import Input
    from modelward.data.checks.document import Document, Found
    from modelward.data.index import Index


@click.command()
@click.argument("place", metavar="PLACE", type=PLACE)
@click.option("--report", metavar="FILE", type=PATH, required=True, help="What `data check` wrote about it.")
@click.option(
    "-o", "--output", "clean", metavar="CLEAN", type=PATH, required=True, help="Where the rest goes."
)
@click.option("--excluded", metavar="OUT", type=PATH, required=True, help="Where the rows left out go.")
@click.option("--tier", type=click.Choice(["critical", "review"]), default="critical", show_default=True,
              help="Leave out the rows of findings this grave, or graver.")  # fmt: skip
@click.option("--finding", "chosen", metavar="FINDING", multiple=True, help="Only the rows of this finding.")
@click.option("--name", metavar="NAME", required=True, help="The name of the cleaned dataset.")
@TYPES
@KEYED
@LEAF_KEY
@ENGINE
@SUPERSEDES
@click.option("--statement", metavar="FILE", type=PATH,
              help="Write the statements here, unsigned; publish nothing.")  # fmt: skip
@REGISTRY
@KEY
@JSON
def quarantine(
    place: Path | str,
    clean: Path,
    excluded: Path,
    types: tuple[str, ...],
    keyed: tuple[str, ...],
    leaf_key: Path | None,
    registry: Path | None,
    **said: Any,
) -> None:
    """Write PLACE without the rows of its findings to CLEAN, and these rows to OUT, in the format of PLACE.

    Signs a snapshot of CLEAN and its custody: a filter, proven from the row digests, with the report and the
    rows left out by digest. What people called benign stays in; what they called poison goes, whatever its
    tier. A report about other data, or one whose rows are not those of its findings, is refused.
    """
    from modelward.cli.data.attested import answer_inputs, read_inputs

    check_name(said["name"])
    check_destination(said["statement"], registry)
    reading = read_options(types, keyed, leaf_key)
    document = _with_decisions(said["report"], registry)
    given = read_inputs([place], said["name"], reading, registry)[0]
    findings = _chosen(document, given.index, said)
    rows = sorted({row for found in findings for row in found.rows})
    with _both(clean, excluded) as (kept, taken):
        _separate(place, given.index, rows, kept, taken)
        results = (
            taken_from(kept, said["name"], reading),
            taken_from(taken, f"{said['name']}-excluded", reading),
        )
        statements = _statements(given, results, document, findings, said)
        published = publish(statements, said["statement"], registry, said["key"])
    for path, index in zip((clean, excluded), results, strict=True):
        _write_index(path, index)
    if said["as_json"]:
        output.answer_json(_as_object(results, findings, published))
        return
    output.answer(f"quarantine of {escape(given.index.name)} ({given.index.subject})")
    answer_inputs([given])
    of = counted(len(findings), "finding")
    output.answer(f"  left out    {len(rows):,} rows of {of}: {escape(str(excluded))}")
    output.answer(f"              set {results[1].set_root}")
    output.answer(f"  kept        {results[0].rows:,} rows: {escape(str(clean))} ({results[0].subject})")
    answer_published(published, said["statement"])
    output.note(
        f"help: modelward data check {escape(str(clean))} looks at the rest; nobody has checked it yet"
    )


def _with_decisions(path: Path, registry: Path | None) -> Document:
    """The report, with what the registry says was decided: what the file says anybody may have written."""
    from modelward.data.checks.document import Document
    from modelward.data.checks.examine import decided

    document = Document.read(path)
    if not has_registry(registry):
        return decided(document, {})
    from modelward.attest.predicates import DataCheck
    from modelward.cli.publish import open_registry

    with open_registry(registry) as opened:
        about = opened.statements_about(Digest.parse(document.data.digest))
        reports = {
            one.statement.typed(DataCheck).report
            for one in about
            if one.statement.predicate_type == DataCheck.TYPE
        }
        if str(file_digest(path)) not in reports:
            output.note(f"note: no signed data-check names the report {escape(str(path))}")
        return decided(document, decisions(opened, document))


def _chosen(document: Document, index: Index, said: dict[str, Any]) -> list[Found]:
    """The findings whose rows go. Raises InputError if the report is not about this data."""
    if document.data.digest != str(index.subject):
        raise Rejected(
            f"the report is about {document.data.digest}, not about {index.subject}",
            where=str(said["report"]),
            help="check the data as it is now: modelward data check",
        )
    if said["chosen"]:
        found = [document.finding(text) for text in said["chosen"]]
        benign = [one for one in found if one.is_quiet]
        if benign:
            raise UsageError(
                f"it was decided benign: {benign[0].id}", help="modelward data review decides anew"
            )
    else:
        tiers = {"critical"} if said["tier"] == "critical" else {"critical", "review"}
        found = [
            one for one in document.findings if not one.is_quiet and (one.tier in tiers or _is_poison(one))
        ]
    if not found:
        raise InputError(
            "the report has no finding whose rows are to be left out",
            where=str(said["report"]),
            help="--tier review leaves out those of findings to review, --finding those of one",
        )
    _require_rows(found, index, said["report"])
    return found


def _is_poison(found: Found) -> bool:
    return found.decision is not None and found.decision.verdict == "poison"


def _require_rows(findings: list[Found], index: Index, report: Path) -> None:
    """Raise Rejected unless every finding is what its id says, in the rows that it names."""
    from modelward.data.checks.content import content, set_root
    from modelward.data.checks.examine import row_digests

    digests = row_digests(index)
    for found in findings:
        fits = all(row < index.rows for row in found.rows)
        root = set_root(digests, found.rows) if fits else None
        made = content(found.check, found.kind, found.trigger, found.behaviour, root) if root else None
        if str(root) != found.rows_root or str(made) != found.id:
            raise Rejected(
                f"the rows of finding {Digest.parse(found.id).short} are not those that it was found in",
                where=str(report),
                help="the report was changed, or the snapshot was taken with other column types (--type)",
            )


@contextmanager
def _both(clean: Path, excluded: Path) -> Iterator[tuple[Path, Path]]:
    """Two places to write to, which get their names when all is done; else nothing is left.

    Raises UsageError for a path that is there already.
    """
    for path in (clean, excluded):
        if path.exists():
            raise UsageError("it is there already", where=str(path), help="name another place")
    if clean.absolute() == excluded.absolute():
        raise UsageError("what stays and what goes need a place each", where=str(clean))
    try:
        with (
            tempfile.TemporaryDirectory(prefix=".quarantine-", dir=clean.absolute().parent) as one,
            tempfile.TemporaryDirectory(prefix=".quarantine-", dir=excluded.absolute().parent) as other,
        ):
            kept, taken = Path(one) / clean.name, Path(other) / excluded.name
            yield kept, taken
            taken.rename(excluded)
            kept.rename(clean)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(clean)) from None


def _separate(place: Path | str, index: Index, rows: list[int], kept: Path, taken: Path) -> None:
    from modelward.cli.progress import progress
    from modelward.data import places
    from modelward.data.checks.examine import Witnessed
    from modelward.data.separate import separate

    if len(rows) == index.rows:
        raise InputError("no row would be left", where=index.name)
    dataset = Witnessed(places.find(place))
    separate(dataset, rows, kept, taken, progress("taking rows out"))
    dataset.require(index)


def _statements(
    given: Input,
    results: tuple[Index, Index],
    document: Document,
    findings: list[Found],
    said: dict[str, Any],
) -> list[Statement]:
    """The snapshot of the rest, and that it is the input without the rows left out. Raises Rejected."""
    from modelward import __version__
    from modelward.attest.predicates import Custody, Snapshot
    from modelward.data.custody import check_step
    from modelward.data.declaration import Declaration, Findings
    from modelward.data.operations.step import Details, Step

    clean, excluded = results
    attested = {given.index.subject: given.snapshot} if given.snapshot else {}
    step = Step("filter", (given.index,), (clean,), excluded, Details(), attested)
    people = {found.decision.by for found in findings if found.decision is not None}
    ids = ", ".join(found.id for found in findings[:100])
    declared = Declaration(
        findings=Findings(
            report=str(file_digest(said["report"])),
            detector=", ".join(f"{one.name} {one.version}" for one in document.detectors),
            history_root=document.history[0].set_root if document.history else None,
            decision=f"rows of {counted(len(findings), 'finding')} left out: {ids}",
            reviewer=", ".join(sorted(people)),
        ),
        parameters={"command": f"modelward data quarantine, {__version__}"},
    )
    (claim,) = check_step(step, declared)
    return [
        statement_of(clean.name, clean.subject, Snapshot, clean.predicate()),
        statement_of(
            clean.name,
            clean.subject,
            Custody,
            claim.predicate | {"supersedes": parse_digests(said["supersedes"])},
        ),
    ]


def _write_index(path: Path, index: Index) -> None:
    from modelward.data.index import default_path

    index.write(default_path(path))


def _as_object(
    results: tuple[Index, Index], findings: list[Found], published: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        name: {"subject": str(index.subject), "rows": index.rows, "setRoot": str(index.set_root)}
        for name, index in zip(("kept", "excluded"), results, strict=True)
    } | {"findings": [found.id for found in findings], "statements": published}
