"""What was made from what, as the log tells it, in both directions.

Statements that no longer count are followed too and say so: who supersedes a record, or signs with a key that
is revoked later, must not make the past disappear.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa

from modelward.attest.predicates import AnyPredicate, Custody, Evaluation, Provenance, Snapshot
from modelward.attest.standing import REPLACEABLE, superseded
from modelward.attest.statement import Statement
from modelward.core.digest import Digest
from modelward.core.errors import Rejected
from modelward.gate.evidence import Logged, Refused, materials
from modelward.registry import tables
from modelward.registry.records import Records, RegisteredVersion
from modelward.registry.soundness import check_tables

_TYPES = (Custody.TYPE, Evaluation.TYPE, Provenance.TYPE, Snapshot.TYPE)


@dataclass(frozen=True, slots=True)
class Said:
    """A logged statement, who signed it with which roles, and why it does not count (empty if it does)."""

    index: int
    id: Digest
    statement: Statement
    signer: str
    roles: tuple[str, ...]
    problem: str = ""

    def is_a(self, kind: type[AnyPredicate]) -> bool:
        """Whether it is of this type."""
        return self.statement.predicate_type == kind.TYPE


@dataclass(frozen=True, slots=True)
class Use:
    """A stage that points, or once pointed, to a version."""

    stage: str
    sequence: int
    current: bool


class Lineage:
    """The statements about datasets, runs and models in a registry's log up to its present size."""

    def __init__(self, records: Records) -> None:
        """Read them. Raises Rejected if a statement is missing or the tables are not what the log says."""
        self._records = records
        self._size = records.log.size
        check_tables(records, self._size)
        self._uses: dict[Digest, dict[Digest, None]] = {}
        self._named: dict[str, dict[Digest, None]] = {}
        self._snapshots: dict[Digest, None] = {}
        self._judged: dict[Digest, tuple[Said, ...]] = {}
        for entry in records.entries_of(_TYPES, self._size):
            statement = records.statements.get(entry).statement
            for material in materials(statement):
                self._uses.setdefault(material, {})[statement.subject] = None
            dataset = statement.predicate.get("dataset")
            if isinstance(dataset, str):
                self._named.setdefault(dataset, {})[statement.subject] = None
            if statement.predicate_type == Snapshot.TYPE:
                self._snapshots[statement.subject] = None

    @property
    def snapshots(self) -> Sequence[Digest]:
        """Every dataset of which there is a snapshot, oldest first."""
        return list(self._snapshots)

    @property
    def recorded(self) -> Sequence[Digest]:
        """Everything that is recorded as a dataset, by a snapshot or by custody."""
        return list(dict.fromkeys(subject for subjects in self._named.values() for subject in subjects))

    def named(self, dataset: str) -> Sequence[Digest]:
        """The datasets of this name, oldest first."""
        return list(self._named.get(dataset, ()))

    def about(self, subject: Digest) -> tuple[Said, ...]:
        """Every logged statement about a digest, in log order."""
        if subject not in self._judged:
            self._judged[subject] = self._judge(subject)
        return self._judged[subject]

    def makers(self, subject: Digest) -> list[Said]:
        """The statements that say what a digest was made from: custody and runs."""
        return [said for said in self.about(subject) if said.is_a(Custody) or said.is_a(Provenance)]

    def uses(self, material: Digest) -> list[Said]:
        """The statements that say something was made from a digest, or measured with it."""
        return [
            said
            for subject in self._uses.get(material, ())
            for said in self.about(subject)
            if material in materials(said.statement)
        ]

    def snapshot(self, subject: Digest) -> Said | None:
        """The newest snapshot of a digest: one that counts, if there is one."""
        found = [said for said in self.about(subject) if said.is_a(Snapshot)]
        standing = [said for said in found if not said.problem]
        return (standing or found)[-1] if found else None

    def revoked(self, digest: Digest) -> str | None:
        """Why an artifact is revoked, None if it is not."""
        return self._revoked.get(digest)

    def versions(self, artifact: Digest) -> list[RegisteredVersion]:
        """The versions that an artifact is registered as."""
        return self._versions.get(artifact, [])

    def stages(self, version: RegisteredVersion) -> list[Use]:
        """The stages that point or once pointed to a version, the newest time each."""
        columns = tables.releases.c
        query = (
            sa.select(columns.stage, sa.func.max(columns.sequence))
            .where(columns.model == version.model, columns.version == version.version)
            .where(columns.artifact == str(version.artifact))
            .group_by(columns.stage)
            .order_by(columns.stage)
        )
        with self._records.engine.connect() as connection:
            rows = connection.execute(query).all()
        now = {(release.model, release.stage): release.sequence for release in self._records.stages()}
        return [Use(stage, last, now.get((version.model, stage)) == last) for stage, last in rows]

    @cached_property
    def _revoked(self) -> dict[Digest, str]:
        return {
            thing.digest: thing.reason
            for thing in self._records.revocations().for_gate
            if thing.kind == "artifact"
        }

    @cached_property
    def _versions(self) -> dict[Digest, list[RegisteredVersion]]:
        found: dict[Digest, list[RegisteredVersion]] = {}
        for version in self._records.versions():
            found.setdefault(version.artifact, []).append(version)
        return found

    def _judge(self, subject: Digest) -> tuple[Said, ...]:
        items = list(self._records.about(subject, self._size))
        counted = [item.verified for item in items if isinstance(item, Logged)]
        replaced = dict.fromkeys(superseded(counted), "superseded")
        for verified in counted:
            known = verified.statement.predicate_type in REPLACEABLE
            for text in verified.statement.predicate.get("supersedes", ()) if known else ():
                former = Digest.parse(text)
                if former in replaced:
                    replaced[former] = f"superseded by {verified.id.short} of {verified.principal.name}"
        return tuple(self._said(item, replaced) for item in items)

    def _said(self, item: Logged | Refused, replaced: Mapping[Digest, str]) -> Said:
        if isinstance(item, Refused):
            bundle = item.bundle
            roles = self._roles(bundle.key_id)
            return Said(item.index, bundle.statement_id, bundle.statement, item.signer, roles, item.reason)
        verified = item.verified
        return Said(
            item.index,
            verified.id,
            verified.statement,
            verified.principal.name,
            tuple(sorted(verified.principal.roles)),
            replaced.get(verified.id, ""),
        )

    def _roles(self, key_id: str) -> tuple[str, ...]:
        try:
            return tuple(sorted(self._records.trust.key(key_id).roles))
        except Rejected:
            return ()
