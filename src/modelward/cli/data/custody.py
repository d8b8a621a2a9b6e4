"""`modelward data custody`: what was done to a dataset, checked and signed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.cli import output
from modelward.cli.data.options import (
    JSON,
    KEY,
    PATH,
    REGISTRY,
    SUPERSEDES,
    TYPES,
    check_name,
    parse_digests,
    parse_pairs,
    parse_types,
    taken_from,
)
from modelward.cli.data.publishing import (
    answer_published,
    check_destination,
    publish,
    statement_of,
)
from modelward.core.errors import UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.data.custody import Claim, Declaration


@click.command()
@click.option(
    "--operation",
    required=True,
    type=click.Choice(["collect", "filter", "merge", "split", "shuffle", "dedupe", "map"]),
    help="What was done. All but collect and map are checked from the rows.",
)
@click.option("--in", "inputs", metavar="PATH", multiple=True, type=PATH, help="What it was done to.")
@click.option(
    "--out", "outputs", metavar="PATH", multiple=True, required=True, type=PATH, help="What came out."
)
@click.option("--dropped", metavar="PATH", type=PATH, help="The rows that a filter left out.")
@click.option(
    "--name",
    "names",
    metavar="NAME",
    multiple=True,
    required=True,
    help="The output's name; one for each --out.",
)
@click.option("--source", metavar="URI", help="Where collected data came from.")
@click.option("--channel", default="", help="How it came: feedback, transcript, crawl, synthetic…")
@click.option("--fetched-at", metavar="TIME", help="When it was fetched, as 2026-11-22T09:14:00Z.")
@click.option("--tool", metavar="PATH", type=PATH, help="The program that did it.")
@click.option("--parameter", metavar="KEY=VALUE", multiple=True, help="A parameter of the program.")
@click.option("--licence", "--license", default="", help="The licence of the data.")
@click.option("--consent", default="", help="On what consent it was collected.")
@click.option("--notes", default="", help="What a reviewer should know.")
@TYPES
@SUPERSEDES
@click.option(
    "--statement", metavar="FILE", type=PATH, help="Write the statement here, unsigned; publish nothing."
)
@REGISTRY
@KEY
@JSON
def custody(
    operation: str,
    inputs: tuple[Path, ...],
    outputs: tuple[Path, ...],
    dropped: Path | None,
    names: tuple[str, ...],
    types: tuple[str, ...],
    supersedes: tuple[str, ...],
    statement: Path | None,
    registry: Path | None,
    key: str | None,
    as_json: bool,
    **said: Any,
) -> None:
    """Sign what was done to a dataset, after checking that the rows bear it out.

    A filter keeps rows, a merge joins, a split parts, a shuffle reorders, and none adds or changes one; a
    dedupe keeps each distinct row once. A contradiction is refused, naming the first rows. Each output gets
    a custody statement and a snapshot, whose index goes beside it; in --statement FILE each line is one.
    """
    from modelward.attest.predicates import Custody, Snapshot
    from modelward.data.custody import check
    from modelward.data.index import default_path

    check_destination(statement, registry)
    declaration = _declaration(**said)
    wanted = parse_types(types)
    results = [
        taken_from(path, name, wanted) for path, name in zip(outputs, _names(names, outputs), strict=True)
    ]
    sources = [taken_from(path, names[0], wanted) for path in inputs]
    rest = taken_from(dropped, names[0], wanted) if dropped else None
    claims = check(operation, sources, results, rest, declaration)
    replaced = {"supersedes": parse_digests(supersedes)}
    statements = [
        statement_of(result.name, result.subject, Snapshot, result.predicate()) for result in results
    ]
    statements += [
        statement_of(claim.name, claim.subject, Custody, claim.predicate | replaced) for claim in claims
    ]
    published = publish(statements, statement, registry, key)
    for path, result in zip(outputs, results, strict=True):
        result.write(default_path(path))
    if as_json:
        output.answer_json(_claims_as_object(operation, claims, published))
        return
    for claim in claims:
        rows = claim.predicate["rows"]
        output.answer(f"custody of {escape(claim.name)} ({claim.subject})")
        output.answer(f"  {operation}, {claim.predicate['claim']}")
        output.answer(f"  rows  {rows['input']:,} in, {rows['output']:,} out, {rows['dropped']:,} dropped")
    answer_published(published, statement)
    if claims[0].predicate["claim"] == "declared":
        output.note(f"not checked: rows cannot bear out a {operation}; this is the signer's word")


def _names(names: Sequence[str], outputs: Sequence[Path]) -> list[str]:
    """A name for each output. Raises UsageError."""
    for name in names:
        check_name(name)
    if len(names) != len(outputs):
        raise UsageError(
            f"{len(names)} names for {len(outputs)} outputs", help="give a --name for each --out, in order"
        )
    return list(names)


def _claims_as_object(
    operation: str, claims: Sequence[Claim], published: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "operation": operation,
        "claims": [
            {"subject": str(subject), "claim": predicate["claim"], "rows": predicate["rows"]}
            for _, subject, predicate in claims
        ],
        "statements": published,
    }


def _declaration(
    *,
    source: str | None,
    channel: str,
    fetched_at: str | None,
    tool: Path | None,
    parameter: tuple[str, ...],
    licence: str,
    consent: str,
    notes: str,
) -> Declaration:
    from modelward.artifact.hashing import digest_of
    from modelward.core import instant
    from modelward.data.custody import Declaration, Source

    if source is None and (channel or fetched_at):
        raise UsageError("--channel and --fetched-at say more about a --source", help="add --source URI")
    fetched = instant.parse(fetched_at) if fetched_at else None
    return Declaration(
        source=Source(source, channel, fetched) if source is not None else None,
        tool=(tool.name, digest_of(tool)) if tool else None,
        parameters=parse_pairs(parameter, "--parameter", "KEY=VALUE"),
        licence=licence,
        consent=consent,
        notes=notes,
    )
