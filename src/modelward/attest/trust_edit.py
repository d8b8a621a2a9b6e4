"""Trust policies made from trust policies. Nothing here signs a version or writes it to a disk.

`next_version(former, add_principal("bob", "Bob B"), add_key(...), now=now)` applies changes in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from modelward.attest.bundle import Bundle, sign_statement
from modelward.attest.keys.public import PublicKey
from modelward.attest.keys.signer import Signer
from modelward.attest.predicates.trust import (
    RevokedKey,
    TimestampAuthority,
    TrustedKey,
    TrustedPrincipal,
    TrustedRole,
    TrustPolicy,
)
from modelward.attest.roles import ROLES
from modelward.attest.trust import policy_digest, policy_statement
from modelward.attest.trust_rules import in_force, validate
from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.errors import InputError, UsageError

#: A change to a trust policy: gives the changed one, or raises InputError or UsageError.
Change = Callable[[TrustPolicy], TrustPolicy]

#: How long a policy and a key last unless somebody says otherwise.
POLICY_LIFETIME = timedelta(days=365)
KEY_LIFETIME = timedelta(days=365)
#: Root keys sign rarely, and their end ends every policy that they signed.
ROOT_LIFETIME = timedelta(days=3650)


def default_roles(*, root_threshold: int = 1) -> dict[str, TrustedRole]:
    """Every role with all that it may sign."""
    return {
        name: TrustedRole(
            predicate_types=tuple(sorted(types)), threshold=root_threshold if name == "root" else 1
        )
        for name, types in ROLES.items()
    }


def trusted_key(
    public: PublicKey,
    principal: str,
    roles: Sequence[str],
    *,
    valid_from: datetime,
    valid_until: datetime | None = None,
    name: str = "",
) -> TrustedKey:
    """A key as the policy lists it; without `valid_until`, for ROOT_LIFETIME or KEY_LIFETIME."""
    until = valid_until or valid_from + (ROOT_LIFETIME if "root" in roles else KEY_LIFETIME)
    return TrustedKey(
        id=public.id,
        public_key=public.pem,
        principal=principal,
        roles=tuple(roles),
        valid_from=instant.render(valid_from),
        valid_until=instant.render(until),
        name=name,
    )


def initial(
    name: str,
    *,
    log_origin: str,
    gate_policy: Digest,
    persons: Mapping[str, str],
    keys: Iterable[TrustedKey],
    now: datetime,
    lifetime: timedelta = POLICY_LIFETIME,
    root_threshold: int = 1,
) -> TrustPolicy:
    """Version 1, whose digest is the registry's identity.

    `persons` gives each principal's person; `keys` must hold at least one root, gate, log and status key.
    Raises InputError if the policy is not consistent, see `trust_rules.validate`.
    """
    policy = TrustPolicy(
        name=name,
        version=1,
        identity=None,
        previous=None,
        issued_at=instant.render(now),
        expires=instant.render(now + lifetime),
        log_origin=log_origin,
        witnesses_required=0,
        gate_policy=str(gate_policy),
        roles=default_roles(root_threshold=root_threshold),
        principals=tuple(TrustedPrincipal(name=who, person=person) for who, person in persons.items()),
        keys=tuple(keys),
    )
    return _checked(policy)


def next_version(former: TrustPolicy, *changes: Change, now: datetime) -> TrustPolicy:
    """`former` with `changes`, as the version after it. Raises InputError if the result is not consistent.

    It expires when `former` does, unless it is `renewed`.
    """
    policy = former
    for change in changes:
        policy = change(policy)
    digest = str(policy_digest(former))
    issued = max(instant.render(now), former.issued_at)
    return _checked(
        msgspec.structs.replace(
            policy,
            version=former.version + 1,
            identity=former.identity or digest,
            previous=digest,
            issued_at=issued,
        )
    )


def add_principal(name: str, person: str) -> Change:
    """Make a person or machine known by name; a no-op if exactly this is already there."""

    def change(policy: TrustPolicy) -> TrustPolicy:
        for principal in policy.principals:
            if principal.name == name and principal.person == person:
                return policy
            if principal.name == name:
                raise UsageError(
                    f"principal {name} is {principal.person}, not {person}",
                    help="separation of duties counts people: give the other person another name",
                )
        return msgspec.structs.replace(
            policy, principals=(*policy.principals, TrustedPrincipal(name=name, person=person))
        )

    return change


def add_key(key: TrustedKey) -> Change:
    """Trust a new key. Keys are never changed in place: a new set of roles takes a new key."""

    def change(policy: TrustPolicy) -> TrustPolicy:
        if any(known.id == key.id for known in policy.keys):
            raise UsageError(
                f"key {key.id[:16]}… is already in the trust policy",
                help="a key keeps its owner and roles; retire it and trust a new one",
            )
        if any(revoked.id == key.id for revoked in policy.revoked_keys):
            raise UsageError(f"key {key.id[:16]}… is revoked", help="make a new key")
        return msgspec.structs.replace(policy, keys=(*policy.keys, key))

    return change


def retire_key(key_id: str, moment: datetime) -> Change:
    """End a key's validity at `moment`, as in rotation. What it signed before then still counts."""

    def change(policy: TrustPolicy) -> TrustPolicy:
        key = _known(policy, key_id)
        if not in_force(key, moment) or moment <= instant.parse(key.valid_from):
            raise UsageError(
                f"key {key_id[:16]}… is in force from {key.valid_from} until {key.valid_until}; "
                f"it cannot be retired at {instant.render(moment)}"
            )
        return _with_key(policy, msgspec.structs.replace(key, valid_until=instant.render(moment)))

    return change


def revoke_key(key_id: str, *, compromised_at: datetime | None, reason: str) -> Change:
    """Let a key count no longer from `compromised_at` on, or (None) never have counted.

    Only signatures proven to be older than `compromised_at` still count. A second revocation may
    move that time back, never forward.
    """

    def change(policy: TrustPolicy) -> TrustPolicy:
        _known(policy, key_id)
        at = None if compromised_at is None else instant.render(compromised_at)
        others = []
        for revoked in policy.revoked_keys:
            if revoked.id != key_id:
                others.append(revoked)
            elif revoked.compromised_at is None or (at is not None and at >= revoked.compromised_at):
                raise UsageError(
                    f"key {key_id[:16]}… is already revoked from {revoked.compromised_at or 'the start'}"
                )
        entry = RevokedKey(id=key_id, compromised_at=at, reason=reason)
        return msgspec.structs.replace(policy, revoked_keys=(*others, entry))

    return change


def with_gate_policy(digest: Digest) -> Change:
    """Put another gate policy in force."""
    return lambda policy: msgspec.structs.replace(policy, gate_policy=str(digest))


def renewed(expires: datetime) -> Change:
    """Let the policy expire at `expires`."""
    return lambda policy: msgspec.structs.replace(policy, expires=instant.render(expires))


def with_witnesses(required: int) -> Change:
    """Ask for cosignatures by this many independent witnesses."""
    return lambda policy: msgspec.structs.replace(policy, witnesses_required=required)


def with_root_threshold(threshold: int) -> Change:
    """Ask for this many people to sign every later version."""

    def change(policy: TrustPolicy) -> TrustPolicy:
        root = msgspec.structs.replace(policy.roles["root"], threshold=threshold)
        return msgspec.structs.replace(policy, roles={**policy.roles, "root": root})

    return change


def with_timestamp_authority(name: str, certificates: Sequence[str]) -> Change:
    """Trust an RFC 3161 authority, PEM certificates root first; replaces one of the same name."""

    def change(policy: TrustPolicy) -> TrustPolicy:
        others = tuple(known for known in policy.timestamp_authorities if known.name != name)
        entry = TimestampAuthority(name=name, certificates=tuple(certificates))
        return msgspec.structs.replace(policy, timestamp_authorities=(*others, entry))

    return change


def sign_trust_policy(policy: TrustPolicy, signers: Iterable[Signer]) -> tuple[Bundle, ...]:
    """One bundle per signer over the identical statement. Raises InputError for a bad policy."""
    statement = policy_statement(_checked(policy))
    return tuple(sign_statement(statement, signer) for signer in signers)


def _checked(policy: TrustPolicy) -> TrustPolicy:
    """The policy as a reader would read it: msgspec checks types and patterns when reading only."""
    try:
        checked = msgspec.convert(msgspec.to_builtins(policy), TrustPolicy, strict=True)
    except msgspec.ValidationError as error:
        raise InputError(f"trust policy: {error}") from error
    validate(checked)
    return checked


def _known(policy: TrustPolicy, key_id: str) -> TrustedKey:
    for key in policy.keys:
        if key.id == key_id:
            return key
    raise UsageError(
        f"the trust policy has no key {key_id[:16]}…", help="modelward key trust --list shows its keys"
    )


def _with_key(policy: TrustPolicy, changed: TrustedKey) -> TrustPolicy:
    return msgspec.structs.replace(
        policy, keys=tuple(changed if key.id == changed.id else key for key in policy.keys)
    )
