"""A registry in a directory: the log is the truth, the tables follow it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import Connection

from modelward.attest.bundle import Bundle
from modelward.attest.keys.signer import Signer
from modelward.attest.predicates import Revocation, Version
from modelward.attest.trust import Trust, walk
from modelward.attest.trust_files import load_versions
from modelward.attest.verify import VerifiedStatement, holder, may_revoke
from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.errors import Conflict, InputError, ModelwardError, Rejected
from modelward.core.principal import Principal
from modelward.gate.context import LogView
from modelward.gate.entry import LogEntry
from modelward.gate.evidence import materials
from modelward.gate.policy import MAX_BYTES, Policy
from modelward.log.checkpoint import Checkpoint, SignedCheckpoint
from modelward.log.kept import check_kept, keep, read_kept
from modelward.log.note import NoteKey
from modelward.log.sequencer import Log
from modelward.registry import access
from modelward.registry.authority import authorised
from modelward.registry.database import connect, lock
from modelward.registry.layout import Layout
from modelward.registry.projection import project, projected_size
from modelward.registry.records import Records, frozen_error
from modelward.registry.settings import ServiceRole, Settings
from modelward.registry.statements import StatementStore


@dataclass(frozen=True, slots=True)
class Published:
    """A statement that is in the log."""

    id: Digest
    index: int


class Registry(Records):
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
            with path.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
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
        """Who holds this key, with its roles, if they may do `action` on `model` now. Raises Rejected.

        The holder proves possession by signing a fresh challenge.
        """
        import secrets

        revocations = self.revocations().statements
        principal = holder(signer.public.id, self.trust, now=instant.now(), revocations=revocations)
        challenge = secrets.token_bytes(32)
        self.trust.public_key(signer.public.id).verify(signer.sign(challenge), challenge)
        frozen = self.frozen(model)
        decision = access.decide(principal, action, model, frozen=frozen is not None)
        if not decision.allowed and frozen is not None and action == "promote":
            raise frozen_error(model, frozen)
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
        LogEntry.parse(LogEntry.of(verified.bundle).to_bytes())
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

    def close(self) -> None:
        """Let go of the database and the log."""
        self.engine.dispose()
        self.log.close()

    def __enter__(self) -> Registry:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
