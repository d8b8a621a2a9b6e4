"""`modelward data snapshot`: every row of a dataset, by digest, signed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelward.cli import output
from modelward.cli.data.options import (
    JSON,
    KEY,
    NAME,
    PATH,
    PLACE,
    REGISTRY,
    SUPERSEDES,
    TYPES,
    check_name,
    parse_digests,
    parse_types,
)
from modelward.cli.data.publishing import (
    answer_published,
    check_destination,
    publish,
    statement_of,
)
from modelward.cli.row_difference import counted
from modelward.core.escape import escape

if TYPE_CHECKING:
    pass


@click.command()
@click.argument("path", type=PLACE)
@NAME
@click.option(
    "--index", metavar="FILE", type=PATH, help="Where the index goes (default: PATH.index.parquet)."
)
@TYPES
@click.option("--contributor-column", metavar="COLUMN", multiple=True, help="Who gave the row.")
@click.option("--source-column", metavar="COLUMN", multiple=True, help="Where the row is from.")
@click.option("--time-column", metavar="COLUMN", multiple=True, help="When the row was made.")
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
    contributor_column: tuple[str, ...],
    source_column: tuple[str, ...],
    time_column: tuple[str, ...],
    supersedes: tuple[str, ...],
    out: Path | None,
    registry: Path | None,
    key: str | None,
    as_json: bool,
) -> None:
    """Digest every row of PATH (a file, a directory, or s3://BUCKET/KEY) and sign the result.

    The index, from which `data verify` names changed rows, is as confidential as the data: digests of short
    values can be guessed.
    """
    from modelward.attest.predicates import Snapshot
    from modelward.cli.progress import progress
    from modelward.data.address import name_of
    from modelward.data.index import Options, default_path
    from modelward.data.snapshot import take

    check_name(name)
    check_destination(out, registry)
    options = Options(parse_types(types), contributor_column, source_column, time_column)
    taken = take(path, name, options, progress(f"reading {name_of(path)}"))
    place = index or default_path(path)
    taken.check_place(place)
    predicate = taken.predicate() | {"supersedes": parse_digests(supersedes)}
    statement = statement_of(taken.name, taken.subject, Snapshot, predicate)
    published = publish([statement], out, registry, key)
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
    answer_published(published, out)
    if taken.unread_files:
        output.note(f"not read as rows: {counted(taken.unread_files, 'other file')} of the directory")


def _shown(name: str) -> str:
    """A column's name, quoted where its ends would not be seen."""
    return name if name and name == name.strip() else repr(name)
