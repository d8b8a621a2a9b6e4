"""`modelward data`: datasets by row: snapshots, custody that is checked, comparison with an index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.cli import output
from modelward.cli.row_difference import answer_difference, as_object, counted
from modelward.core.errors import EXIT_NO, EXIT_YES, InputError, Rejected, UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.attest.predicates import AnyPredicate
    from modelward.attest.statement import Statement
    from modelward.core.digest import Digest
    from modelward.data.custody import Claim, Declaration
    from modelward.data.index import Index

_PATH = click.Path(path_type=Path)
_TYPES = click.option(
    "--type",
    "types",
    metavar="COLUMN=TYPE",
    multiple=True,
    help="Read a CSV column as int64, double or bool; the others are text.",
)
_NAME = click.option("--name", metavar="NAME", required=True, help="The dataset's name.")
_REGISTRY = click.option("--registry", metavar="DIR", type=_PATH, help="The registry to publish to.")
_KEY = click.option("--key", metavar="URI", help="The signer (default: yours).")
_SUPERSEDES = click.option(
    "--supersedes", metavar="ID", multiple=True, help="A statement that this one replaces."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group()
def data() -> None:
    """Record datasets row by row, and check what was done to them."""


@data.command()
@click.argument("path", type=_PATH)
@_NAME
@click.option(
    "--index", metavar="FILE", type=_PATH, help="Where the index goes (default: PATH.index.parquet)."
)
@_TYPES
@click.option("--contributor-column", metavar="COLUMN", multiple=True, help="Who gave the row.")
@click.option("--source-column", metavar="COLUMN", multiple=True, help="Where the row is from.")
@click.option("--time-column", metavar="COLUMN", multiple=True, help="When the row was made.")
@_SUPERSEDES
@click.option(
    "--out", metavar="FILE", type=_PATH, help="Write the statement here, unsigned; publish nothing."
)
@_REGISTRY
@_KEY
@_JSON
def snapshot(
    path: Path,
    name: str,
    index: Path | None,
    types: tuple[str, ...],
    contributor_column: tuple[str, ...],
    source_column: tuple[str, ...],
    time_column: tuple[str, ...],
    supersedes: tuple[str, ...],
    out: Path | None,
    registry: Path | None,
    key: str | None,
    as_json: bool,
) -> None:
    """Digest every row of PATH (a CSV, JSONL or Parquet file, or a directory of them) and sign the result.

    The index, from which `data verify` names changed rows, is as confidential as the data: digests of short
    values can be guessed.
    """
    from modelward.attest.predicates import Snapshot
    from modelward.cli.progress import progress
    from modelward.data.index import Options, default_path
    from modelward.data.snapshot import take

    _check_name(name)
    _check_destination(out, registry)
    options = Options(_types(types), contributor_column, source_column, time_column)
    taken = take(path, name, options, progress(f"reading {path.name}"))
    place = index or default_path(path)
    taken.check_place(place)
    predicate = taken.predicate() | {"supersedes": _digests(supersedes)}
    statement = _statement(taken.name, taken.subject, Snapshot, predicate)
    published = _publish([statement], out, registry, key)
    digest = taken.write(place)  # not before: the old index may be the one that is on record
    if as_json:
        output.answer_json(
            {
                "subject": str(taken.subject),
                "rows": taken.rows,
                "rowsRoot": str(taken.rows_root),
                "setRoot": str(taken.set_root),
                "index": {"path": str(place), "digest": str(digest)},
                "statements": published,
            }
        )
        return
    columns = ", ".join(f"{_shown(column.name)} {column.type}" for column in taken.columns)
    output.answer(f"snapshot of {escape(taken.name)} ({taken.subject})")
    output.answer(f"  rows     {taken.rows:,} in {counted(len(taken.shards), 'shard')}")
    output.answer(f"  columns  {escape(columns)}")
    output.answer(f"  ordered  {taken.rows_root}")
    output.answer(f"  set      {taken.set_root}")
    output.answer(f"  index    {escape(str(place))} ({digest.short})")
    _answer_published(published, out)
    if taken.unread_files:
        output.note(f"not read as rows: {counted(taken.unread_files, 'other file')} of the directory")


@data.command()
@click.option(
    "--operation",
    required=True,
    type=click.Choice(["collect", "filter", "merge", "split", "shuffle", "dedupe", "map"]),
    help="What was done. All but collect and map are checked from the rows.",
)
@click.option("--in", "inputs", metavar="PATH", multiple=True, type=_PATH, help="What it was done to.")
@click.option(
    "--out", "outputs", metavar="PATH", multiple=True, required=True, type=_PATH, help="What came out."
)
@click.option("--dropped", metavar="PATH", type=_PATH, help="The rows that a filter left out.")
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
@click.option("--tool", metavar="PATH", type=_PATH, help="The program that did it.")
@click.option("--parameter", metavar="KEY=VALUE", multiple=True, help="A parameter of the program.")
@click.option("--licence", "--license", default="", help="The licence of the data.")
@click.option("--consent", default="", help="On what consent it was collected.")
@click.option("--notes", default="", help="What a reviewer should know.")
@_TYPES
@_SUPERSEDES
@click.option(
    "--statement", metavar="FILE", type=_PATH, help="Write the statement here, unsigned; publish nothing."
)
@_REGISTRY
@_KEY
@_JSON
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

    _check_destination(statement, registry)
    declaration = _declaration(**said)
    wanted = _types(types)
    results = [_take(path, name, wanted) for path, name in zip(outputs, _names(names, outputs), strict=True)]
    sources = [_take(path, names[0], wanted) for path in inputs]
    rest = _take(dropped, names[0], wanted) if dropped else None
    claims = check(operation, sources, results, rest, declaration)
    replaced = {"supersedes": _digests(supersedes)}
    statements = [_statement(result.name, result.subject, Snapshot, result.predicate()) for result in results]
    statements += [
        _statement(claim.name, claim.subject, Custody, claim.predicate | replaced) for claim in claims
    ]
    published = _publish(statements, statement, registry, key)
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
    _answer_published(published, statement)
    if claims[0].predicate["claim"] == "declared":
        output.note(f"not checked: rows cannot bear out a {operation}; this is the signer's word")


@data.command()
@click.argument("path", type=_PATH)
@click.option("--index", metavar="FILE", type=_PATH, help="The index (default: PATH.index.parquet).")
@_REGISTRY
@_JSON
def verify(path: Path, index: Path | None, registry: Path | None, as_json: bool) -> int:
    """Compare PATH with the index of its snapshot: name the rows changed, added, removed or moved.

    Where a registry is named, the index must be that of a signed snapshot. Exit code 0: the same rows in the
    same order; 1: not.
    """
    from modelward.cli.progress import progress
    from modelward.data import verify as comparison
    from modelward.data.index import default_path

    place = index or default_path(path)
    found = comparison.verify(path, place, progress(f"reading {path.name}"))
    signer = _who_signed(found.expected, place, registry)
    code = EXIT_YES if found.same_rows else EXIT_NO
    if as_json:
        output.answer_json(as_object(found, signer))
        return code
    answer_difference(found)
    if signer is None:
        output.note("not checked: who made the index; no registry is named")
    else:
        output.answer(f"index of the snapshot signed by {escape(signer)}")
    return code


def _take(path: Path, name: str, types: dict[str, str]) -> Index:
    """Snapshot of one of the datasets of a step. JSONL and Parquet files have types of their own."""
    from modelward.cli.progress import progress
    from modelward.data.index import Options
    from modelward.data.snapshot import DELIMITED, take

    delimited = path.is_dir() or path.suffix.lower() in DELIMITED
    return take(path, name, Options(types if delimited else {}), progress(f"reading {path.name}"))


def _shown(name: str) -> str:
    """A column's name, quoted where its ends would not be seen."""
    return name if name and name == name.strip() else repr(name)


def _names(names: Sequence[str], outputs: Sequence[Path]) -> list[str]:
    """A name for each output. Raises UsageError."""
    for name in names:
        _check_name(name)
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


def _who_signed(expected: Index, place: Path, registry: Path | None) -> str | None:
    """The signer of a snapshot with this index; None without a registry. Raises Rejected if nobody signed."""
    from modelward.artifact.hashing import hash_file
    from modelward.attest.predicates import Snapshot
    from modelward.cli.config import load_config
    from modelward.cli.publish import open_evidence

    if registry is None and load_config().registry is None:
        return None
    digest = str(hash_file(place))
    with open_evidence(registry) as evidence:
        for verified in evidence.statements_about(expected.subject):
            statement = verified.statement
            if statement.predicate_type == Snapshot.TYPE and statement.typed(Snapshot).index == digest:
                return verified.principal.name
    raise Rejected(
        f"no signed snapshot has this index ({digest})",
        where=str(place),
        help="restore the index of the recorded snapshot; it may have been replaced together with the data",
    )


def _check_name(name: str) -> None:
    """Before a long reading, not after it. Raises UsageError."""
    from modelward.cli.home import checked_name

    checked_name(name)


def _types(texts: Iterable[str]) -> dict[str, str]:
    return _pairs(texts, "--type", "COLUMN=int64")


def _pairs(texts: Iterable[str], option: str, example: str) -> dict[str, str]:
    pairs = {}
    for text in texts:
        name, equals, value = text.rpartition("=")
        if not equals:
            raise UsageError(f"{option} {text!r} has no '='", help=f"write it as {example}")
        pairs[name] = value
    return pairs


def _digests(texts: Iterable[str]) -> list[str]:
    from modelward.core.digest import Digest

    return [str(Digest.parse(text)) for text in texts]


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
        parameters=_pairs(parameter, "--parameter", "KEY=VALUE"),
        licence=licence,
        consent=consent,
        notes=notes,
    )


def _statement(name: str, subject: Digest, kind: type[AnyPredicate], predicate: dict[str, Any]) -> Statement:
    """The statement, checked field by field. Raises InputError."""
    from modelward.attest.statement import Statement

    made = Statement(name, subject, kind.TYPE, predicate)
    return Statement.of(name, subject, made.typed(kind))


def _check_destination(out: Path | None, registry: Path | None) -> None:
    """Before a long reading, not after it: is there a place for statements? Raises UsageError."""
    from modelward.cli.publish import registry_directory

    if out is None:
        registry_directory(registry)


def _publish(
    statements: Sequence[Statement], out: Path | None, registry: Path | None, key: str | None
) -> list[dict[str, Any]]:
    """Sign and publish the statements, all or none, or write them to `out`, a line each."""
    from modelward.cli.home import Home
    from modelward.cli.publish import open_registry, signed
    from modelward.core import atomic

    if out is not None:
        try:
            atomic.write_bytes(out, b"".join(statement.to_bytes() + b"\n" for statement in statements))
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror}", where=str(out)) from None
        return []
    signer = Home.open().signer(key)
    with open_registry(registry) as opened:
        entries = opened.publish([signed(statement, signer) for statement in statements])
    return [{"id": str(entry.id), "index": entry.index} for entry in entries]


def _answer_published(published: list[dict[str, Any]], out: Path | None) -> None:
    for entry in published:
        output.answer(f"statement {entry['id']}, log entry {entry['index']}")
    if out is not None:
        output.answer(f"statement written to {escape(str(out))}, unsigned")
