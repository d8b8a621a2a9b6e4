"""Trust: walked from a pinned identity to the newest trust policy (DESIGN 1.6).

The registry's identity is the digest of trust policy version 1. Nothing else starts trust: not the bundle,
the server or the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from modelward.attest.bundle import Bundle
from modelward.attest.keys.public import PublicKey
from modelward.attest.predicates.trust import RevokedKey, TrustedKey, TrustPolicy
from modelward.attest.statement import Statement
from modelward.attest.trust_rules import (
    CLOCK_SKEW,
    in_force,
    independent_witnesses,
    people_behind,
    public_key,
    validate,
)
from modelward.core import instant, strict_json
from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded, Rejected, Stale
from modelward.core.principal import Principal

#: A chain with more versions, or a version with more signatures, is refused.
MAX_VERSIONS = 1000
MAX_SIGNATURES = 64

_SEAL = object()


def policy_digest(policy: TrustPolicy) -> Digest:
    """The SHA-256 of the predicate's canonical JSON: the subject of its statement."""
    return Digest.sha256(strict_json.dumps(msgspec.to_builtins(policy)))


def policy_statement(policy: TrustPolicy) -> Statement:
    """The statement that is signed to make `policy` a version."""
    return Statement.of(policy.name, policy_digest(policy), policy)


class Trust:
    """Who may say what, as of the newest trust policy. Made by `walk` only.

    `now` is the time of the walk: properties that speak of keys in force mean that time.
    """

    def __init__(self, digests: Sequence[Digest], policy: TrustPolicy, now: datetime, *, _seal: object):
        if _seal is not _SEAL:
            raise TypeError("trust is walked from a pin, see attest.trust.walk")
        self.digests = tuple(digests)
        self.policy = policy
        self.now = max(now, instant.parse(policy.issued_at))
        self._keys = {key.id: key for key in policy.keys}
        self._revoked = {key.id: key for key in policy.revoked_keys}
        roles: dict[str, set[str]] = {}
        for key in policy.keys:
            roles.setdefault(key.principal, set()).update(key.roles)
        self._principals = {
            known.name: Principal(known.name, known.person, frozenset(roles.get(known.name, ())))
            for known in policy.principals
        }

    @property
    def identity(self) -> Digest:
        """The registry's identity: the digest of version 1."""
        return self.digests[0]

    @property
    def digest(self) -> Digest:
        """The digest of the newest version."""
        return self.digests[-1]

    @property
    def version(self) -> int:
        """The newest version's number."""
        return self.policy.version

    @property
    def gate_policy(self) -> Digest:
        """The gate policy in force."""
        return Digest.parse(self.policy.gate_policy)

    def key(self, key_id: str) -> TrustedKey:
        """The key with this id. Raises Rejected if the policy has none."""
        key = self._keys.get(key_id)
        if key is None:
            raise Rejected(
                f"signed with a key that the trust policy does not know: {key_id[:16]}…",
                help="modelward key trust --list shows the keys it knows",
            )
        return key

    def public_key(self, key_id: str) -> PublicKey:
        """The key material of a known key. Raises Rejected."""
        return public_key(self.key(key_id).public_key)

    def principal(self, name: str) -> Principal:
        """The principal of this name, with the roles of all its keys. Raises Rejected."""
        principal = self._principals.get(name)
        if principal is None:
            raise Rejected(f"the trust policy knows no principal {name!r}")
        return principal

    def revoked(self, key_id: str) -> RevokedKey | None:
        """How the trust policy revokes this key, if it does."""
        return self._revoked.get(key_id)

    def keys_of_role(self, role: str) -> tuple[TrustedKey, ...]:
        """All keys that hold `role`, also those no longer in force."""
        return tuple(key for key in self.policy.keys if role in key.roles)

    def may_sign(self, key: TrustedKey, predicate_type: str) -> bool:
        """Whether one of the key's roles allows statements of this type."""
        return any(predicate_type in self.policy.roles[role].predicate_types for role in key.roles)

    def threshold(self, role: str) -> int:
        """How many distinct people it takes. Raises InputError for a role the policy does not define."""
        if role not in self.policy.roles:
            raise InputError(f"the trust policy defines no role {role!r}")
        return self.policy.roles[role].threshold

    def in_force(self, role: str) -> tuple[PublicKey, ...]:
        """The keys of `role` that are in force now and not revoked."""
        return self._usable(self.keys_of_role(role))

    @property
    def log_keys(self) -> tuple[PublicKey, ...]:
        """Keys that may sign checkpoints now (Ed25519)."""
        return self.in_force("log")

    @property
    def witness_keys(self) -> tuple[PublicKey, ...]:
        """Keys whose cosignatures count now: never those of people who run the registry (Ed25519)."""
        return self._usable(independent_witnesses(self.policy))

    @property
    def timestamp_authorities(self) -> tuple[tuple[str, ...], ...]:
        """PEM certificates of each RFC 3161 authority, root first."""
        return tuple(authority.certificates for authority in self.policy.timestamp_authorities)

    def _usable(self, keys: Iterable[TrustedKey]) -> tuple[PublicKey, ...]:
        return tuple(
            public_key(key.public_key)
            for key in keys
            if in_force(key, self.now) and key.id not in self._revoked
        )


@dataclass(frozen=True, slots=True)
class _Version:
    """One version as read: its policy, its digest, and what was signed by whom."""

    policy: TrustPolicy
    digest: Digest
    bundles: tuple[Bundle, ...]


def walk(
    pin: Digest,
    versions: Sequence[Sequence[Bundle]],
    *,
    now: datetime,
    minimum_version: int = 1,
    minimum_digest: Digest | None = None,
) -> Trust:
    """Walk from the pinned identity through every version to the newest.

    Each of `versions`, first to last, is the bundles over one trust policy. `now` is the later of the clock
    and the newest verified time. `minimum_version` and `minimum_digest` are of the newest version that this
    verifier has kept: a chain that ends before it, or holds another policy in its place, is refused.

    1 version 1 is the pin; 2 versions follow without a gap, naming identity and predecessor; 3 each is signed
    by the root thresholds of the former and of itself, counting distinct keys and people; 4 a revoked key
    stays revoked; 5 the kept version is part of the chain; 6 the newest is signed by root keys in force now;
    7 it has not expired.

    Raises Rejected; Stale if the newest version has expired; InputError or LimitExceeded if one is malformed.
    """
    if minimum_version < 1:
        raise ValueError("versions are counted from 1")
    chain = _chain(pin, versions, now)
    digests = [version.digest for version in chain]
    _check_kept(digests, minimum_version, minimum_digest)
    _check_newest(chain[-1], now)
    return Trust(digests, chain[-1].policy, now, _seal=_SEAL)


def walk_to_renew(pin: Digest, versions: Sequence[Sequence[Bundle]], *, now: datetime) -> Trust:
    """Walk as `walk` does, but let the newest version be expired or signed by keys that now are.

    For making the version after it and for nothing else: an expired policy vouches for no statement.
    """
    chain = _chain(pin, versions, now)
    return Trust([version.digest for version in chain], chain[-1].policy, now, _seal=_SEAL)


def check_successor(
    former: Trust, bundles: Sequence[Bundle], *, now: datetime
) -> tuple[TrustPolicy, tuple[str, ...]]:
    """The policy that `bundles` propose as the version after `former`, and which thresholds it still misses.

    For proposals that are still being co-signed: a proposal that misses none is a version.
    Raises Rejected or InputError for anything but a missing signature.
    """
    version = _read(bundles, former.version + 1)
    previous = _Version(former.policy, former.digest, ())
    _check_follows(version, previous, former.identity)
    _check_signatures(version, previous, now)
    return version.policy, tuple(_missing(version, previous))


def _chain(pin: Digest, versions: Sequence[Sequence[Bundle]], now: datetime) -> list[_Version]:
    """Steps 1 to 4 of `walk`."""
    if not versions:
        raise InputError("no trust policy to start from")
    if len(versions) > MAX_VERSIONS:
        raise LimitExceeded(f"more than {MAX_VERSIONS} versions of the trust policy")
    chain: list[_Version] = []
    for number, bundles in enumerate(versions, start=1):
        version, former = _read(bundles, number), chain[-1] if chain else None
        if former is None:
            _check_pin(version, pin)
        else:
            _check_follows(version, former, pin)
        _check_signatures(version, former, now)
        missing = _missing(version, former)
        if missing:
            raise Rejected("; ".join(missing), where=f"trust policy version {number}")
        chain.append(version)
    return chain


def _read(bundles: Sequence[Bundle], number: int) -> _Version:
    where = f"trust policy version {number}"
    if not bundles:
        raise Rejected("nobody signed it", where=where)
    if len(bundles) > MAX_SIGNATURES:
        raise LimitExceeded(f"more than {MAX_SIGNATURES} signatures", where=where)
    payload = bundles[0].payload
    if any(bundle.payload != payload for bundle in bundles):
        raise Rejected("its signatures are over different statements", where=where)
    try:
        statement = Statement.from_bytes(payload)
        policy = statement.typed(TrustPolicy)
        if policy_statement(policy).to_bytes() != payload:
            raise InputError("it is not in canonical form, or its subject is not its own digest")
        validate(policy)
    except LimitExceeded as error:
        raise LimitExceeded(error.message, where=where, help=error.help) from None
    except InputError as error:
        raise InputError(str(error), where=where, help=error.help) from None
    if policy.version != number:
        raise Rejected(f"found version {policy.version} in its place: the chain has a gap", where=where)
    return _Version(policy, statement.subject, tuple(bundles))


def _check_pin(version: _Version, pin: Digest) -> None:
    if version.digest != pin:
        raise Rejected(
            f"this is another registry: its identity is {version.digest}, pinned is {pin}",
            help="ask the registry's administrators for its identity over a channel you trust",
        )


def _check_follows(version: _Version, former: _Version, identity: Digest) -> None:
    policy, old = version.policy, former.policy
    where = f"trust policy version {policy.version}"
    if policy.identity != str(identity):
        raise Rejected(f"it belongs to another registry: {policy.identity}", where=where)
    if policy.previous != str(former.digest):
        raise Rejected("it does not follow the version before it", where=where)
    if policy.name != old.name or policy.log_origin != old.log_origin:
        raise Rejected("it changes the registry's name or log origin", where=where)
    if instant.parse(policy.issued_at) < instant.parse(old.issued_at):
        raise Rejected("it was issued before the version it follows", where=where)
    revoked = {key.id: key for key in policy.revoked_keys}
    for key in old.revoked_keys:
        kept = revoked.get(key.id)
        if kept is None or _is_weaker(kept, key):
            raise Rejected(f"it takes back the revocation of key {key.id[:16]}…", where=where)


def _is_weaker(kept: RevokedKey, old: RevokedKey) -> bool:
    """Whether `kept` lets pass a signature that `old` did not."""
    if kept.compromised_at is None:
        return False
    return old.compromised_at is None or instant.parse(kept.compromised_at) > instant.parse(
        old.compromised_at
    )


def _check_signatures(version: _Version, former: _Version | None, now: datetime) -> None:
    """Check every signature against the root key that it names; a stray one spoils the version."""
    where = f"trust policy version {version.policy.version}"
    if instant.parse(version.policy.issued_at) > now + CLOCK_SKEW:
        raise Rejected(
            f"it is issued in the future, at {version.policy.issued_at}",
            where=where,
            help="check this machine's clock",
        )
    roots = {key.id: key for key in _roots(version.policy)}
    if former is not None:
        roots |= {key.id: key for key in _roots(former.policy)}
    for bundle in version.bundles:
        key = roots.get(bundle.key_id)
        if key is None:
            raise Rejected(f"signed with a key that is no root key: {bundle.key_id[:16]}…", where=where)
        try:
            bundle.check_signature(public_key(key.public_key))
        except Rejected as error:
            raise Rejected(error.message, where=where) from None


def _missing(version: _Version, former: _Version | None) -> list[str]:
    """The root thresholds, of the former version and of this one, that its signers do not reach.

    A signer's key must have been in force when the version says it was issued.
    """
    issued = instant.parse(version.policy.issued_at)
    faults = []
    for side in (former, version):
        if side is None:
            continue
        found, needed = _signers(version, side.policy, issued), side.policy.roles["root"].threshold
        if found < needed:
            faults.append(
                f"signed by {found} of the {needed} root people that version {side.policy.version} asks for"
            )
    return faults


def _signers(version: _Version, policy: TrustPolicy, moment: datetime) -> int:
    """How many people, by root keys of `policy` in force at `moment`, signed `version`."""
    signers = {bundle.key_id for bundle in version.bundles}
    return people_behind(
        policy, (key for key in _roots(policy) if key.id in signers and in_force(key, moment))
    )


def _roots(policy: TrustPolicy) -> list[TrustedKey]:
    revoked = {key.id for key in policy.revoked_keys}
    return [key for key in policy.keys if "root" in key.roles and key.id not in revoked]


def _check_kept(digests: Sequence[Digest], minimum_version: int, minimum_digest: Digest | None) -> None:
    if len(digests) < minimum_version:
        raise Rejected(
            f"rolled back: the newest trust policy here is version {len(digests)}, "
            f"version {minimum_version} was seen before"
        )
    if minimum_digest is not None and digests[minimum_version - 1] != minimum_digest:
        raise Rejected(f"forked: version {minimum_version} is not the one that was seen before")


def _check_newest(version: _Version, now: datetime) -> None:
    """The newest version must not have expired, and keys in force now must have signed it.

    Earlier versions may have expired, and their keys with them.
    """
    where = f"trust policy version {version.policy.version}"
    if now >= instant.parse(version.policy.expires):
        raise Stale(
            f"it expired at {version.policy.expires}",
            where=where,
            help="fetch the newest trust policy; its root keys renew it",
        )
    moment = max(now, instant.parse(version.policy.issued_at))
    if _signers(version, version.policy, moment) < version.policy.roles["root"].threshold:
        raise Rejected("the root keys that signed it are no longer in force", where=where)
