"""trust-policy: who may say what (DESIGN 1.6).

The subject is the SHA-256 of the predicate's canonical JSON. Of version 1 this digest is the registry's
identity, from which verifiers start. Version N+1 carries signatures by the root thresholds of N and of N+1.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from modelward.attest.predicates.base import (
    NAMESPACE,
    Count,
    DigestText,
    KeyId,
    NameText,
    Ordinal,
    Predicate,
    Prose,
    Record,
    TimeText,
)


class TrustedRole(Record, frozen=True, kw_only=True):
    """What keys of this role may sign, and how many distinct people it takes."""

    predicate_types: tuple[str, ...] = ()
    threshold: Ordinal = 1


class TrustedPrincipal(Record, frozen=True, kw_only=True):
    """A named actor and the person (or machine) behind it."""

    name: NameText
    person: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]


class TrustedKey(Record, frozen=True, kw_only=True):
    """A public key: whose it is, its roles, and when it is in force.

    A key of an infrastructure role (root, gate, log, status, witness, timestamp) has that one role.
    """

    id: KeyId
    public_key: str
    principal: NameText
    roles: Annotated[tuple[NameText, ...], msgspec.Meta(min_length=1)]
    valid_from: TimeText
    valid_until: TimeText
    name: str = ""


class RevokedKey(Record, frozen=True, kw_only=True):
    """A key that counts no longer, from the time of compromise (none: never did)."""

    id: KeyId
    compromised_at: TimeText | None = None
    reason: Prose = ""


class TimestampAuthority(Record, frozen=True, kw_only=True):
    """An RFC 3161 authority: PEM certificates, root first."""

    name: NameText
    certificates: tuple[str, ...]


class TrustPolicy(Predicate, frozen=True, kw_only=True):
    """Subject: the SHA-256 of this predicate's canonical JSON."""

    TYPE: ClassVar[str] = f"{NAMESPACE}/trust-policy/v1"

    name: NameText
    version: Ordinal
    identity: DigestText | None
    previous: DigestText | None
    issued_at: TimeText
    expires: TimeText
    log_origin: str
    witnesses_required: Count
    gate_policy: DigestText
    roles: dict[str, TrustedRole]
    principals: tuple[TrustedPrincipal, ...]
    keys: tuple[TrustedKey, ...]
    revoked_keys: tuple[RevokedKey, ...] = ()
    timestamp_authorities: tuple[TimestampAuthority, ...] = ()
