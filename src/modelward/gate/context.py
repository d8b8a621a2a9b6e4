"""What a check sees, and what it answers. Nothing here reads a file, a clock or a network."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from modelward.attest.predicates import (
    Custody,
    Evaluation,
    Provenance,
    Release,
    ResourceDescriptor,
    Snapshot,
    Version,
)
from modelward.attest.predicates.acts import release_digest
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

    def authors(self) -> set[str]:
        """The people who registered the artifact, under whatever model and version."""
        return self.evidence.persons(self.request.artifact, Version)

    def training_inputs(self) -> list[Digest]:
        """The digests of the inputs of the steps that made the artifact."""
        return [
            digest
            for found in self.evidence.about(self.request.artifact, Provenance)
            for digest in self.inputs_of(found.predicate)
        ]

    def interested(self) -> dict[str, str]:
        """Person -> why they may not approve: author, trainer, data contributor or evaluator.

        Counted are all who signed such a statement in the closure, also one that was superseded or revoked.
        """
        artifact = self.request.artifact
        people = dict.fromkeys(self.authors(), "the author")
        for digest in self.evidence.closure(artifact):
            for kind, role in _PARTS.items():
                for person in self.evidence.persons(digest, kind):
                    people.setdefault(person, role)
        return people

    def inputs_of(self, provenance: Provenance) -> list[Digest]:
        """The digests of what a step made its outputs from.

        Dependencies named as code, tool or source are none, unless they are known as data: the name is the
        word of who ran the step.
        """
        return [
            digest
            for dependency in provenance.build_definition.resolved_dependencies
            for digest in _digests(dependency)
            if not _ASIDE.match(dependency.name) or self._is_data(digest)
        ]

    def _is_data(self, digest: Digest) -> bool:
        return bool(self.evidence.about(digest, Snapshot) or self.evidence.about(digest, Custody))


#: Who signed such a statement about the artifact or anything behind it has a part in it.
_PARTS: dict[Any, str] = {
    Provenance: "a trainer",
    Evaluation: "an evaluator",
    Custody: "a data contributor",
    Snapshot: "a data contributor",
    Version: "the author of a model it was made from",
}

#: Names of dependencies that `modelward run` records besides the inputs.
_ASIDE = re.compile(r"(code/|tool/|(source|base|permit)\Z)")


def uncheckable_inputs(provenance: Provenance) -> list[str]:
    """The names of declared inputs that no digest of ours names: nothing can vouch for them."""
    return [
        dependency.name
        for dependency in provenance.build_definition.resolved_dependencies
        if dependency.name.startswith("input/") and not _digests(dependency)
    ]


def _digests(dependency: ResourceDescriptor) -> list[Digest]:
    """The file and tree digests of a dependency."""
    return [
        Digest(algorithm, value)
        for algorithm, value in dependency.digest.items()
        if algorithm in ("sha256", "dirHash")
    ]
