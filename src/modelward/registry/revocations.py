"""Revocations as the log holds them, in the forms that verification, gate and status need."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from modelward.attest.predicates.acts import RevokedThing
from modelward.core.digest import Digest
from modelward.gate.context import Revoked
from modelward.registry import tables


@dataclass(frozen=True, slots=True)
class Revocations:
    """All revocations, in log order."""

    things: tuple[RevokedThing, ...]
    reasons: tuple[str, ...]

    @classmethod
    def read(cls, connection: Connection, size: int | None = None) -> Revocations:
        """Read those among the first `size` log entries (default: all)."""
        query = sa.select(tables.revocations).order_by(tables.revocations.c.position)
        if size is not None:
            query = query.where(tables.revocations.c.position < size)
        rows = connection.execute(query).all()
        return cls(
            tuple(
                RevokedThing(
                    kind=row.kind,
                    digest=row.digest,
                    compromised_at=row.compromised_at,
                    statement=row.statement,
                )
                for row in rows
            ),
            tuple(row.reason for row in rows),
        )

    @property
    def statements(self) -> tuple[RevokedThing, ...]:
        """What verification of statements must know: revoked keys and revoked statements."""
        return tuple(thing for thing in self.things if thing.kind in ("key", "statement"))

    @property
    def for_gate(self) -> tuple[Revoked, ...]:
        """What the gate must know: revoked artifacts and releases."""
        return tuple(
            Revoked(thing.kind, Digest.parse(thing.digest), reason)
            for thing, reason in zip(self.things, self.reasons, strict=True)
            if thing.kind in ("artifact", "release")
        )
