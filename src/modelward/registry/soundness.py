"""Whether the tables that a decision rests on are what the log says (DESIGN 1.4).

Who can write to the database must not be able to hide a bad scan or a revocation, nor to turn a stage back.
`modelward registry replay` compares everything; this compares what is decided by, without a rebuild.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from modelward.attest.predicates import Revocation, Stage
from modelward.attest.predicates.acts import release_digest
from modelward.core import merkle
from modelward.core.digest import Digest
from modelward.core.errors import Rejected
from modelward.gate.entry import LogEntry, entry_bytes
from modelward.registry import tables
from modelward.registry.authority import authorised
from modelward.registry.projection import CurrentRelease
from modelward.registry.records import Records


def check_tables(records: Records, size: int) -> None:
    """Compare entries, revocations and the stages' current releases with the log's first `size` entries.

    Takes some 20 microseconds an entry. Raises Rejected if they differ.
    """
    with records.engine.connect() as connection:
        logged = _acts(connection, size, records.log.root(size))
        rows = connection.execute(
            sa.select(tables.revocations).where(tables.revocations.c.position < size)
        ).all()
    told = {(row.position, row.kind, row.digest, row.compromised_at, row.statement) for row in rows}
    if told != _revocations(records, logged):
        raise _unsound("revocations")
    if _releases_are_missing(records, logged) or not all(
        _is_as_signed(records, current, logged) for current in records.stages() if current.position < size
    ):
        raise _unsound("releases")


def _acts(connection: Connection, size: int, root: bytes) -> dict[int, LogEntry]:
    """The entries of revocations and stage statements by place, if all rows together have the log's root."""
    columns = tables.entries.c
    query = sa.select(columns.statement, columns.key, columns.subject, columns.type)
    rows = connection.execute(query.where(columns.position < size).order_by(columns.position)).all()
    if merkle.root([merkle.leaf_hash(entry_bytes(*row)) for row in rows]) != root:
        raise _unsound("entries")
    return {
        place: LogEntry(Digest.parse(row[0]), row[1], Digest.parse(row[2]), row[3])
        for place, row in enumerate(rows)
        if row[3] in (Revocation.TYPE, Stage.TYPE)
    }


def _places(logged: Mapping[int, LogEntry], kind: str) -> list[int]:
    return [place for place, entry in logged.items() if entry.type == kind]


def _revocations(records: Records, logged: Mapping[int, LogEntry]) -> set[tuple[Any, ...]]:
    """The revocations that have effect, as their rows should be."""
    found = set()
    for place in _places(logged, Revocation.TYPE):
        bundle = records.statements.get(logged[place])
        act, subject = bundle.statement.typed(Revocation), bundle.statement.subject
        target = records.statement(subject) if act.kind == "statement" else None
        if target is not None and (records.position(LogEntry.of(target)) or 0) > place:
            target = None  # it came later: the revocation was judged without it
        if authorised(bundle, records.trust, target):
            found.add((place, act.kind, str(subject), act.compromised_at, str(bundle.statement_id)))
    return found


def _releases_are_missing(records: Records, logged: Mapping[int, LogEntry]) -> bool:
    """Whether a stage statement has no row, though no earlier one took its place in the sequence."""
    columns = tables.releases.c
    with records.engine.connect() as connection:
        rows = connection.execute(
            sa.select(columns.position, columns.model, columns.stage, columns.sequence)
        ).all()
    places = {row[0] for row in rows}
    taken = {tuple(row[1:]): row[0] for row in rows}
    for place in _places(logged, Stage.TYPE):
        if place in places:
            continue
        bundle = records.statements.get(logged[place])
        stage = bundle.statement.typed(Stage)
        slot = (stage.model, stage.stage, stage.sequence)
        if taken.get(slot, place) >= place and authorised(bundle, records.trust, None):
            return True
    return False


def _is_as_signed(records: Records, current: CurrentRelease, logged: Mapping[int, LogEntry]) -> bool:
    """Whether the row of a stage's current release is what its stage statement says."""
    entry = logged.get(current.position)
    if entry is None or entry.type != Stage.TYPE:
        return False
    bundle = records.statements.get(entry)
    if str(bundle.statement_id) != current.statement:
        return False
    stage = bundle.statement.typed(Stage)
    return (
        (current.model, current.stage, current.sequence) == (stage.model, stage.stage, stage.sequence)
        and (current.version, current.artifact) == (stage.release.version, stage.release.artifact)
        and (current.release, current.decision) == (str(release_digest(stage.release)), stage.decision)
    )


def _unsound(table: str) -> Rejected:
    return Rejected(
        f"the table of {table} is not what the log says, so nothing is decided by it",
        help="modelward registry replay names the rows and mends them",
    )
