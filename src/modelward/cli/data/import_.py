"""`modelward data import`: data with a description or a pointer, recorded as collected."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.cli import output
from modelward.cli.data.declared import declaration, declaring
from modelward.cli.data.options import (
    ENGINE,
    JSON,
    KEY,
    NAME,
    PATH,
    REGISTRY,
    SUPERSEDES,
    TYPES,
    check_name,
    labelled,
    labelling,
    parse_digests,
    read_options,
    taken_from,
)
from modelward.cli.data.publishing import answer_published, check_destination, publish, statement_of
from modelward.core.errors import UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.data.declaration import Declaration
    from modelward.data.exchange.origin import Borne, Origin
    from modelward.data.index import Index

_SHOWN = 5


@click.command("import")
@click.argument("document", metavar="FILE", type=PATH)
@NAME
@click.option("--data", metavar="PATH", type=PATH, help="The data (default: where FILE says it lies).")
@declaring
@TYPES
@labelling
@ENGINE
@SUPERSEDES
@click.option("--statement", metavar="FILE", type=PATH, help="Write the statements here, unsigned.")
@REGISTRY
@KEY
@JSON
def import_(
    document: Path,
    name: str,
    data: Path | None,
    types: tuple[str, ...],
    supersedes: tuple[str, ...],
    statement: Path | None,
    registry: Path | None,
    key: str | None,
    as_json: bool,
    **said: Any,
) -> None:
    """Record data whose origin FILE declares: a Croissant description, a DVC file (.dvc, dvc.lock),

    a Git LFS pointer, or the metadata of lakeFS objects or of a commit, as its API gives them.

    Digests and sizes that FILE gives are held against the data, as are the columns that it describes: a
    contradiction is refused (exit code 1). All else that it says is recorded as declared. Signs a snapshot
    and a custody statement (collect).
    """
    from modelward.attest.predicates import Custody, Snapshot
    from modelward.data.custody import check
    from modelward.data.exchange import origin as origins
    from modelward.data.index import default_path

    check_name(name)
    replaced = {"supersedes": parse_digests(supersedes)}
    check_destination(statement, registry)
    options = labelled(read_options(types), said)
    declared = declaration(**said)
    origin = origins.read(document)
    place = data or origins.data_beside(origin, document)
    if place is None:
        raise UsageError("FILE does not say where its data lies", where=str(document), help="add --data PATH")
    if not place.exists():
        raise UsageError("the data is not there", where=str(place), help="fetch it, and name it: --data PATH")
    origin = origin._replace(says=origins.chosen(origin.says, place, document.parent))
    index = taken_from(place, name, options)
    borne = origins.bear_out(origin, place, index.subject)
    columns = origins.check_columns(origin.says, index)
    (claim,) = check("collect", [], [index], declaration=_completed(declared, origin, borne))
    statements = [
        statement_of(index.name, index.subject, Snapshot, index.predicate()),
        statement_of(claim.name, claim.subject, Custody, claim.predicate | replaced),
    ]
    published = publish(statements, statement, registry, key)
    index.write(default_path(place))
    if as_json:
        output.answer_json(_as_object(index, origin, borne, columns, published))
        return
    _answer(index, origin, borne, columns, claim.predicate)
    answer_published(published, statement)
    _note(origin, borne)


def _completed(said: Declaration, origin: Origin, borne: Borne) -> Declaration:
    """What the options declare, and where they say nothing, what the document does."""
    import msgspec

    from modelward.core import instant
    from modelward.core.errors import InputError
    from modelward.data.declaration import Origin as Declared
    from modelward.data.declaration import Source, Thing
    from modelward.data.exchange.origin import digest_text

    says = origin.says
    uri = says.url or next(iter(says.same_as or says.derived_from), "")
    fetched = says.created if origin.format == "lakefs" else ""
    creators = "; ".join(agent.name for agent in says.creators)
    source = said.source or Source(uri=uri[:2048] or f"urn:modelward:document:{origin.document}")
    try:
        fetched = instant.render(instant.parse(fetched)) if fetched else ""
    except InputError:
        fetched = ""
    source = msgspec.structs.replace(
        source,
        collector=source.collector or creators[:10_000],
        fetched_at=source.fetched_at or fetched or None,
    )
    return msgspec.structs.replace(
        said,
        source=source,
        origin=Declared(
            format=origin.format,
            document=Thing.of(origin.name, origin.document),
            digest=digest_text(origin),
            files=len(says.files),
            checked=len(borne.checked),
        ),
        version=said.version or says.version[:10_000],
        licence=said.licence or ", ".join(says.licences)[:10_000],
        notes=said.notes or says.text[:10_000],
    )


def _as_object(
    index: Index, origin: Origin, borne: Borne, columns: tuple[str, ...], published: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "subject": str(index.subject),
        "rows": index.rows,
        "origin": {"format": origin.format, "document": str(origin.document)},
        "checked": list(borne.checked),
        "absent": list(borne.absent),
        "withoutDigest": list(borne.without),
        "unnamed": list(borne.unnamed),
        "columns": list(columns),
        "statements": published,
    }


def _answer(
    index: Index, origin: Origin, borne: Borne, columns: tuple[str, ...], predicate: dict[str, Any]
) -> None:
    output.answer(f"imported {escape(index.name)} ({index.subject}): {index.rows:,} rows")
    named = len(origin.says.files)
    output.answer(f"  origin   {origin.format}, {escape(origin.name)} ({origin.document.short})")
    output.answer(f"  checked  {len(borne.checked)} of {named} files have the digest that it gives")
    if columns:
        output.answer(f"  columns  {len(columns)} are as it describes them")
    output.answer(f"  source   {escape(predicate['source']['uri'])}, declared")
    if predicate.get("licence"):
        output.answer(f"  licence  {escape(predicate['licence'])}, declared")


def _note(origin: Origin, borne: Borne) -> None:
    for names, what in (
        (borne.absent, "not at hand"),
        (borne.without, "given no digest that can be checked"),
        (borne.unnamed, f"not named by {escape(origin.name)}"),
    ):
        if names:
            listed = ", ".join(escape(name) for name in names[:_SHOWN])
            more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
            output.note(f"{what}: {listed}{more}")
    output.note(f"not checked: source, licence and creators are the word of {escape(origin.name)}")
