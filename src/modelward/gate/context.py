"""What a check sees, and what it answers. Nothing here reads a file, a clock or a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from modelward.attest.predicates import Custody, Evaluation, Provenance, Release, Snapshot, Version
from modelward.attest.predicates.acts import release_digest
from modelward.attest.trust_rules import same
from modelward.attest.verify import VerifiedStatement
from modelward.core.digest import Digest
from modelward.gate.evidence import Evidence, Typed

Status = Literal["ok", "fail", "waived", "not-evaluated"]


@dataclass(frozen=True, slots=True)
class Revoked:
    """Something that counts no longer."""

    kind: str
    digest: Digest
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LogView:
    """The log as the gate saw it: its size, and whether it continued the last known checkpoint."""

    size: int
    consistent: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks for which release to take which place."""

    release: Release
    sequence: int
    requested_by: str
    baseline: Digest | None = None

    @property
    def artifact(self) -> Digest:
        """The artifact that would be released."""
        return Digest.parse(self.release.artifact)

    @property
    def release_digest(self) -> Digest:
        """What approvals bind."""
        return release_digest(self.release)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A check's answer. `detail` lines are for people; `help` says how to get to yes."""

    status: Status
    detail: tuple[str, ...] = ()
    help: str = ""
    #: Set when no waiver may change this answer.
    final: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """A built-in check: one file under gate/checks."""

    id: str
    title: str
    options: type
    run: Callable[[Context, Any], Outcome]
    needs: tuple[str, ...] = ()
    waivable: bool = True


class MissingField(Protocol):
    """A BOM field that is not filled, and how to fill it."""

    @property
    def id(self) -> str:
        """The field's id."""

    @property
    def title(self) -> str:
        """What the field holds."""

    @property
    def how_to_fill(self) -> str:
        """What to do."""


class BomView(Protocol):
    """The review BOM as the gate sees it. `modelward.bom` makes one; the gate depends on no BOM format."""

    @property
    def digest(self) -> Digest:
        """The SHA-256 of the BOM's canonical JSON."""

    def missing(self, fields: Sequence[str]) -> Sequence[MissingField]:
        """Which of the required fields are not filled."""


@dataclass(frozen=True)
class Context:
    """The inputs of a decision."""

    request: Request
    evidence: Evidence
    bom: BomView
    revoked: tuple[Revoked, ...]
    log: LogView
    now: datetime
    waiver_max: timedelta

    def versions(self) -> list[Typed[Version]]:
        """The version statements that register this very model and version number."""
        release = self.request.release
        return [
            found
            for found in self.evidence.about(self.request.artifact, Version)
            if (found.predicate.registry, found.predicate.model, found.predicate.version)
            == (release.registry, release.model, release.version)
        ]

    def training_inputs(self) -> list[Digest]:
        """The digests of the declared inputs of the steps that made the artifact."""
        return [
            digest
            for found in self.evidence.about(self.request.artifact, Provenance)
            for digest in inputs_of(found.predicate)
        ]

    def interested(self) -> dict[str, str]:
        """Person -> why they may not approve: author, trainer, data contributor or evaluator."""
        people: dict[str, str] = {}
        for found in self.versions():
            people.setdefault(same(found.verified.principal.person), "the author")
        for digest in self.evidence.ancestors(self.request.artifact):
            for kind, role in (
                (Provenance, "a trainer"),
                (Evaluation, "an evaluator"),
                (Custody, "a data contributor"),
                (Snapshot, "a data contributor"),
            ):
                for signer in self._signers(digest, kind):
                    people.setdefault(same(signer.principal.person), role)
        return people

    def _signers(self, digest: Digest, kind: Any) -> list[VerifiedStatement]:
        return [found.verified for found in self.evidence.about(digest, kind)]


def inputs_of(provenance: Provenance) -> list[Digest]:
    """The digests of a step's declared inputs (`input/NAME` dependencies), not of its code."""
    return [
        Digest(algorithm, value)
        for dependency in provenance.build_definition.resolved_dependencies
        if dependency.name.startswith("input/")
        for algorithm, value in dependency.digest.items()
        if algorithm in ("sha256", "dirHash")
    ]
