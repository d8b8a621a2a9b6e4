"""A registry in a directory: the log is the truth, the tables follow it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from modelward.artifact.manifest import Manifest
from modelward.artifact.store import Store
from modelward.attest.bundle import Bundle
from modelward.attest.keys.signer import Signer
from modelward.attest.predicates import Revocation, Version
from modelward.attest.statement import Statement
from modelward.attest.trust import Trust, walk
from modelward.attest.trust_files import load_versions
from modelward.attest.verify import VerifiedStatement, may_revoke, verify
from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.errors import Conflict, InputError, ModelwardError, Rejected
from modelward.core.principal import Principal
from modelward.gate.context import LogView
from modelward.gate.entry import LogEntry
from modelward.gate.evidence import Evidence, Logged, Refused, collect, materials
from modelward.gate.policy import Policy
from modelward.log.checkpoint import Checkpoint, SignedCheckpoint
from modelward.log.kept import check_kept, keep, read_kept
from modelward.log.note import NoteKey
from modelward.log.sequencer import Log
from modelward.registry import access, tables
from modelward.registry.authority import authorised
from modelward.registry.database import connect, lock
from modelward.registry.layout import Layout
from modelward.registry.projection import CurrentRelease, current_release, project, projected_size
from modelward.registry.revocations import Revocations
from modelward.registry.settings import ServiceRole, Settings
from modelward.registry.statements import StatementStore


@dataclass(frozen=True, slots=True)
class Published:
    """A statement that is in the log."""

    id: Digest
    index: int


@dataclass(frozen=True, slots=True)
class RegisteredVersion:
    """A version as the tables tell it, with its manifest."""

    model: str
    version: int
    artifact: Digest
    author: str
    origin: str
    position: int


class Registry:
    """Reads and writes one registry directory. Stages are written by `registry.promote` alone."""

    def __init__(self, directory: Path, pin: Digest, kept: Sequence[Path] = ()) -> None:
        """Open a registry whose identity is `pin`.

        `kept` are files with the newest checkpoint their holders have seen. Raises InputError for a
        directory without a registry, Rejected when its trust policy does not start from the pin.
        """
        self.layout = Layout(directory)
        self.settings = Settings.read(self.layout.settings)
        self.pin = pin
        self.statements = StatementStore(self.layout)
        self._kept = (self.layout.kept_checkpoint, *kept)
        self.trust: Trust = walk(pin, load_versions(directory), now=instant.now())
        remembered = [read_kept(path) for path in self._kept]  # before the log: it must not be behind
        self._read_only: ModelwardError | None = None
        self.log = Log.open(self.layout.log, self._log_key())
        self.log_view = self._view([checkpoint for checkpoint in remembered if checkpoint is not None])
        self.engine = connect(self.layout.database)
        if self.log_view.consistent:
            self.sync()

    def _log_key(self) -> Signer | None:
        try:
            return self.settings.signer("log", self.layout.directory)
        except ModelwardError as error:
            self._read_only = error
            return None

    def _view(self, remembered: Sequence[Checkpoint]) -> LogView:
        """Check the log against every checkpoint that was kept of it."""
        try:
            signed = SignedCheckpoint.parse(self.log.checkpoint())
            checkpoint = self._signed_by_log(signed)
            for kept in remembered:
                check_kept(kept, checkpoint, self.log.consistency_proof)
        except ModelwardError as error:
            return LogView(self.log.size, False, error.message)
        return LogView(self.log.size, True)

    def _signed_by_log(self, signed: SignedCheckpoint) -> Checkpoint:
        origin = self.trust.policy.log_origin
        problem = Rejected("the trust policy has no log key in force")
        for key in self.trust.log_keys:
            try:
                return signed.verify(NoteKey.from_pem(origin, key.pem))
            except Rejected as error:
                problem = error
        raise problem

    @cached_property
    def store(self) -> Store:
        """The blobs."""
        return Store.open(self.layout.blobs)

    @property
    def policy(self) -> Policy:
        """The gate policy that the trust policy names. Raises Rejected when its file is another one."""
        digest = Digest.parse(self.trust.policy.gate_policy)
        data = self.policy_bytes()
        return Policy.parse(data, where=str(self.layout.policy(digest)))

    def policy_bytes(self) -> bytes:
        """The bytes of the gate policy, checked against the digest in the trust policy."""
        digest = Digest.parse(self.trust.policy.gate_policy)
        path = self.layout.policy(digest)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise InputError(
                f"the gate policy cannot be read: {error.strerror}",
                where=str(path),
                help="restore the file, or put a policy in its place: modelward registry policy FILE",
            ) from error
        if Digest.sha256(data) != digest:
            raise Rejected(
                "the gate policy is not the one that the trust policy names",
                where=str(path),
                help="policies change by modelward registry policy FILE, signed by the root keys",
            )
        return data

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the registry for writing; other processes wait."""
        self.layout.lock.touch(exist_ok=True)
        with self.layout.lock.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            self._follow_trust()
            yield

    def _follow_trust(self) -> None:
        """Walk to a trust policy that was published since this registry was opened. Raises Rejected."""
        if (self.layout.trust / f"{self.trust.version + 1}.jsonl").exists():
            known, versions = self.trust.version, load_versions(self.layout.directory)
            self.trust = walk(self.pin, versions, now=instant.now(), minimum_version=known)

    def signer(self, role: ServiceRole) -> Signer:
        """The registry's own signer for gate, log or status."""
        return self.settings.signer(role, self.layout.directory)

    # -- writing ---------------------------------------------------------------------------------

    def authenticate(self, signer: Signer, action: str, model: str) -> Principal:
        """Who holds this key, if they may do `action` on `model`. Raises Rejected.

        The holder proves possession by signing a fresh challenge.
        """
        import secrets

        key = self.trust.key(signer.public.id)
        challenge = secrets.token_bytes(32)
        signer.public.verify(signer.sign(challenge), challenge)
        principal = self.trust.principal(key.principal)
        decision = access.decide(principal, action, model)
        if not decision.allowed:
            why = f": {'; '.join(decision.reasons)}" if decision.reasons else ""
            raise Rejected(
                f"{principal.name} ({', '.join(sorted(principal.roles))}) may not {action} {model}{why}"
            )
        return principal

    def publish(self, bundles: Sequence[Bundle]) -> list[Published]:
        """Check authority, keep the statements, log them, and bring the tables up to date.

        Nothing is stored unless every bundle verifies. A bundle that the log holds already is not logged
        again. Raises Rejected.
        """
        self._require_consistent()
        with self.exclusive():
            self.sync()
            self.record_trust()
            for bundle in bundles:
                self._check_publishable(self.verified(bundle))
            return self._append(bundles)

    def _check_publishable(self, verified: VerifiedStatement) -> None:
        """Refuse what would be logged without any effect. Raises Rejected or Conflict."""
        statement = verified.statement
        materials(statement)
        if statement.predicate_type == Revocation.TYPE:
            with self.engine.connect() as connection:
                target = self._target(statement, connection)
            if not may_revoke(verified.bundle, self.trust, target):
                raise Rejected(f"{verified.principal.name} may not revoke {statement.subject}")
        elif statement.predicate_type == Version.TYPE:
            version = statement.typed(Version)
            expected = max((v.version for v in self.versions(version.model)), default=0) + 1
            if version.version != expected:
                raise Conflict(
                    f"the next version of {version.model} is {expected}, not {version.version}",
                    help="somebody else may have pushed meanwhile; push again",
                )

    def record_trust(self) -> None:
        """Log the trust policy versions that the log does not hold yet. Call it holding `exclusive`."""
        self._append([bundle for version in self.trust_versions() for bundle in version])

    def trust_versions(self) -> list[tuple[Bundle, ...]]:
        """The signed versions up to the one in force here; another process may be publishing the next."""
        return load_versions(self.layout.directory)[: self.trust.version]

    def _append(self, bundles: Sequence[Bundle]) -> list[Published]:
        published: list[Published] = []
        for bundle in bundles:
            entry = LogEntry.of(bundle)
            index = self.position(entry)
            if index is None:
                self._require_log_key()
                self.statements.put(bundle)
                index = self.log.append(entry.to_bytes())
            published.append(Published(bundle.statement_id, index))
        self.sync()
        return published

    def append_together(self, bundles: Sequence[Bundle], expected_size: int) -> list[Published]:
        """Log statements in one append, if the log still has `expected_size` entries. Raises Conflict."""
        self._require_consistent()
        self._require_log_key()
        for bundle in bundles:
            self.statements.put(bundle)
        places = self.log.append_all(
            [LogEntry.of(bundle).to_bytes() for bundle in bundles], expected_size=expected_size
        )
        self.sync()
        return [Published(bundle.statement_id, index) for bundle, index in zip(bundles, places, strict=True)]

    def _require_consistent(self) -> None:
        if not self.log_view.consistent:
            raise Rejected(
                f"nothing is written to a log that was tampered with: {self.log_view.detail}",
                help="modelward log audit names what was changed",
            )

    def _require_log_key(self) -> None:
        if self._read_only is not None:
            raise self._read_only

    def sync(self) -> None:
        """Project the entries that the tables lack, and keep the checkpoint."""
        with self.engine.connect() as connection:
            start = projected_size(connection)  # before the log: it must not be behind, whoever else writes
        self.log.refresh()
        size = self.log.size
        if start > size:
            raise Rejected(
                f"the tables reflect {start} entries but the log has {size}",
                where=str(self.layout.database),
                help="modelward log audit says whether the log is whole; if it is, move this file away:"
                " the log rebuilds it",
            )
        if start < size:
            with self.engine.begin() as connection:
                lock(connection)
                start = projected_size(connection)  # another process may have been faster
                if start < size:
                    self.project_range(connection, start, size)
        checkpoint = self.log.checkpoint()
        for path in self._kept:
            keep(path, checkpoint)
        self.log_view = LogView(size, self.log_view.consistent, self.log_view.detail)

    def project_range(self, connection: Connection, start: int, stop: int) -> None:
        """Apply the log's entries [start, stop) to the tables."""
        for index, data in enumerate(self.log.entries(start, stop), start):
            entry = LogEntry.parse(data)
            bundle = self.statements.get(entry)
            target = None
            if entry.type == Revocation.TYPE:
                target = self._target(bundle.statement, connection)
            project(connection, index, entry, bundle, authorised(bundle, self.trust, target))

    # -- reading ---------------------------------------------------------------------------------

    def verified(self, bundle: Bundle) -> VerifiedStatement:
        """Verify a bundle under the trust policy and all revocations, now. Raises Rejected."""
        return verify(bundle, self.trust, now=instant.now(), revocations=self.revocations().statements)

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
        return [
            (
                row.position,
                LogEntry(Digest.parse(row.statement), row.key, Digest.parse(row.subject), row.type),
            )
            for row in rows
        ]

    def about(self, subject: Digest, size: int) -> Iterator[Logged | Refused]:
        """Every logged statement about one subject up to a log size, verified now or refused."""
        for index, entry in self.entries_about(subject, size):
            bundle = self.statements.get(entry)
            try:
                yield Logged(index, self.verified(bundle))
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
        return collect(roots, lambda subject: self.about(subject, limit))

    def statements_about(self, digest: Digest) -> list[VerifiedStatement]:
        """The verified statements about one subject."""
        return [item.verified for item in self.about(digest, self.log.size) if isinstance(item, Logged)]

    def statements_named(self, name: str) -> list[VerifiedStatement]:
        """The verified statements whose subject has this name (a file's or a dataset's)."""
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(tables.entries.c.subject).distinct()).scalars().all()
        return [
            verified
            for subject in rows
            for verified in self.statements_about(Digest.parse(subject))
            if verified.statement.name == name
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

    def close(self) -> None:
        """Let go of the database and the log."""
        self.engine.dispose()
        self.log.close()

    def __enter__(self) -> Registry:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _entry(row: Any) -> LogEntry:
    return LogEntry(Digest.parse(row.statement), row.key, Digest.parse(row.subject), row.type)
