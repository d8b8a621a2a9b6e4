"""`modelward data publish`: sign the statements that recorded code left behind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelward.cli import output
from modelward.cli.data.options import JSON, KEY, PATH, REGISTRY
from modelward.cli.data.publishing import answer_published, check_destination, publish
from modelward.core.errors import InputError, Rejected
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.attest.statement import Statement

_MAX_FILE = 256 << 20


@click.command("publish")
@click.argument("file", type=PATH)
@REGISTRY
@KEY
@JSON
def publish_statements(file: Path, registry: Path | None, key: str | None, as_json: bool) -> None:
    """Sign the statements of FILE, which `modelward.data.step` or `--statement` wrote, and publish them.

    The data must lie beside FILE under the names in it, unchanged. All are published, or none. You sign
    what the file says: read it first if somebody else could write to it.
    """
    check_destination(None, registry)
    statements = _statements(file)
    for statement in statements:
        _check_data(file, statement)
    published = publish(statements, None, registry, key)
    if as_json:
        output.answer_json({"statements": published})
        return
    for statement in statements:
        kind = statement.predicate_type.rsplit("/", 2)[1]
        said = (
            f"{statement.predicate['operation']}, {statement.predicate['claim']}" if kind == "custody" else ""
        )
        output.answer(f"{kind} of {escape(statement.name)} ({statement.subject})")
        if said:
            output.answer(f"  {escape(said)}")
    answer_published(published, None)


def _statements(file: Path) -> list[Statement]:
    """The snapshots and custody statements of a file. Raises InputError."""
    from modelward.attest.predicates import Custody, Snapshot
    from modelward.attest.statement import Statement
    from modelward.cli.public_key import read_capped

    found = []
    for number, line in enumerate(read_capped(file, _MAX_FILE).splitlines(), 1):
        where = f"{file}: line {number}"
        try:
            statement = Statement.from_bytes(line)
        except InputError as error:
            raise InputError(error.message, where=where, help=error.help) from None
        if statement.predicate_type not in (Snapshot.TYPE, Custody.TYPE):
            raise InputError("not a snapshot or custody statement", where=where)
        found.append(statement)
    if not found:
        raise InputError("there is no statement", where=str(file))
    return found


def _check_data(file: Path, statement: Statement) -> None:
    """Raise Rejected unless the data beside the file is what the statement is about."""
    from modelward.artifact.hashing import digest_of

    if statement.name != Path(statement.name).name or statement.name in ("", ".", ".."):
        raise InputError(f"not the name of a file: {statement.name!r}", where=str(file))
    data = file.parent / statement.name
    found = digest_of(data) if data.exists() else None
    if found != statement.subject:
        raise Rejected(
            f"{statement.name} is not what the statement is about: it should be {statement.subject}, "
            f"it is {found or 'not there'}",
            where=str(data),
            help="record the step again",
        )
