"""What a registry knows: statements, evidence, versions and releases. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from modelward.artifact.manifest import Manifest
from modelward.artifact.store import Store
from modelward.attest.bundle import Bundle
from modelward.attest.predicates import Freeze, Revocation
from modelward.attest.predicates.acts import RevokedThing
from modelward.attest.statement import Statement
from modelward.attest.trust import Trust
from modelward.attest.verify import VerifiedStatement, verify
from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.errors import InputError, Rejected
from modelward.gate.entry import LogEntry
from modelward.gate.evidence import Evidence, Logged, Refused, collect
from modelward.log.sequencer import Log
from modelward.registry import tables
from modelward.registry.authority import authorised
from modelward.registry.layout import Layout
from modelward.registry.projection import CurrentRelease, current_release, indexed_name
from modelward.registry.revocations import Revocations
from modelward.registry.statements import StatementStore


@dataclass(frozen=True, slots=True)
class RegisteredVersion:
    """A version as the tables tell it, with its manifest."""

    model: str
    version: int
    artifact: Digest
    author: str
    origin: str
    position: int


def frozen_error(model: str, reason: str) -> Rejected:
    """The error of who would promote a frozen model."""
    return Rejected(
        f"promotions of {model} are frozen: {reason}",
        help="an administrator ends it with modelward registry unfreeze",
    )


class Records:
    """Reads a registry. `Registry` opens one and writes to it."""

    layout: Layout
    pin: Digest
    statements: StatementStore
    trust: Trust
    log: Log
    engine: Engine

    @cached_property
    def store(self) -> Store:
        """The blobs."""
        return Store.open(self.layout.blobs)

    def newest_time(self) -> datetime:
        """The time of the newest decision: no clock may be behind it (DESIGN 1.6)."""
        with self.engine.connect() as connection:
            newest = connection.execute(sa.select(sa.func.max(tables.decisions.c.decided_at))).scalar()
        return datetime.fromtimestamp(0, UTC) if newest is None else instant.parse(str(newest))

    def verified(self, bundle: Bundle) -> VerifiedStatement:
        """Verify a bundle under the trust policy and all revocations, now. Raises Rejected."""
        return verify(bundle, self.trust, now=instant.now(), revocations=self.revocations().statements)

    def frozen(self, model: str) -> str | None:
        """Why promotions of a model are stopped, None if they are not."""
        latest: dict[str | None, Freeze] = {}
        for _, entry in self.entries_about(self.pin, self.log.size):
            if entry.type == Freeze.TYPE:
                bundle = self.statements.get(entry)
                if authorised(bundle, self.trust, None):
                    act = bundle.statement.typed(Freeze)
                    latest[act.model] = act
        for scope in (None, model):
            if scope in latest and latest[scope].frozen:
                return latest[scope].reason
        return None

    def revocations(self) -> Revocations:
        """Every revocation in the log."""
        with self.engine.connect() as connection:
            return Revocations.read(connection)

    def position(self, entry: LogEntry) -> int | None:
        """Where the log holds this entry, None if it does not."""
        with self.engine.connect() as connection:
            found = connection.execute(
                sa.select(tables.entries.c.position).where(
                    tables.entries.c.statement == str(entry.statement),
                    tables.entries.c.key == entry.key,
                )
            ).scalar()
        return None if found is None else int(found)

    def entries_about(self, subject: Digest, size: int) -> list[tuple[int, LogEntry]]:
        """The log entries about one subject among the first `size`, in log order."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                sa.select(tables.entries)
                .where(tables.entries.c.subject == str(subject), tables.entries.c.position < size)
                .order_by(tables.entries.c.position)
            ).all()
        return [(row.position, _entry(row)) for row in rows]

    def entries_of(self, types: Sequence[str], size: int) -> list[LogEntry]:
        """The log entries of these types among the first `size`, in log order."""
        query = sa.select(tables.entries).where(tables.entries.c.type.in_(types))
        query = query.where(tables.entries.c.position < size).order_by(tables.entries.c.position)
        with self.engine.connect() as connection:
            return [_entry(row) for row in connection.execute(query)]

    def about(self, subject: Digest, size: int) -> Iterator[Logged | Refused]:
        """Every logged statement about one subject up to a log size, verified now or refused."""
        return self._judged(self.entries_about(subject, size), self.revocations().statements)

    def _judged(
        self, entries: Iterable[tuple[int, LogEntry]], revocations: Sequence[RevokedThing]
    ) -> Iterator[Logged | Refused]:
        now = instant.now()
        for index, entry in entries:
            bundle = self.statements.get(entry)
            try:
                yield Logged(index, verify(bundle, self.trust, now=now, revocations=revocations))
            except Rejected as error:
                yield Refused.of(index, bundle, self.trust, error.message)

    def statement(self, statement_id: Digest) -> Bundle | None:
        """A logged statement by its identity, under the first of its signatures; None if there is none."""
        with self.engine.connect() as connection:
            return self._statement(statement_id, connection)

    def _statement(self, statement_id: Digest, connection: Connection) -> Bundle | None:
        row = connection.execute(
            sa.select(tables.entries)
            .where(tables.entries.c.statement == str(statement_id))
            .order_by(tables.entries.c.position)
            .limit(1)
        ).first()
        return None if row is None else self.statements.get(_entry(row))

    def _target(self, revocation: Statement, connection: Connection) -> Bundle | None:
        """The statement that a revocation of a statement names, if the tables know it."""
        is_of_statement = revocation.typed(Revocation).kind == "statement"
        return self._statement(revocation.subject, connection) if is_of_statement else None

    def logged(self, statement_id: Digest) -> tuple[int, Bundle]:
        """A logged statement and its place. Raises Rejected when the log has none of this identity."""
        bundle = self.statement(statement_id)
        index = None if bundle is None else self.position(LogEntry.of(bundle))
        if bundle is None or index is None:
            raise Rejected(f"the log holds no statement {statement_id}")
        return index, bundle

    def evidence(self, roots: Sequence[Digest], size: int | None = None) -> Evidence:
        """Everything that the log holds about the closure of `roots` up to `size` (default: all)."""
        limit = self.log.size if size is None else size
        revocations = self.revocations().statements
        return collect(roots, lambda subject: self._judged(self.entries_about(subject, limit), revocations))

    def statements_about(self, digest: Digest) -> list[VerifiedStatement]:
        """The verified statements about one subject."""
        return [item.verified for item in self.about(digest, self.log.size) if isinstance(item, Logged)]

    def statements_named(self, name: str) -> list[VerifiedStatement]:
        """The verified statements whose subject has this name (a file's or a dataset's)."""
        query = (
            sa.select(tables.entries)
            .where(tables.entries.c.name == indexed_name(name))
            .order_by(tables.entries.c.position)
        )
        with self.engine.connect() as connection:
            entries = [(row.position, _entry(row)) for row in connection.execute(query)]
        return [
            item.verified
            for item in self._judged(entries, self.revocations().statements)
            if isinstance(item, Logged) and item.verified.statement.name == name
        ]

    def versions(self, model: str | None = None) -> list[RegisteredVersion]:
        """All versions, or those of one model, oldest first."""
        query = sa.select(tables.versions).order_by(tables.versions.c.position)
        if model is not None:
            query = query.where(tables.versions.c.model == model)
        with self.engine.connect() as connection:
            rows = connection.execute(query).all()
        return [
            RegisteredVersion(
                row.model, row.version, Digest.parse(row.artifact), row.author, row.origin, row.position
            )
            for row in rows
        ]

    def version(self, model: str, number: int | None = None) -> RegisteredVersion:
        """One version of a model (the newest without a number). Raises InputError."""
        found = [v for v in self.versions(model) if number is None or v.version == number]
        if not found:
            name = model if number is None else f"{model}@{number}"
            raise InputError(f"there is no {name} in the registry", help="modelward push PATH --model NAME")
        return max(found, key=lambda version: version.version)

    def manifest(self, artifact: Digest) -> Manifest:
        """The manifest of a registered artifact, checked against its digest."""
        manifest = Manifest.parse(self.store.get_bytes(Digest("sha256", artifact.value)))
        if manifest.digest != artifact:
            raise Rejected(f"the stored manifest is not that of {artifact}")
        return manifest

    def read_file(self, artifact: Digest, name: str) -> bytes | None:
        """A small file of a registered artifact, verified; None if the artifact has none of that name."""
        for entry in self.manifest(artifact).entries:
            if entry.name == name:
                return self.store.get_bytes(entry.digest)
        return None

    def read_head(self, artifact: Digest, name: str, size: int) -> bytes | None:
        """The first `size` bytes of a file of any length; all of it is read and verified."""
        for entry in self.manifest(artifact).entries:
            if entry.name == name:
                return self.store.get_head(entry.digest, size)
        return None

    def current(self, model: str, stage: str) -> CurrentRelease | None:
        """What a stage points to now."""
        with self.engine.connect() as connection:
            return current_release(connection, model, stage)

    def stages(self) -> list[CurrentRelease]:
        """What every stage of every model points to now."""
        with self.engine.connect() as connection:
            names = connection.execute(
                sa.select(tables.releases.c.model, tables.releases.c.stage).distinct()
            ).all()
            found = [current_release(connection, model, stage) for model, stage in sorted(map(tuple, names))]
        return [release for release in found if release is not None]


def _entry(row: Any) -> LogEntry:
    return LogEntry(Digest.parse(row.statement), row.key, Digest.parse(row.subject), row.type)
