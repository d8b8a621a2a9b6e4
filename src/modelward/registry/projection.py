"""From log entries to rows: the only writer of the tables.

Deterministic: the same log gives the same rows, whenever it is replayed. So authority is judged by
signature and role alone here; whether a key was in force and a statement still counts is judged by the
gate and by verifiers, at their own time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from modelward.attest.bundle import Bundle
from modelward.attest.predicates import Revocation, Stage, VerificationSummary, Version
from modelward.attest.predicates.acts import release_digest
from modelward.gate.entry import LogEntry
from modelward.registry import tables

_NAME_LENGTH = 256


def project(
    connection: Connection, position: int, entry: LogEntry, bundle: Bundle | None, authorised: bool
) -> None:
    """Apply one log entry.

    `bundle` is the signed statement, None when it is not at hand; `authorised` says that its signature
    holds and that the key's role may make this kind of statement.
    """
    connection.execute(
        tables.entries.insert().values(
            position=position,
            statement=str(entry.statement),
            key=entry.key,
            subject=str(entry.subject),
            type=entry.type,
            name=None if bundle is None else indexed_name(bundle.statement.name),
        )
    )
    row = _ROWS.get(entry.type)
    if row is not None and bundle is not None and authorised:
        row(connection, position, bundle)
    connection.execute(sa.delete(tables.projected))
    connection.execute(tables.projected.insert().values(id=1, size=position + 1))


def indexed_name(name: str) -> str:
    """As much of a subject's name as the tables hold, to look statements up by it."""
    return name[:_NAME_LENGTH]


def projected_size(connection: Connection) -> int:
    """How many log entries the tables reflect."""
    return int(connection.execute(sa.select(tables.projected.c.size)).scalar() or 0)


def _version(connection: Connection, position: int, bundle: Bundle) -> None:
    version = bundle.statement.typed(Version)
    known = connection.execute(
        sa.select(tables.versions.c.position).where(
            tables.versions.c.model == version.model, tables.versions.c.version == version.version
        )
    ).first()
    if known is None:
        connection.execute(
            tables.versions.insert().values(
                model=version.model,
                version=version.version,
                artifact=str(bundle.statement.subject),
                author=version.author,
                origin=version.origin,
                created_at=version.created_at,
                statement=str(bundle.statement_id),
                position=position,
            )
        )


def _stage(connection: Connection, position: int, bundle: Bundle) -> None:
    stage = bundle.statement.typed(Stage)
    current = current_release(connection, stage.model, stage.stage)
    expected = (1, None) if current is None else (current.sequence + 1, current.statement)
    if (stage.sequence, stage.previous) != expected:
        return
    connection.execute(
        tables.releases.insert().values(
            model=stage.model,
            stage=stage.stage,
            sequence=stage.sequence,
            version=stage.release.version,
            artifact=stage.release.artifact,
            release=str(release_digest(stage.release)),
            statement=str(bundle.statement_id),
            decision=stage.decision,
            gated=stage.gated,
            issued_at=stage.issued_at,
            expires=stage.expires,
            position=position,
        )
    )


def _decision(connection: Connection, position: int, bundle: Bundle) -> None:
    summary = bundle.statement.typed(VerificationSummary)
    connection.execute(
        tables.decisions.insert().values(
            position=position,
            model=summary.release.model,
            version=summary.release.version,
            stage=summary.release.stage,
            result=summary.verification_result,
            requested_by=summary.requested_by,
            decided_at=summary.time_verified,
            statement=str(bundle.statement_id),
        )
    )


def _revocation(connection: Connection, position: int, bundle: Bundle) -> None:
    revocation = bundle.statement.typed(Revocation)
    connection.execute(
        tables.revocations.insert().values(
            position=position,
            kind=revocation.kind,
            digest=str(bundle.statement.subject),
            compromised_at=revocation.compromised_at,
            reason=revocation.reason,
            statement=str(bundle.statement_id),
        )
    )


_ROWS: dict[str, Callable[[Connection, int, Bundle], None]] = {
    Version.TYPE: _version,
    Stage.TYPE: _stage,
    VerificationSummary.TYPE: _decision,
    Revocation.TYPE: _revocation,
}


class CurrentRelease(msgspec.Struct, frozen=True):
    """What a stage points to."""

    model: str
    stage: str
    sequence: int
    version: int
    artifact: str
    release: str
    statement: str
    decision: str
    gated: bool
    issued_at: str
    expires: str
    position: int


def current_release(connection: Connection, model: str, stage: str) -> CurrentRelease | None:
    """The release that a stage points to now, None if none."""
    row: Any = connection.execute(
        sa.select(tables.releases)
        .where(tables.releases.c.model == model, tables.releases.c.stage == stage)
        .order_by(tables.releases.c.sequence.desc())
        .limit(1)
    ).first()
    return None if row is None else CurrentRelease(**row._mapping)
