"""From a bundle to a statement that may decide something: the only way (DESIGN 1.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import datetime
from typing import Any, NoReturn

from modelward.attest.bundle import Bundle
from modelward.attest.keys.public import PublicKey
from modelward.attest.predicates import (
    PREDICATES,
    Approval,
    Freeze,
    Revocation,
    Stage,
    Status,
    TrustPolicy,
    Version,
)
from modelward.attest.predicates.acts import RevokedThing
from modelward.attest.predicates.trust import TrustedKey
from modelward.attest.roles import INFRASTRUCTURE
from modelward.attest.statement import Statement
from modelward.attest.trust import Trust, policy_digest
from modelward.attest.trust_rules import CLOCK_SKEW, in_force, same
from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.errors import InputError, Rejected
from modelward.core.principal import Principal

#: Statements that no revocation undoes: else a stolen key could bring back what was revoked.
IRREVOCABLE = frozenset({Revocation.TYPE, TrustPolicy.TYPE})

_SEAL = object()


@dataclass(frozen=True, slots=True)
class VerifiedStatement:
    """A statement whose signature, signer and signing time were checked against a trust policy.

    Only `verify` makes one: the constructor asks for an object that this module keeps to itself, and there
    are no subclasses, copies or pickles (send the bundle and verify it again). That keeps mistakes out, not
    hostile code in this process.

    `signed_at` is a proven upper bound on the signing time, None without proof. `principal.roles` are the
    roles of the key that signed. Two are equal if they say that the same key signed the same statement.
    """

    statement: Statement = field(compare=False)
    id: Digest
    key: TrustedKey = field(compare=False)
    public_key: PublicKey
    principal: Principal = field(compare=False)
    signed_at: datetime | None = field(compare=False)
    bundle: Bundle = field(compare=False, repr=False)
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("a VerifiedStatement is made by attest.verify.verify only")

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("VerifiedStatement has no subclasses")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a VerifiedStatement is not copied or pickled; verify its bundle again")


def verify(
    bundle: Bundle,
    trust: Trust,
    *,
    now: datetime,
    proven_time: datetime | None = None,
    revocations: Iterable[RevokedThing] = (),
) -> VerifiedStatement:
    """Check everything about one signature that can be checked without the log.

    1 the payload, parsed anew from the signed bytes; 2 the signature, by a key of the trust policy; 3 the
    key's roles allow this type of statement; 4 an act names this registry, and fits its own subject and
    signer; 5 the signing time, where proven, is not in the future; 6 the key was not revoked by then, and in
    force; without proof: is not revoked at all, and in force now; 7 the statement is not revoked.

    `now` is the later of the clock and the newest verified time. `proven_time` is that of a trusted
    cosignature over a checkpoint that holds the statement; RFC 3161 timestamps in the bundle are checked
    here, and one by an unknown authority proves nothing. `revocations` are those in effect, see `may_revoke`.

    Of a person's key, any revocation of a *statement* is let through, since people may take back their own:
    `may_revoke` says whether it has any effect.

    Raises Rejected with the reason, InputError if the payload is malformed.
    """
    statement = Statement.from_bytes(bundle.payload)
    key = trust.key(bundle.key_id)
    public = trust.public_key(bundle.key_id)
    bundle.check_signature(public)
    principal = _principal(key, trust)
    _check_type(statement, key, trust)
    _check_binding(statement, principal, trust)
    signed_at = _signed_at(bundle, trust, now, proven_time)
    things = tuple(revocations)
    _check_revoked(key, signed_at, _compromises(key, trust, things))
    _check_in_force(key, signed_at, now, untrusted=bool(bundle.timestamps))
    if statement.predicate_type not in IRREVOCABLE:
        for thing in things:
            if thing.kind == "statement" and thing.digest == str(bundle.statement_id):
                raise Rejected(f"the statement was revoked by {thing.statement}")
    return VerifiedStatement(
        statement, bundle.statement_id, key, public, principal, signed_at, bundle, seal=_SEAL
    )


def verify_threshold(
    verified: Sequence[VerifiedStatement], threshold: int, *, role: str | None = None
) -> tuple[Principal, ...]:
    """The people among the signers, one principal each, if there are at least `threshold`.

    Counts distinct key material and distinct people; with `role`, only keys that hold it. Whether the
    statements say the same thing is the caller's question. Raises Rejected if there are too few.
    """
    if threshold < 1:
        raise ValueError("a threshold is at least 1, or anything would pass")
    counted = [signer for signer in verified if role is None or role in signer.principal.roles]
    people: dict[str, Principal] = {}
    for signer in counted:
        people.setdefault(same(signer.principal.person), signer.principal)
    found = min(len(people), len({signer.public_key.spki for signer in counted}))
    if found < threshold:
        who = f" with role {role}" if role else ""
        raise Rejected(f"signed by {found} of {threshold} distinct people{who}")
    return tuple(people.values())


def holder(
    key_id: str, trust: Trust, *, now: datetime, revocations: Iterable[RevokedThing] = ()
) -> Principal:
    """Whose key this is, with the roles of this key alone, if it may be used now.

    Raises Rejected for a key that is unknown, revoked (from whatever time on) or not in force.
    """
    key = trust.key(key_id)
    if _compromises(key, trust, revocations):
        raise Rejected(f"the key of {key.principal} is revoked")
    if not in_force(key, now):
        raise Rejected(
            f"the key of {key.principal} is in force from {key.valid_from} until {key.valid_until}, not now"
        )
    return _principal(key, trust)


def may_revoke(revocation: Bundle, trust: Trust, target: Bundle | None = None) -> bool:
    """Whether a signed revocation has effect, by the roles of its key; whether it is signed, `verify` says.

    An administrator or root may revoke anything but a root key (the root threshold revokes those in the
    trust policy), a revocation or a trust policy. A person may, by any of their keys, revoke a statement of
    their own: `target` is the revoked statement, where it is known.
    Raises InputError if `revocation` is no revocation, Rejected if its key is unknown.
    """
    act, subject = revocation.statement.typed(Revocation), revocation.statement.subject
    signer = trust.key(revocation.key_id)
    if act.kind == "key" and any(key.id == subject.value for key in trust.keys_of_role("root")):
        return False
    if target is not None:
        if act.kind != "statement" or target.statement_id != subject:
            raise InputError("the target is not the statement that is revoked")
        if target.statement.predicate_type in IRREVOCABLE:
            return False
        author = trust.key(target.key_id)
        by_a_person = not INFRASTRUCTURE.keys() & set(author.roles)
        if by_a_person and author.principal == signer.principal:
            return True
    return bool({"administrator", "root"} & set(signer.roles))


def revoked_thing(revocation: VerifiedStatement) -> RevokedThing:
    """A revocation as `verify` and status statements take it. Ask `may_revoke` first."""
    act = revocation.statement.typed(Revocation)
    return RevokedThing(
        kind=act.kind,
        digest=str(revocation.statement.subject),
        compromised_at=act.compromised_at,
        statement=str(revocation.id),
    )


def _principal(key: TrustedKey, trust: Trust) -> Principal:
    return Principal(key.principal, trust.principal(key.principal).person, frozenset(key.roles))


def _check_type(statement: Statement, key: TrustedKey, trust: Trust) -> None:
    if trust.may_sign(key, statement.predicate_type):
        return
    if (
        statement.predicate_type == Revocation.TYPE
        and not INFRASTRUCTURE.keys() & set(key.roles)
        and statement.typed(Revocation).kind == "statement"
    ):
        return
    raise Rejected(
        f"{key.principal} ({', '.join(key.roles)}) may not sign {statement.predicate_type}",
        help="a root key grants roles with modelward key trust",
    )


def _check_binding(statement: Statement, principal: Principal, trust: Trust) -> None:
    """An act counts in one registry, about the artifact and in the name that it states."""
    kind = PREDICATES.get(statement.predicate_type)
    if kind is None:
        return
    predicate: Any = statement.typed(kind)
    if isinstance(predicate, TrustPolicy):
        if statement.subject != policy_digest(predicate):
            raise Rejected("the trust policy's subject is not its own digest")
        registries = {predicate.identity or str(statement.subject)}
    else:
        release: Any = getattr(predicate, "release", None)
        registries = {part.registry for part in (predicate, release) if hasattr(part, "registry")}
        if release is not None and release.artifact != str(statement.subject):
            raise Rejected("its subject is not the artifact of its release")
    foreign = registries - {str(trust.identity)}
    if foreign:
        raise Rejected(f"it was made for another registry: {min(foreign)}")
    _check_act(statement, predicate, principal)


def _check_act(statement: Statement, predicate: Any, principal: Principal) -> None:
    if isinstance(predicate, Stage):
        asked, got = (predicate.model, predicate.stage), (predicate.release.model, predicate.release.stage)
        if asked != got:
            raise Rejected("the stage statement names another model or stage than its release")
    elif isinstance(predicate, Status | Freeze):
        if predicate.registry != str(statement.subject):
            raise Rejected("the statement's subject is not the registry")
    elif isinstance(predicate, Approval | Version):
        named = predicate.approver if isinstance(predicate, Approval) else predicate.author
        if named != principal.name:
            raise Rejected(f"it speaks for {named}, but {principal.name} signed it")


def _signed_at(bundle: Bundle, trust: Trust, now: datetime, proven_time: datetime | None) -> datetime | None:
    """The earliest time at which the signature is proven to have existed."""
    times = [] if proven_time is None else [proven_time]
    if bundle.timestamps and trust.timestamp_authorities:
        from modelward.attest.timestamp import verify_token

        for token in bundle.timestamps:
            try:
                times.append(verify_token(token, bundle.signature, trust.timestamp_authorities))
            except Rejected:
                continue  # no proof; the key must then be in force now
    for time in times:
        if time > now + CLOCK_SKEW:
            raise Rejected(
                f"its timestamp is in the future: {instant.render(time)}", help="check this machine's clock"
            )
    return min(times, default=None)


def _compromises(key: TrustedKey, trust: Trust, things: Iterable[RevokedThing]) -> list[str | None]:
    """From when on the key's signatures are worthless, according to each of its revocations."""
    listed = trust.revoked(key.id)
    found = [] if listed is None else [listed.compromised_at]
    named = f"sha256:{key.id}"
    return found + [t.compromised_at for t in things if t.kind == "key" and t.digest == named]


def _check_revoked(key: TrustedKey, signed_at: datetime | None, compromises: Sequence[str | None]) -> None:
    for compromised_at in compromises:
        if compromised_at is None:
            raise Rejected(f"the key of {key.principal} is revoked")
        if signed_at is None or signed_at >= instant.parse(compromised_at):
            raise Rejected(
                f"the key of {key.principal} is revoked from {compromised_at}, "
                "and nothing proves that this was signed before"
            )


def _check_in_force(key: TrustedKey, signed_at: datetime | None, now: datetime, *, untrusted: bool) -> None:
    if in_force(key, now if signed_at is None else signed_at):
        return
    span = f"the key of {key.principal} is in force from {key.valid_from} until {key.valid_until}"
    if signed_at is not None:
        raise Rejected(f"{span}, not at the signing time {instant.render(signed_at)}")
    reason = "its timestamp is by no trusted authority" if untrusted else "no timestamp"
    raise Rejected(f"{span}, not now, and nothing proves when this was signed ({reason})")
