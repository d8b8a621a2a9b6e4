"""Trust policies that are refused whoever signed them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from tests.attest.simulator import DAY, NOW, YEAR, Actor, Registry, actor

from modelward.attest import predicates as p
from modelward.attest.predicates.base import NAMESPACE
from modelward.attest.predicates.trust import (
    RevokedKey,
    TimestampAuthority,
    TrustedPrincipal,
    TrustedRole,
    TrustPolicy,
)
from modelward.attest.roles import PEOPLE, ROLES
from modelward.attest.trust_rules import MAX_ENTRIES, independent_witnesses, validate
from modelward.core import instant
from modelward.core.errors import InputError, LimitExceeded

REGISTRY = Registry()
GOOD = REGISTRY.policy


def change(policy: TrustPolicy = GOOD, **fields: object) -> TrustPolicy:
    return msgspec.structs.replace(policy, **fields)


def with_actors(*actors: Actor, policy: TrustPolicy = GOOD, **fields: object) -> TrustPolicy:
    return change(
        policy,
        keys=(*policy.keys, *(one.key() for one in actors)),
        principals=(*policy.principals, *(TrustedPrincipal(name=a.name, person=a.person) for a in actors)),
        **fields,
    )


def with_first_key(**fields: object) -> TrustPolicy:
    """The policy with something else about alice's key."""
    return change(
        keys=tuple(
            msgspec.structs.replace(key, **fields) if key.principal == "alice" else key for key in GOOD.keys
        )
    )


def with_role(name: str, *types: str, threshold: int = 1) -> TrustPolicy:
    return change(roles={**GOOD.roles, name: TrustedRole(predicate_types=types, threshold=threshold)})


def refuse(policy: TrustPolicy, message: str) -> None:
    with pytest.raises(InputError, match=message):
        validate(policy)


def test_a_good_policy_passes():
    validate(GOOD)


def test_key_under_a_false_id_is_refused():
    refuse(with_first_key(id="0" * 64), "not the SHA-256 of its key material")


def test_one_key_under_two_ids_is_refused():
    alice = next(key for key in GOOD.keys if key.principal == "alice")
    twin = msgspec.structs.replace(alice, id="0" * 64, principal="bob", roles=("approver",))
    refuse(change(keys=(*GOOD.keys, twin)), "not the SHA-256")


def test_one_key_of_two_principals_is_refused():
    alice = next(key for key in GOOD.keys if key.principal == "alice")
    twin = msgspec.structs.replace(alice, principal="bob", roles=("approver",))
    refuse(change(keys=(*GOOD.keys, twin)), "listed twice")


def test_one_key_in_two_pem_spellings_is_refused():
    alice = next(key for key in GOOD.keys if key.principal == "alice")
    twin = msgspec.structs.replace(alice, principal="bob", public_key=alice.public_key + "\n")
    refuse(change(keys=(*GOOD.keys, twin)), "listed twice")


@pytest.mark.parametrize("role", ["root", "gate", "log", "status", "witness", "timestamp"])
def test_infrastructure_key_with_a_second_role_is_refused(role):
    both = actor("both", role, "approver")
    refuse(with_actors(both), f"a {role} key may hold no other role")


@pytest.mark.parametrize("role", ["log", "witness"])
def test_note_key_that_is_not_ed25519_is_refused(role):
    refuse(with_actors(actor("note", role, algorithm="ecdsa-p256")), "must be Ed25519")


def test_private_key_in_a_policy_is_refused():
    pem = (
        REGISTRY.actors["alice"]
        .signer.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        .decode()
    )
    refuse(with_first_key(public_key=pem), "private key")


def test_garbage_for_a_key_is_refused():
    refuse(
        with_first_key(public_key="-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----\n"), "key"
    )


def test_root_threshold_beyond_the_keys_is_refused():
    refuse(with_role("root", p.TrustPolicy.TYPE, threshold=2), "root threshold is 2")


def test_root_threshold_reached_by_one_person_with_two_keys_is_refused():
    second = actor("root-2", "root", person="Rita")
    policy = with_actors(second, roles=with_role("root", p.TrustPolicy.TYPE, threshold=2).roles)
    refuse(policy, "of 1 people")


def test_root_threshold_reached_by_one_person_in_two_spellings_is_refused():
    refuse(with_actors(actor("root-2", "root", person="RITA")), "also written")
    refuse(with_actors(actor("root-2", "root", person="Ｒｉｔａ ")), "also written")


def test_root_keys_that_end_before_the_policy_are_refused():
    keys = tuple(
        msgspec.structs.replace(key, valid_until=instant.render(NOW + DAY)) if key.roles == ("root",) else key
        for key in GOOD.keys
    )
    refuse(change(keys=keys), "in force until")


def test_policy_whose_only_root_is_revoked_is_refused():
    root = REGISTRY.actors["root-1"]
    refuse(change(revoked_keys=(RevokedKey(id=root.id),)), "root threshold is 1")


@pytest.mark.parametrize("role", ["gate", "log", "status"])
def test_first_version_without_an_infrastructure_key_is_refused(role):
    keys = tuple(key for key in GOOD.keys if key.roles != (role,))
    refuse(change(keys=keys), f"no {role} key")
    later = change(keys=keys, version=2, identity=str(REGISTRY.pin), previous=str(REGISTRY.pin))
    validate(later)  # a lost key may be revoked before there is a new one


@pytest.mark.parametrize("role", ["gate", "log", "status", "witness", "timestamp"])
def test_threshold_that_nothing_enforces_is_refused(role):
    refuse(change(roles={**GOOD.roles, role: TrustedRole(threshold=2)}), "nothing would enforce")


RESERVED = [p.TrustPolicy.TYPE, p.VerificationSummary.TYPE, p.Stage.TYPE, p.Status.TYPE]


@pytest.mark.parametrize("predicate_type", RESERVED)
@pytest.mark.parametrize("role", PEOPLE)
def test_people_role_widened_to_what_infrastructure_signs_is_refused(role, predicate_type):
    refuse(with_role(role, predicate_type), f"role {role} may not be allowed")


@pytest.mark.parametrize("predicate_type", sorted(set(p.PREDICATES) - ROLES["gate"]))
def test_gate_role_widened_beyond_decisions_and_stages_is_refused(predicate_type):
    refuse(with_role("gate", predicate_type), "role gate may not be allowed")


def test_infrastructure_role_widened_to_a_foreign_type_is_refused():
    refuse(with_role("root", p.TrustPolicy.TYPE, "https://example.com/x"), "role root may not")


def test_evaluator_who_would_approve_is_refused():
    refuse(with_role("evaluator", p.Evaluation.TYPE, p.Approval.TYPE), "role evaluator may not")


def test_type_of_ours_that_is_not_invented_yet_is_refused():
    refuse(with_role("evaluator", f"{NAMESPACE}/master-key/v1"), "role evaluator may not")


def test_people_role_may_be_narrowed_and_may_sign_foreign_types():
    validate(with_role("approver", p.Approval.TYPE))
    validate(with_role("evaluator", p.Evaluation.TYPE, "https://example.com/red-team/v1"))


def test_unknown_role_is_refused():
    refuse(with_role("superuser"), "unknown role 'superuser'")
    refuse(with_first_key(roles=("superuser",)), "unknown role 'superuser'")


def test_role_held_twice_is_refused():
    refuse(with_first_key(roles=("publisher", "publisher")), "a role twice")


def test_key_of_an_unknown_principal_is_refused():
    refuse(with_first_key(principal="mallory"), "unknown principal 'mallory'")


def test_key_that_ends_before_it_starts_is_refused():
    refuse(with_first_key(valid_until=instant.render(NOW)), "ends before it starts")


def test_policy_that_expires_before_it_is_issued_is_refused():
    refuse(change(expires=GOOD.issued_at), "expires before")


@pytest.mark.parametrize("name", ["alice", "Alice", "ＡＬＩＣＥ"])
def test_principal_listed_twice_is_refused(name):
    refuse(change(principals=(*GOOD.principals, TrustedPrincipal(name=name, person="Alice"))), "listed twice")


def test_blank_person_is_refused():
    refuse(change(principals=(*GOOD.principals, TrustedPrincipal(name="x", person=" \t"))), "blank person")


def test_key_revoked_twice_is_refused():
    revoked = RevokedKey(id=REGISTRY.actors["alice"].id)
    refuse(change(revoked_keys=(revoked, revoked)), "listed twice")


@pytest.mark.parametrize("field", ["identity", "previous"])
def test_first_version_with_a_predecessor_is_refused(field):
    refuse(change(**{field: str(REGISTRY.pin)}), f"version 1 names no {field}")


@pytest.mark.parametrize("field", ["identity", "previous"])
@pytest.mark.parametrize("value", [None, "dirHash:" + "0" * 64])
def test_later_version_without_a_predecessor_is_refused(field, value):
    later = change(version=2, identity=str(REGISTRY.pin), previous=str(REGISTRY.pin))
    refuse(change(later, **{field: value}), f"must name its {field}")


@pytest.mark.parametrize("origin", ["", " x", "a\nb"])
def test_log_origin_that_would_break_a_note_is_refused(origin):
    refuse(change(log_origin=origin), "log origin")


def test_impossible_date_is_refused():
    refuse(change(expires="2027-02-30T00:00:00Z"), "not a UTC time")


def test_more_witnesses_required_than_there_are_is_refused():
    refuse(change(witnesses_required=1), "0 independent")


def test_witness_of_an_administrator_does_not_count():
    own = with_actors(actor("w1", "witness", person="Ada"), actor("w2", "witness", person="Rita"))
    refuse(change(own, witnesses_required=1), "0 independent")
    good = with_actors(actor("w3", "witness", person="University"), policy=own, witnesses_required=1)
    validate(good)
    assert [key.principal for key in independent_witnesses(good)] == ["w3"]


def test_two_witnesses_of_one_person_count_once():
    policy = with_actors(actor("w1", "witness", person="Uni"), actor("w2", "witness", person="Uni"))
    refuse(change(policy, witnesses_required=2), "1 independent")


def test_too_many_entries_are_refused():
    many = tuple(RevokedKey(id=f"{number:064x}") for number in range(MAX_ENTRIES + 1))
    with pytest.raises(LimitExceeded, match="at most"):
        validate(change(revoked_keys=many))


def certificate(one: Actor) -> str:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tsa")])
    begin = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(one.signer.private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=1))
        .sign(one.signer.private, hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM).decode()


def test_timestamp_authority_with_a_signers_key_is_refused():
    own = TimestampAuthority(name="tsa", certificates=(certificate(REGISTRY.actors["alice"]),))
    refuse(change(timestamp_authorities=(own,)), "also a signing key")
    other = TimestampAuthority(name="tsa", certificates=(certificate(actor("tsa")),))
    validate(change(timestamp_authorities=(other,)))
    refuse(change(timestamp_authorities=(other, other)), "listed twice")


@pytest.mark.parametrize("certificates", [(), ("nonsense",), ("-----BEGIN CERTIFICATE-----\n",)])
def test_timestamp_authority_without_readable_certificates_is_refused(certificates):
    entry = TimestampAuthority(name="tsa", certificates=certificates)
    refuse(change(timestamp_authorities=(entry,)), "certificate")


def test_policy_lives_no_longer_than_asked():
    assert GOOD.expires == instant.render(NOW + YEAR)
