"""The one way from a bundle to a statement that may decide something: each attack on it is a test."""

from __future__ import annotations

import ast
import copy
import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.attest.simulator import (
    ARTIFACT,
    DAY,
    NOW,
    YEAR,
    Registry,
    actor,
    everyone_of,
)

import modelward
from modelward.attest import predicates as p
from modelward.attest import trust_edit
from modelward.attest.bundle import Bundle, sign_payload, sign_statement
from modelward.attest.predicates.acts import RevokedThing
from modelward.attest.roles import ROLES
from modelward.attest.statement import Statement
from modelward.attest.trust import policy_digest
from modelward.attest.trust_rules import CLOCK_SKEW
from modelward.attest.verify import (
    VerifiedStatement,
    revoked_thing,
    verify,
    verify_threshold,
)
from modelward.attest.verify import may_revoke as of_bundles
from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.errors import InputError, Rejected
from modelward.core.principal import Principal


def may_revoke(revocation, trust, target=None):
    """As of verified statements."""
    return of_bundles(revocation.bundle, trust, None if target is None else target.bundle)


OTHER = Digest.sha256(b"other")
HOUR = timedelta(hours=1)


@pytest.fixture
def registry() -> Registry:
    return Registry()


def reject(registry: Registry, bundle: Bundle, message: str, *, now: datetime = NOW, **options: Any) -> None:
    with pytest.raises(Rejected, match=message):
        verify(bundle, registry.trust(now), now=now, **options)


def test_verified_statement_tells_what_was_signed_and_by_whom(registry):
    bundle = registry.sign("alice", registry.version())
    verified = verify(Bundle.from_bytes(bundle.to_bytes()), registry.trust(), now=NOW)
    assert verified.statement.typed(p.Version).author == "alice"
    assert verified.principal == Principal("alice", "Alice", frozenset({"publisher"}))
    assert verified.key.id == verified.public_key.id == registry.actors["alice"].id
    assert verified.id == bundle.statement_id
    assert verified.signed_at is None


# Signature and key


def test_altered_payload_is_rejected(registry):
    good = registry.sign("alice", registry.version())
    evil = registry.sign("alice", registry.version(version=8))
    reject(registry, replace(good, envelope=replace(good.envelope, payload=evil.payload)), "not made by key")


def test_altered_signature_is_rejected(registry):
    good = registry.sign("alice", registry.version())
    evil = registry.sign("alice", registry.version())
    swapped = replace(good.envelope, signatures=evil.envelope.signatures)
    reject(registry, replace(good, envelope=swapped), "not made by key")


def test_statement_object_beside_the_signed_bytes_is_not_believed(registry):
    good = registry.sign("alice", registry.version())
    evil = registry.sign("alice", registry.version(version=8))
    verified = verify(replace(good, statement=evil.statement), registry.trust(), now=NOW)
    assert verified.statement.typed(p.Version).version == 7


def test_payload_that_is_no_statement_is_an_error(registry):
    statement = registry.sign("alice", registry.version()).statement
    bundle = sign_payload(statement, b'{"_type": "x"}', registry.actors["alice"].signer)
    with pytest.raises(InputError):
        verify(bundle, registry.trust(), now=NOW)


def test_unknown_key_is_rejected(registry):
    reject(registry, registry.sign(actor("alice", "publisher"), registry.version()), "does not know")


def test_signature_under_a_borrowed_key_hint_is_rejected(registry):
    bundle = registry.sign("eve", registry.version())
    reject(registry, replace(bundle, key_id=registry.actors["alice"].id), "not made by key")


# Roles


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", p.PREDICATES.values(), ids=lambda kind: kind.__name__)
def test_each_role_signs_its_own_types_and_nothing_else(role, kind):
    registry = Registry(extra=[actor("witness-1", "witness"), actor("timestamp-1", "timestamp")])
    who = everyone_of(role)
    predicate, subject = registry.example(kind, who)
    bundle = registry.sign(who, predicate, subject)
    if kind.TYPE in ROLES[role]:
        assert verify(bundle, registry.trust(), now=NOW).statement.predicate_type == kind.TYPE
    else:
        reject(registry, bundle, "may not sign")


def test_key_with_two_roles_signs_for_both(registry):
    registry.add(actor("zoe", "evaluator", "scanner"))
    for kind in (p.Evaluation, p.Scan):
        predicate, subject = registry.example(kind, "zoe")
        assert registry.verified("zoe", predicate, subject).principal.roles == {"evaluator", "scanner"}


def test_role_of_another_key_of_the_same_principal_does_not_help(registry):
    second = actor("alice", "approver", person="Alice")
    registry.change(trust_edit.add_key(second.key()))
    reject(registry, registry.sign(registry.actors["alice"], registry.approval("alice")), "may not sign")
    assert verify(registry.sign(second, registry.approval("alice")), registry.trust(), now=NOW)


def test_narrowed_role_is_obeyed(registry):
    roles = dict(registry.policy.roles)
    roles["approver"] = msgspec.structs.replace(roles["approver"], predicate_types=(p.Approval.TYPE,))
    registry.change(lambda policy: msgspec.structs.replace(policy, roles=roles))
    reject(registry, registry.sign("bob", registry.waiver()), "may not sign")


def test_unknown_type_is_rejected(registry):
    statement = Statement("x", ARTIFACT, "https://example.com/anything", {})
    reject(registry, sign_statement(statement, registry.actors["alice"].signer), "may not sign")


# Binding


ACTS = [
    p.Approval,
    p.Waiver,
    p.Stage,
    p.VerificationSummary,
    p.Status,
    p.Revocation,
    p.Version,
    p.TrustPolicy,
]


@pytest.mark.parametrize("kind", ACTS, ids=lambda kind: kind.__name__)
def test_act_replayed_from_another_registry_is_rejected(kind):
    """Two registries share a signer; what was said in one does not count in the other."""
    registry, other = Registry(), Registry()
    role = next(role for role, types in ROLES.items() if kind.TYPE in types)
    who = everyone_of(role)
    predicate, subject = other.example(kind, who)
    reject(registry, registry.sign(who, predicate, subject), "made for another registry")


def test_stage_whose_release_is_of_another_registry_is_rejected(registry):
    release = registry.release(registry=str(OTHER))
    reject(registry, registry.sign("gate-1", registry.stage(release=release)), "another registry")


@pytest.mark.parametrize("make", ["approval", "stage", "decision"])
def test_act_about_another_artifact_than_its_release_is_rejected(registry, make):
    who = {"approval": "bob"}.get(make, "gate-1")
    bundle = registry.sign(who, getattr(registry, make)(), Digest("dirHash", "0" * 64))
    reject(registry, bundle, "not the artifact of its release")


def test_release_artifact_with_the_same_hex_but_another_algorithm_is_rejected(registry):
    bundle = registry.sign("bob", registry.approval(), Digest("sha256", ARTIFACT.value))
    reject(registry, bundle, "not the artifact of its release")


@pytest.mark.parametrize("fields", [{"stage": "staging"}, {"model": "other"}])
def test_stage_statement_that_names_another_stage_than_its_release_is_rejected(registry, fields):
    reject(registry, registry.sign("gate-1", registry.stage(**fields)), "another model or stage")


def test_status_about_something_else_than_the_registry_is_rejected(registry):
    reject(registry, registry.sign("status-1", registry.status(), ARTIFACT), "not the registry")


def test_approval_in_the_name_of_somebody_else_is_rejected(registry):
    reject(registry, registry.sign("bob", registry.approval("carol")), "speaks for carol, but bob")


def test_version_in_the_name_of_another_author_is_rejected(registry):
    """Else an author could name another one, and approve their own model."""
    reject(registry, registry.sign("alice", registry.version("bob")), "speaks for bob, but alice")


def test_trust_policy_under_another_subject_is_rejected(registry):
    reject(registry, registry.sign("root-1", registry.policy, OTHER), "not its own digest")
    registry.change()
    assert registry.verified("root-1", registry.policy, policy_digest(registry.policy))


# Time


LATE = NOW + YEAR + DAY


@pytest.fixture
def expired(registry) -> Registry:
    """A registry, still good, whose keys of one year are not."""
    registry.change(trust_edit.renewed(NOW + 3 * YEAR))
    return registry


def test_signature_by_a_key_that_has_expired_is_rejected_without_proof(expired):
    bundle = expired.sign("alice", expired.version())
    assert verify(bundle, expired.trust(), now=NOW)
    reject(expired, bundle, "not now, and nothing proves when", now=LATE)


def test_signature_proven_older_than_the_keys_end_is_accepted(expired):
    bundle = expired.sign("alice", expired.version())
    verified = verify(bundle, expired.trust(LATE), now=LATE, proven_time=NOW + DAY)
    assert verified.signed_at == NOW + DAY


def test_key_is_in_force_until_its_end_and_not_at_it(expired):
    bundle = expired.sign("alice", expired.version())
    end = NOW + YEAR
    last = end - timedelta(seconds=1)
    assert verify(bundle, expired.trust(LATE), now=LATE, proven_time=last).signed_at == last
    reject(expired, bundle, "not at the signing time", now=LATE, proven_time=end)


def test_signature_older_than_its_keys_start_is_rejected(registry):
    """What somebody signed before being trusted is not blessed by being trusted later."""
    registry.add(actor("zoe", "publisher"), now=NOW + 2 * DAY)
    bundle = registry.sign("zoe", registry.version("zoe"))
    reject(registry, bundle, "not at the signing time", now=NOW + 3 * DAY, proven_time=NOW + DAY)


def test_key_not_yet_in_force_is_rejected(registry):
    zoe = actor("zoe", "publisher")
    registry.change(trust_edit.add_principal("zoe", "Zoe"), trust_edit.add_key(zoe.key(NOW + DAY)))
    reject(registry, registry.sign(zoe, registry.version("zoe")), "not now")


def test_retired_keys_signature_still_counts_if_proven(registry):
    bundle = registry.sign("alice", registry.version())
    registry.change(trust_edit.retire_key(registry.actors["alice"].id, NOW + DAY))
    later = NOW + 2 * DAY
    reject(registry, bundle, "not now", now=later)
    assert verify(bundle, registry.trust(later), now=later, proven_time=NOW + HOUR)


def test_proven_time_in_the_future_is_rejected(registry):
    bundle = registry.sign("alice", registry.version())
    beyond = NOW + CLOCK_SKEW + timedelta(seconds=1)
    reject(registry, bundle, "in the future", proven_time=beyond)
    assert verify(bundle, registry.trust(), now=NOW, proven_time=NOW + CLOCK_SKEW)


# Timestamps (tokens are of the real time, so these registries live now)


@pytest.fixture
def today() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)


@pytest.fixture
def stamped(tsa, today) -> Registry:
    """A registry of today that trusts the timestamp authority."""
    registry = Registry(now=today)
    registry.change(
        trust_edit.with_timestamp_authority("tsa", tsa.certificates),
        trust_edit.renewed(today + 3 * YEAR),
    )
    return registry


def test_timestamp_proves_the_signing_time(stamped, tsa, today):
    bundle = stamped.sign("alice", stamped.version(), timestamp=tsa.respond)
    late = today + YEAR + DAY
    verified = verify(bundle, stamped.trust(late), now=late)
    assert today <= verified.signed_at <= today + timedelta(minutes=10)


def test_timestamp_by_an_unknown_authority_proves_nothing(stamped, make_tsa, today):
    bundle = stamped.sign("alice", stamped.version(), timestamp=make_tsa("rogue").respond)
    assert verify(bundle, stamped.trust(today), now=today).signed_at is None
    reject(stamped, bundle, "by no trusted authority", now=today + YEAR + DAY)


def test_timestamp_of_another_signature_proves_nothing(stamped, tsa, today):
    good = stamped.sign("alice", stamped.version(), timestamp=tsa.respond)
    other = stamped.sign("alice", stamped.version(version=8))
    late = today + YEAR + DAY
    reject(stamped, replace(other, timestamps=good.timestamps), "by no trusted authority", now=late)


def test_timestamp_in_the_future_is_rejected(stamped, tsa, today):
    """A clock that was set back must not make a token of tomorrow acceptable."""
    bundle = stamped.sign("alice", stamped.version(), timestamp=tsa.respond)
    trust = stamped.trust(today)
    with pytest.raises(Rejected, match="in the future"):
        verify(bundle, trust, now=today - DAY)


def test_earliest_proof_is_the_signing_time(stamped, tsa, today):
    bundle = stamped.sign("alice", stamped.version(), timestamp=tsa.respond)
    late = today + 10 * DAY
    trust = stamped.trust(late)
    assert verify(bundle, trust, now=late, proven_time=today).signed_at == today
    assert verify(bundle, trust, now=late, proven_time=late).signed_at < today + DAY


def test_timestamp_before_the_compromise_saves_a_signature(stamped, tsa, today):
    before = stamped.sign("alice", stamped.version(), timestamp=tsa.respond)
    unproven = stamped.sign("alice", stamped.version())
    change = trust_edit.revoke_key(
        stamped.actors["alice"].id, compromised_at=today + DAY, reason="stolen laptop"
    )
    stamped.change(change, now=today)
    late = today + 2 * DAY
    assert verify(before, stamped.trust(late), now=late).signed_at
    reject(stamped, unproven, "nothing proves that this was signed before", now=late)


# Revoked keys


def by_policy(registry: Registry, compromised_at: datetime | None) -> tuple[RevokedThing, ...]:
    change = trust_edit.revoke_key(registry.actors["alice"].id, compromised_at=compromised_at, reason="x")
    registry.change(change)
    return ()


def by_statement(registry: Registry, compromised_at: datetime | None) -> tuple[RevokedThing, ...]:
    act = registry.revocation(
        "key", compromised_at=None if compromised_at is None else instant.render(compromised_at)
    )
    verified = registry.verified("ada", act, Digest("sha256", registry.actors["alice"].id))
    assert may_revoke(verified, registry.trust())
    return (revoked_thing(verified),)


@pytest.mark.parametrize("revoke", [by_policy, by_statement])
def test_revoked_key_counts_no_longer_and_never_did(registry, revoke):
    bundle = registry.sign("alice", registry.version())
    things = revoke(registry, None)
    for proven_time in (None, NOW):
        reject(registry, bundle, "is revoked", revocations=things, proven_time=proven_time, now=NOW + DAY)


@pytest.mark.parametrize("revoke", [by_policy, by_statement])
def test_stolen_key_signs_nothing_after_the_compromise(registry, revoke):
    bundle = registry.sign("alice", registry.version())
    things = revoke(registry, NOW + HOUR)
    later = NOW + DAY
    for proven_time in (None, NOW + HOUR, NOW + 2 * HOUR):
        reject(registry, bundle, "revoked from", revocations=things, proven_time=proven_time, now=later)
    verified = verify(
        bundle, registry.trust(later), now=later, proven_time=NOW + HOUR / 2, revocations=things
    )
    assert verified.signed_at == NOW + HOUR / 2


def test_unproven_signature_of_a_key_compromised_in_the_future_is_rejected(registry):
    """Without proof nothing says that a signature seen today is not from after the compromise."""
    things = by_statement(registry, NOW + DAY)
    reject(registry, registry.sign("alice", registry.version()), "revoked from", revocations=things)


def test_softer_second_revocation_does_not_help(registry):
    bundle = registry.sign("alice", registry.version())
    things = by_statement(registry, NOW + 10 * DAY)
    by_policy(registry, NOW)
    later = NOW + DAY
    reject(registry, bundle, "revoked from", revocations=things, proven_time=NOW + HOUR, now=later)


def test_revocation_of_another_key_does_not_matter(registry):
    thing = RevokedThing(kind="key", digest=str(OTHER), compromised_at=None, statement=str(OTHER))
    bundle = registry.sign("alice", registry.version())
    assert verify(bundle, registry.trust(), now=NOW, revocations=[thing])


# Revoked statements


def test_revoked_statement_is_rejected(registry):
    bundle = registry.sign("alice", registry.version())
    revocation = registry.verified("ada", registry.revocation("statement"), bundle.statement_id)
    thing = revoked_thing(revocation)
    reject(registry, bundle, "the statement was revoked by", revocations=[thing])
    other = registry.sign("alice", registry.version())
    assert verify(other, registry.trust(), now=NOW, revocations=[thing])


def test_revocation_counts_for_every_signature_over_the_statement(registry):
    waiver = registry.waiver()
    first, second = registry.sign("bob", waiver), registry.sign("ada", waiver)
    assert first.statement_id == second.statement_id
    thing = revoked_thing(registry.verified("ada", registry.revocation("statement"), first.statement_id))
    for bundle in (first, second):
        reject(registry, bundle, "was revoked", revocations=[thing])


def test_revocation_cannot_be_revoked(registry):
    """A stolen administrator's key must not bring back what was revoked."""
    act = registry.sign("ada", registry.revocation("statement"), OTHER)
    target = verify(act, registry.trust(), now=NOW)
    undo = registry.verified("ada", registry.revocation("statement"), target.id)
    assert not may_revoke(undo, registry.trust(), target)
    assert verify(act, registry.trust(), now=NOW, revocations=[revoked_thing(undo)])


def test_trust_policy_statement_cannot_be_revoked(registry):
    target = registry.verified("root-1", registry.policy, registry.pin)
    undo = registry.verified("ada", registry.revocation("statement"), target.id)
    assert not may_revoke(undo, registry.trust(), target)


# Who may revoke


@pytest.mark.parametrize("kind", ["artifact", "release", "key", "statement"])
@pytest.mark.parametrize("who", ["ada", "root-1"])
def test_administrator_and_root_may_revoke(registry, kind, who):
    subject = Digest("sha256", registry.actors["gate-1"].id)
    assert may_revoke(registry.verified(who, registry.revocation(kind), subject), registry.trust())


@pytest.mark.parametrize("who", ["ada", "root-1"])
def test_root_key_is_revoked_by_the_root_threshold_alone(registry, who):
    subject = Digest("sha256", registry.actors["root-1"].id)
    assert not may_revoke(registry.verified(who, registry.revocation("key"), subject), registry.trust())


@pytest.mark.parametrize("kind", ["artifact", "release", "key"])
def test_signer_without_authority_revokes_only_statements(registry, kind):
    reject(registry, registry.sign("alice", registry.revocation(kind)), "may not sign")


def test_signer_takes_back_an_own_statement_with_any_own_key(registry):
    target = registry.verified("alice", registry.version())
    new = actor("alice", "publisher", person="Alice")
    registry.change(trust_edit.add_key(new.key()))
    bundle = registry.sign(new, registry.revocation("statement"), target.id)
    revocation = verify(bundle, registry.trust(), now=NOW)
    assert may_revoke(revocation, registry.trust(), target)
    assert not may_revoke(revocation, registry.trust())


def test_signer_cannot_take_back_the_statement_of_another(registry):
    target = registry.verified("ci-scan", registry.example(p.Scan, "ci-scan")[0])
    revocation = registry.verified("alice", registry.revocation("statement"), target.id)
    assert not may_revoke(revocation, registry.trust(), target)


def test_operator_cannot_take_back_what_the_gate_signed_by_sharing_its_name(registry):
    person = actor("gate-1", "publisher", person="Machine room")
    registry.change(trust_edit.add_key(person.key()))
    target = registry.verified("gate-1", registry.stage())
    bundle = registry.sign(person, registry.revocation("statement"), target.id)
    assert not may_revoke(verify(bundle, registry.trust(), now=NOW), registry.trust(), target)


@pytest.mark.parametrize("who", ["gate-1", "log-1", "status-1"])
def test_infrastructure_key_revokes_nothing(registry, who):
    reject(registry, registry.sign(who, registry.revocation("statement")), "may not sign")


def test_target_must_be_what_is_revoked(registry):
    target = registry.verified("alice", registry.version())
    revocation = registry.verified("ada", registry.revocation("statement"), OTHER)
    with pytest.raises(InputError, match="not the statement"):
        may_revoke(revocation, registry.trust(), target)
    with pytest.raises(InputError, match="expected a statement of type"):
        may_revoke(target, registry.trust())


# Thresholds


def test_threshold_counts_distinct_people(registry):
    registry.add(actor("carol", "approver"))
    signed = [registry.verified(who, registry.approval(who)) for who in ("bob", "carol")]
    assert [one.name for one in verify_threshold(signed, 2)] == ["bob", "carol"]
    assert verify_threshold(signed, 2, role="approver")


def test_one_person_under_two_names_counts_once(registry):
    registry.add(actor("bobby", "approver", person="Bob"))
    signed = [registry.verified(who, registry.approval(who)) for who in ("bob", "bobby")]
    with pytest.raises(Rejected, match="signed by 1 of 2 distinct people"):
        verify_threshold(signed, 2)


def test_one_key_that_signs_twice_counts_once(registry):
    signed = [registry.verified("bob", registry.approval()) for _ in range(3)]
    assert len({one.id for one in signed}) == 3
    with pytest.raises(Rejected, match="1 of 2"):
        verify_threshold(signed, 2)


def test_signer_without_the_role_does_not_count(registry):
    waiver = registry.waiver()
    signed = [registry.verified(who, waiver) for who in ("bob", "ada")]
    assert len(verify_threshold(signed, 2)) == 2
    with pytest.raises(Rejected, match="1 of 2 distinct people with role approver"):
        verify_threshold(signed, 2, role="approver")


def test_nothing_meets_no_threshold():
    with pytest.raises(Rejected, match="0 of 1"):
        verify_threshold([], 1)
    with pytest.raises(ValueError, match="at least 1"):
        verify_threshold([], 0)


# Only verify makes one


def test_verified_statement_cannot_be_made_elsewhere(registry):
    good = registry.verified("alice", registry.version())
    fields = {name: getattr(good, name) for name in VerifiedStatement.__slots__}
    with pytest.raises(TypeError):
        VerifiedStatement(**fields)
    with pytest.raises(TypeError, match="made by attest"):
        VerifiedStatement(**fields, seal=object())
    with pytest.raises((TypeError, ValueError)):
        replace(good, signed_at=NOW)
    with pytest.raises(TypeError, match="made by attest"):
        replace(good, signed_at=NOW, seal=None)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_verified_statement_is_not_copied_or_sent(registry, duplicate):
    with pytest.raises(TypeError, match="not copied or pickled"):
        duplicate(registry.verified("alice", registry.version()))


def test_verified_statement_has_no_subclasses_and_does_not_change(registry):
    with pytest.raises(TypeError, match="no subclasses"):
        type("Forged", (VerifiedStatement,), {})
    good = registry.verified("alice", registry.version())
    with pytest.raises(AttributeError):
        good.signed_at = NOW


def test_two_verifications_of_one_bundle_are_equal(registry):
    bundle = registry.sign("alice", registry.version())
    one, two = (verify(bundle, registry.trust(), now=NOW) for _ in range(2))
    assert one == two
    assert len({one, two}) == 1
    assert one != registry.verified("alice", registry.version())


def test_no_other_module_makes_verified_statements():
    """Nothing in the package calls the constructor, its seal, or goes around it."""
    root = Path(modelward.__file__).parent
    offenders = []
    for path in root.rglob("*.py"):
        if path == root / "attest" / "verify.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called.endswith(("VerifiedStatement", "object.__new__", "VerifiedStatement.__new__")):
                    offenders.append(f"{path}:{node.lineno}")
            if isinstance(node, ast.Attribute | ast.alias):
                name = node.attr if isinstance(node, ast.Attribute) else node.name
                if name == "_SEAL":
                    offenders.append(f"{path}:{node.lineno}")
    assert offenders == []
