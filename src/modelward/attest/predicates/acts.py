"""Acts: statements that change what is allowed (DESIGN 1.2).

Each binds registry, model, version, stage, release, policy, expiry and a nonce as far as they apply, so
none can be replayed elsewhere.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from modelward.attest.predicates.base import (
    NAMESPACE,
    Count,
    DigestText,
    NameText,
    Nonce,
    Ordinal,
    Predicate,
    Prose,
    Record,
    TimeText,
)
from modelward.core import strict_json
from modelward.core.digest import Digest


class Release(Record, frozen=True, kw_only=True):
    """What a stage may point to: one version, with the BOM reviewed and the policy applied.

    Its digest is the SHA-256 of its canonical JSON; see `release_digest`.
    """

    registry: DigestText
    model: NameText
    version: Ordinal
    artifact: DigestText
    stage: NameText
    policy: DigestText
    bom: DigestText


def release_digest(release: Release) -> Digest:
    """The SHA-256 of the release's canonical JSON."""
    return Digest.sha256(strict_json.dumps(msgspec.to_builtins(release)))


class Approval(Predicate, frozen=True, kw_only=True):
    """A person's yes to one release at one stage. Subject: the artifact."""

    TYPE: ClassVar[str] = f"{NAMESPACE}/approval/v1"

    release: Release
    approver: NameText
    comment: Prose = ""
    issued_at: TimeText
    expires: TimeText
    nonce: Nonce


class Waiver(Predicate, frozen=True, kw_only=True):
    """Leave from one rule, for one artifact at one stage, for a while. Subject: the artifact.

    Counts only when two people who are not the author signed the identical statement.
    """

    TYPE: ClassVar[str] = f"{NAMESPACE}/waiver/v1"

    registry: DigestText
    model: NameText
    version: Ordinal
    stage: NameText
    policy: DigestText
    rule: NameText
    reason: Annotated[str, msgspec.Meta(min_length=10, max_length=10_000)]
    issued_at: TimeText
    expires: TimeText
    nonce: Nonce


class Stage(Predicate, frozen=True, kw_only=True):
    """A stage points to a release. Made by the gate only. Subject: the artifact."""

    TYPE: ClassVar[str] = f"{NAMESPACE}/stage/v1"

    registry: DigestText
    model: NameText
    stage: NameText
    sequence: Ordinal
    previous: DigestText | None
    release: Release
    decision: DigestText
    gated: bool
    issued_at: TimeText
    expires: TimeText
    nonce: Nonce


class Freeze(Predicate, frozen=True, kw_only=True):
    """Promotions of one model, or of all (`model` is null), stop until a later such act ends it.

    Subject: the registry's identity.
    """

    TYPE: ClassVar[str] = f"{NAMESPACE}/freeze/v1"

    registry: DigestText
    model: NameText | None
    frozen: bool
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=10_000)]
    issued_at: TimeText
    nonce: Nonce


class StagePointer(Record, frozen=True, kw_only=True):
    """One stage as a status statement tells it. `statement` is the stage statement's identity."""

    model: NameText
    stage: NameText
    sequence: Ordinal
    release: DigestText
    statement: DigestText


class RevokedThing(Record, frozen=True, kw_only=True):
    """One revocation as a status statement tells it."""

    kind: Literal["artifact", "statement", "release", "key"]
    digest: DigestText
    compromised_at: TimeText | None
    statement: DigestText


class Status(Predicate, frozen=True, kw_only=True):
    """What holds now: log head, every stage, every revocation. Subject: the registry's identity.

    Short-lived and reissued: inclusion proofs cannot show that nothing newer exists.
    """

    TYPE: ClassVar[str] = f"{NAMESPACE}/status/v1"

    registry: DigestText
    trust_version: Ordinal
    log_size: Count
    log_root: DigestText
    stages: tuple[StagePointer, ...]
    revocations: tuple[RevokedThing, ...]
    issued_at: TimeText
    expires: TimeText


class Revocation(Predicate, frozen=True, kw_only=True):
    """Something counts no longer. Subject: the digest of what is revoked.

    A key is named by the SHA-256 of its SubjectPublicKeyInfo. `compromised_at` is the moment from which its
    signatures are worthless; without it, all of them are.
    """

    TYPE: ClassVar[str] = f"{NAMESPACE}/revocation/v1"

    registry: DigestText
    kind: Literal["artifact", "statement", "release", "key"]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=10_000)]
    compromised_at: TimeText | None = None
    issued_at: TimeText
    nonce: Nonce
