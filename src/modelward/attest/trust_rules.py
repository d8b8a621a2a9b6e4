"""What makes a trust policy acceptable, before anybody asks who signed it."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache

from modelward.attest.keys.public import PublicKey
from modelward.attest.predicates.trust import TimestampAuthority, TrustedKey, TrustPolicy
from modelward.attest.roles import INFRASTRUCTURE, NOTE_ROLES, ROLES, may_be_granted
from modelward.core import instant
from modelward.core.errors import InputError, LimitExceeded

#: A policy with more keys, principals or revoked keys than this is refused.
MAX_ENTRIES = 10_000

#: How far two honest clocks may differ.
CLOCK_SKEW = timedelta(minutes=5)

#: Whoever holds one of these runs the registry; a witness of the same person watches nobody.
OPERATING_ROLES = frozenset({"root", "log", "gate", "status", "administrator"})


def validate(policy: TrustPolicy) -> None:
    """Raise InputError unless `policy` is consistent in itself.

    Version 1 must have a key for root, gate, log and status. Later versions must keep the root threshold
    within reach until they expire; a lost gate, log or status key only stops what it signed.
    """
    _check_sizes(policy)
    _check_chain_fields(policy)
    _check_roles(policy)
    persons = _check_principals(policy)
    _check_keys(policy, persons)
    _check_revoked(policy)
    for authority in policy.timestamp_authorities:
        _check_authority(authority, {key.id for key in policy.keys if key.roles != ("timestamp",)})
    _unique((authority.name for authority in policy.timestamp_authorities), "timestamp authority")
    _check_reach(policy)


@lru_cache(maxsize=2 * MAX_ENTRIES)
def public_key(pem: str) -> PublicKey:
    """Read a key of a trust policy. Raises InputError."""
    return PublicKey.from_pem(pem)


def in_force(key: TrustedKey, moment: datetime) -> bool:
    """Whether `key` was in force at `moment`. Revocation is a separate question."""
    return instant.parse(key.valid_from) <= moment < instant.parse(key.valid_until)


def people_behind(policy: TrustPolicy, keys: Iterable[TrustedKey]) -> int:
    """How many count among `keys`: no more than distinct key material, no more than distinct people."""
    persons = {principal.name: principal.person for principal in policy.principals}
    chosen = tuple(keys)
    return min(
        len({public_key(key.public_key).spki for key in chosen}),
        len({same(persons[key.principal]) for key in chosen}),
    )


def independent_witnesses(policy: TrustPolicy) -> tuple[TrustedKey, ...]:
    """Witness keys, not revoked, of people who do not run the registry themselves (DESIGN section 2)."""
    persons = {principal.name: same(principal.person) for principal in policy.principals}
    operators = {persons[key.principal] for key in policy.keys if OPERATING_ROLES & set(key.roles)}
    revoked = {key.id for key in policy.revoked_keys}
    return tuple(
        key
        for key in policy.keys
        if "witness" in key.roles and key.id not in revoked and persons[key.principal] not in operators
    )


def same(name: str) -> str:
    """The form in which two spellings of one name are equal."""
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).split())


def _check_sizes(policy: TrustPolicy) -> None:
    for what, entries in (
        ("keys", policy.keys),
        ("principals", policy.principals),
        ("revoked keys", policy.revoked_keys),
    ):
        if len(entries) > MAX_ENTRIES:
            raise LimitExceeded(f"a trust policy has at most {MAX_ENTRIES} {what}")


def _check_chain_fields(policy: TrustPolicy) -> None:
    first = policy.version == 1
    for field in ("identity", "previous"):
        text = getattr(policy, field)
        if first and text is not None:
            raise InputError(f"version 1 names no {field}")
        if not first and (text is None or not text.startswith("sha256:")):
            raise InputError(f"version {policy.version} must name its {field} as sha256:HEX")
    if not policy.gate_policy.startswith("sha256:"):
        raise InputError("the gate policy is named as sha256:HEX")
    if instant.parse(policy.expires) <= instant.parse(policy.issued_at):
        raise InputError("the policy expires before it is issued")
    if not policy.log_origin or policy.log_origin != policy.log_origin.strip() or "\n" in policy.log_origin:
        raise InputError("the log origin is one line of text")


def _check_roles(policy: TrustPolicy) -> None:
    for name, role in policy.roles.items():
        if name not in ROLES:
            raise InputError(f"unknown role {name!r}", help=f"the roles are {', '.join(ROLES)}")
        for predicate_type in role.predicate_types:
            if not may_be_granted(name, predicate_type):
                raise InputError(
                    f"role {name} may not be allowed to sign {predicate_type}",
                    help="give the key another role instead",
                )
        if name in INFRASTRUCTURE and name != "root" and role.threshold != 1:
            raise InputError(f"role {name} has a threshold of {role.threshold}, which nothing would enforce")
    if "root" not in policy.roles:
        raise InputError("the policy has no root role")


def _check_principals(policy: TrustPolicy) -> dict[str, str]:
    _unique((principal.name for principal in policy.principals), "principal")
    spellings: dict[str, str] = {}
    for principal in policy.principals:
        if not same(principal.person):
            raise InputError(f"principal {principal.name} has a blank person")
        other = spellings.setdefault(same(principal.person), principal.person)
        if other != principal.person:
            raise InputError(f"person {principal.person!r} is also written {other!r}")
    return {principal.name: principal.person for principal in policy.principals}


def _check_keys(policy: TrustPolicy, persons: dict[str, str]) -> None:
    material: set[bytes] = set()
    for key in policy.keys:
        where = f"key {key.id}"
        try:
            public = public_key(key.public_key)
        except InputError as error:
            raise InputError(error.message, where=where, help=error.help) from None
        if public.id != key.id:
            raise InputError("its id is not the SHA-256 of its key material", where=where)
        if public.spki in material:
            raise InputError("the same key material is listed twice", where=where)
        material.add(public.spki)
        if key.principal not in persons:
            raise InputError(f"it belongs to unknown principal {key.principal!r}", where=where)
        if instant.parse(key.valid_until) <= instant.parse(key.valid_from):
            raise InputError("it ends before it starts", where=where)
        _check_key_roles(key, public, policy)


def _check_key_roles(key: TrustedKey, public: PublicKey, policy: TrustPolicy) -> None:
    where = f"key {key.id}"
    if len(set(key.roles)) != len(key.roles):
        raise InputError("it has a role twice", where=where)
    for role in key.roles:
        if role not in policy.roles:
            raise InputError(f"it has unknown role {role!r}", where=where)
        if role in INFRASTRUCTURE and len(key.roles) != 1:
            raise InputError(
                f"a {role} key may hold no other role", where=where, help="use a separate key for each"
            )
        if role in NOTE_ROLES and public.algorithm != "ed25519":
            raise InputError(
                f"a {role} key must be Ed25519, this is {public.algorithm}",
                where=where,
                help="modelward key new --algorithm ed25519",
            )


def _check_revoked(policy: TrustPolicy) -> None:
    _unique((key.id for key in policy.revoked_keys), "revoked key")
    for key in policy.revoked_keys:
        if key.compromised_at is not None:
            instant.parse(key.compromised_at)


def _check_authority(authority: TimestampAuthority, key_ids: set[str]) -> None:
    from cryptography import x509

    where = f"timestamp authority {authority.name}"
    if not 1 <= len(authority.certificates) <= 8:
        raise InputError("it has 1 to 8 certificates, root first", where=where)
    for pem in authority.certificates:
        try:
            public = x509.load_pem_x509_certificate(pem.encode("utf-8")).public_key()
        except ValueError as error:
            raise InputError(f"unreadable certificate: {error}", where=where) from None
        try:
            spki = PublicKey.of(public)
        except InputError:
            continue  # an RSA authority: no key of ours can be RSA
        if spki.id in key_ids:
            raise InputError("its key is also a signing key of this policy", where=where)


def _check_reach(policy: TrustPolicy) -> None:
    issued, expires = instant.parse(policy.issued_at), instant.parse(policy.expires)
    revoked = {key.id for key in policy.revoked_keys}
    standing: dict[str, list[TrustedKey]] = {role: [] for role in ROLES}
    for key in policy.keys:
        if in_force(key, issued) and key.id not in revoked:
            for role in key.roles:
                standing[role].append(key)
    lasting = [key for key in standing["root"] if instant.parse(key.valid_until) >= expires]
    threshold, reachable = policy.roles["root"].threshold, people_behind(policy, lasting)
    if reachable < threshold:
        raise InputError(
            f"the root threshold is {threshold}, but the root keys in force until "
            f"{policy.expires} are of {reachable} people",
            help="add root keys of more people, lower the threshold, or let the policy expire sooner",
        )
    if policy.version == 1:
        for role in ("gate", "log", "status"):
            if not standing[role]:
                raise InputError(f"version 1 has no {role} key in force")
    witnesses = people_behind(policy, (key for key in independent_witnesses(policy) if in_force(key, issued)))
    if policy.witnesses_required > witnesses:
        raise InputError(
            f"{policy.witnesses_required} witnesses are required, but there are {witnesses} independent ones",
            help="a witness of somebody who runs the registry does not count",
        )


def _unique(names: Iterable[str], what: str) -> None:
    for name, count in Counter(same(name) for name in names).items():
        if count > 1:
            raise InputError(f"{what} {name!r} is listed twice")
