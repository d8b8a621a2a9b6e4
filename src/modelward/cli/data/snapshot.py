"""`modelward data snapshot`: every row of a dataset, by digest, signed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.cli import output
from modelward.cli.data.options import (
    ENGINE,
    JSON,
    KEY,
    KEYED,
    LEAF_KEY,
    NAME,
    PATH,
    PLACE,
    REGISTRY,
    SUPERSEDES,
    TYPES,
    check_name,
    labelled,
    labelling,
    parse_digests,
    read_options,
)
from modelward.cli.data.publishing import (
    answer_published,
    check_destination,
    publish,
    signer_of,
    statement_of,
)
from modelward.cli.row_difference import counted
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.data.index import Index


@click.command()
@click.argument("path", type=PLACE)
@NAME
@click.option(
    "--index", metavar="FILE", type=PATH, help="Where the index goes (default: PATH.index.parquet)."
)
@TYPES
@labelling
@KEYED
@LEAF_KEY
@click.option("--new-leaf-key", metavar="FILE", type=PATH, help="Make the key of the keyed columns here.")
@click.option(
    "--former",
    metavar="FILE",
    type=PATH,
    help="The index of a former snapshot: shards that have not changed since are not read as rows again.",
)
@ENGINE
@SUPERSEDES
@click.option("--out", metavar="FILE", type=PATH, help="Write the statement here, unsigned; publish nothing.")
@REGISTRY
@KEY
@JSON
def snapshot(
    path: Path | str,
    name: str,
    index: Path | None,
    types: tuple[str, ...],
    keyed: tuple[str, ...],
    leaf_key: Path | None,
    new_leaf_key: Path | None,
    former: Path | None,
    supersedes: tuple[str, ...],
    out: Path | None,
    registry: Path | None,
    key: str | None,
    as_json: bool,
    **labels: tuple[str, ...],
) -> None:
    """Digest every row of PATH (a file, a directory, or s3://BUCKET/KEY) and sign the result.

    The index, from which `data verify` names changed rows, is as confidential as the data: digests of short
    values can be guessed, save those of keyed columns by who has not their key.
    """
    from modelward.attest.predicates import Snapshot
    from modelward.cli.progress import progress
    from modelward.data.address import name_of
    from modelward.data.index import default_path
    from modelward.data.snapshot import take

    check_name(name)
    check_destination(out, registry)
    options = labelled(read_options(types, keyed, leaf_key, new_leaf_key), labels)
    before = _former(former, registry)
    taken = take(path, name, options, progress(f"reading {name_of(path)}"), former=before)
    place = index or default_path(path)
    taken.check_place(place)
    predicate = taken.predicate() | {"supersedes": parse_digests(supersedes)}
    statement = statement_of(taken.name, taken.subject, Snapshot, predicate)
    published = publish([statement], out, registry, key)
    taken.write(place)  # not before: the old index may be the one that is on record
    if as_json:
        output.answer_json(_as_object(taken, place, published))
        return
    _answer(taken, place)
    answer_published(published, out)
    if taken.unread_files:
        output.note(f"not read as rows: {counted(taken.unread_files, 'other file')} of the directory")


def _as_object(taken: Index, place: Path, published: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "subject": str(taken.subject),
        "rows": taken.rows,
        "distinct": taken.distinct,
        "rowsRoot": str(taken.rows_root),
        "setRoot": str(taken.set_root),
        "index": {"path": str(place), "digest": str(taken.digest)},
        "statements": published,
    }


def _answer(taken: Index, place: Path) -> None:
    columns = ", ".join(f"{_shown(column.name)} {column.type}" for column in taken.columns)
    output.answer(f"snapshot of {escape(taken.name)} ({taken.subject})")
    output.answer(f"  rows     {taken.rows:,} in {counted(len(taken.shards), 'shard')}")
    output.answer(f"  columns  {escape(columns)}")
    output.answer(f"  ordered  {taken.rows_root}")
    output.answer(f"  set      {taken.set_root}")
    output.answer(f"  index    {escape(str(place))} ({taken.digest.short})")


def _former(place: Path | None, registry: Path | None) -> Index | None:
    """A former index, which where there is a registry must be that of a signed snapshot."""
    from modelward.data.index_file import open_index

    if place is None:
        return None
    index = open_index(place)
    signer_of(index, place, registry)
    return index


def _shown(name: str) -> str:
    """A column's name, quoted where its ends would not be seen."""
    return name if name and name == name.strip() else repr(name)
