"""The walk from the pin: each attack on it is a test (DESIGN 1.6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.attest.simulator import (
    ARTIFACT,
    DAY,
    NOW,
    YEAR,
    Actor,
    Registry,
    actor,
    signed_policy,
)

from modelward.attest import trust_edit
from modelward.attest.bundle import Bundle, sign_payload, sign_statement
from modelward.attest.predicates import TrustPolicy
from modelward.attest.statement import Statement
from modelward.attest.trust import (
    MAX_SIGNATURES,
    MAX_VERSIONS,
    Trust,
    check_successor,
    policy_digest,
    policy_statement,
    walk,
    walk_to_renew,
)
from modelward.attest.trust_rules import CLOCK_SKEW
from modelward.core import instant, strict_json
from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded, ModelwardError, Rejected, Stale

LATER = NOW + DAY


def altered(policy: TrustPolicy, **fields: Any) -> TrustPolicy:
    return msgspec.structs.replace(policy, **fields)


def successor(registry: Registry, **fields: Any) -> TrustPolicy:
    return altered(trust_edit.next_version(registry.policy, now=LATER), **fields)


def committee(threshold: int = 2, **options: Any) -> tuple[Registry, list[Actor]]:
    """A registry whose root is several people."""
    people = [actor(f"root-{person}", "root", person=person) for person in ("Rita", "Omar", "Uma")]
    return Registry(roots=people, root_threshold=threshold, **options), people


def reject(registry: Registry, message: str, *, now: Any = LATER, **options: Any) -> None:
    with pytest.raises(Rejected, match=message):
        registry.trust(now, **options)


def test_newest_version_is_trusted():
    registry = Registry()
    registry.change(trust_edit.with_gate_policy(Digest.sha256(b"new")), now=LATER)
    trust = registry.trust(LATER)
    assert (trust.identity, trust.version) == (registry.pin, 2)
    assert trust.digest == policy_digest(registry.policy)
    assert trust.gate_policy == Digest.sha256(b"new")
    assert [key.id for key in trust.log_keys] == [registry.actors["log-1"].id]


def test_trust_is_made_by_walking_only():
    with pytest.raises(TypeError, match="walk"):
        Trust([Registry().pin], Registry().policy, NOW, _seal=object())


# The chain


def test_another_registry_is_not_the_pinned_one():
    registry, other = Registry(), Registry()
    with pytest.raises(Rejected, match="another registry"):
        walk(registry.pin, other.versions, now=NOW)


def test_pin_must_be_version_1_and_not_a_later_one():
    registry = Registry()
    registry.change(now=LATER)
    with pytest.raises(Rejected, match="another registry"):
        walk(policy_digest(registry.policy), registry.versions, now=LATER)
    with pytest.raises(Rejected, match="gap"):
        walk(policy_digest(registry.policy), registry.versions[1:], now=LATER)


def test_pin_with_the_same_hex_but_another_algorithm_is_rejected():
    registry = Registry()
    with pytest.raises(Rejected, match="another registry"):
        walk(Digest("dirHash", registry.pin.value), registry.versions, now=NOW)


def test_version_left_out_is_noticed():
    registry = Registry()
    registry.change(now=LATER)
    registry.change(now=LATER)
    del registry.versions[1]
    reject(registry, "version 3 in its place: the chain has a gap")


def test_version_repeated_is_noticed():
    registry = Registry()
    registry.versions *= 2
    reject(registry, "gap")


def test_version_that_follows_another_predecessor_is_rejected():
    registry = Registry()
    registry.publish(successor(registry, previous=str(Digest.sha256(b"other"))))
    reject(registry, "does not follow")


def test_version_that_claims_another_identity_is_rejected():
    registry = Registry()
    registry.publish(successor(registry, identity=str(Digest.sha256(b"other"))))
    reject(registry, "belongs to another registry")


@pytest.mark.parametrize("fields", [{"name": "evil"}, {"log_origin": "evil.example/log"}])
def test_version_that_moves_to_another_log_or_name_is_rejected(fields):
    registry = Registry()
    registry.publish(successor(registry, **fields))
    reject(registry, "name or log origin")


def test_version_issued_before_its_predecessor_is_rejected():
    registry = Registry()
    registry.change(now=LATER)
    policy = altered(trust_edit.next_version(registry.policy, now=LATER), issued_at=instant.render(NOW))
    registry.publish(policy)
    reject(registry, "before the version it follows")


def test_rollback_below_kept_version_is_rejected():
    registry = Registry()
    registry.change(now=LATER)
    trust = registry.trust(LATER, minimum_version=2)
    assert trust.version == 2
    del registry.versions[1]
    reject(registry, "rolled back", minimum_version=2)


def test_fork_at_the_kept_version_is_rejected():
    """Somebody with an old root key makes another history with the same number of versions."""
    registry, fork = Registry(), None
    registry.change(now=LATER)
    kept = registry.trust(LATER).digest
    fork = [registry.versions[0], signed_policy(successor_of_first(registry), registry.roots)]
    assert walk(registry.pin, fork, now=LATER).version == 2
    with pytest.raises(Rejected, match="forked"):
        walk(registry.pin, fork, now=LATER, minimum_version=2, minimum_digest=kept)
    registry.change(now=LATER)
    assert registry.trust(LATER, minimum_version=2, minimum_digest=kept).version == 3


def successor_of_first(registry: Registry) -> TrustPolicy:
    return trust_edit.next_version(
        registry.first, trust_edit.with_gate_policy(Digest.sha256(b"weak")), now=LATER
    )


def test_versions_are_counted_from_1():
    with pytest.raises(ValueError, match="counted from 1"):
        Registry().trust(minimum_version=0)


def test_expired_newest_version_is_stale():
    registry = Registry(lifetime=DAY)
    assert registry.trust(NOW + DAY - timedelta(seconds=1)).version == 1
    with pytest.raises(Stale, match="expired") as caught:
        registry.trust(NOW + DAY)
    assert caught.value.exit_code == 2


def test_expired_earlier_version_is_no_obstacle():
    registry = Registry(lifetime=DAY)
    registry.change(trust_edit.renewed(NOW + YEAR), now=NOW + 2 * DAY)
    assert registry.trust(NOW + 3 * DAY).version == 2


def test_version_from_the_future_is_rejected():
    registry = Registry()
    registry.change(now=NOW + DAY)
    reject(registry, "issued in the future", now=NOW + DAY - CLOCK_SKEW - timedelta(seconds=1))
    assert registry.trust(NOW + DAY - CLOCK_SKEW).version == 2


def test_chain_longer_than_the_cap_is_refused():
    registry = Registry()
    with pytest.raises(LimitExceeded, match="more than"):
        walk(registry.pin, registry.versions * (MAX_VERSIONS + 1), now=NOW)


def test_nothing_is_not_trusted():
    with pytest.raises(InputError, match="no trust policy"):
        walk(Registry().pin, [], now=NOW)


# Signatures


def test_version_that_nobody_signed_is_rejected():
    registry = Registry()
    registry.versions[0] = ()
    reject(registry, "nobody signed")


def test_first_version_not_signed_by_its_own_root_is_rejected():
    registry, people = committee()
    registry.versions[0] = signed_policy(registry.first, people[:1])
    reject(registry, "1 of the 2 root people that version 1")


def test_version_signed_by_a_stranger_is_rejected():
    registry = Registry()
    registry.publish(successor(registry), [actor("mallory", "root")])
    reject(registry, "no root key")


@pytest.mark.parametrize("who", ["administrator", "gate", "publisher"])
def test_version_signed_by_a_key_of_another_role_is_rejected(who):
    registry = Registry()
    signer = next(one for one in registry.actors.values() if who in one.roles)
    registry.publish(successor(registry), [signer])
    reject(registry, "no root key")


def test_usurper_who_signs_with_only_the_new_root_is_rejected():
    registry = Registry()
    usurper = actor("root-2", "root", person="Mallory")
    registry.add(usurper, now=LATER)
    registry.versions[1] = signed_policy(registry.policy, [usurper])
    reject(registry, "0 of the 1 root people that version 1")


def test_version_not_signed_by_its_own_root_is_rejected():
    registry = Registry()
    old, new = registry.actors["root-1"], actor("root-2", "root", person="Omar")
    registry.actors[new.name] = new
    policy = registry.change(
        trust_edit.add_principal(new.name, new.person),
        trust_edit.add_key(new.key(LATER)),
        trust_edit.revoke_key(old.id, compromised_at=None, reason="lost"),
        now=LATER,
    )
    assert registry.trust(LATER).version == 2
    registry.versions[1] = signed_policy(policy, [old])
    reject(registry, "0 of the 1 root people that version 2")


def test_threshold_met_by_one_key_signing_twice_is_rejected():
    registry, people = committee()
    registry.publish(successor(registry), [people[0], people[0]])
    assert registry.versions[1][0].signature != registry.versions[1][1].signature
    reject(registry, "1 of the 2")


def test_threshold_met_by_one_signature_listed_twice_is_rejected():
    registry, people = committee()
    registry.publish(successor(registry), [people[0]])
    registry.versions[1] *= 2
    reject(registry, "1 of the 2")


def test_threshold_met_by_one_person_with_two_keys_is_rejected():
    registry, people = committee()
    second = actor("root-spare", "root", person=people[0].person)
    registry.add(second, now=LATER)
    registry.publish(successor(registry), [people[0], second])
    reject(registry, "1 of the 2")


def test_threshold_met_by_the_same_key_material_twice_is_refused():
    registry, people = committee()
    twin = altered(people[0].key(), principal=people[1].name)
    keys = tuple(key for key in registry.policy.keys if key.principal != people[1].name)
    registry.publish(successor(registry, keys=(*keys, twin)), [people[0], people[0]])
    with pytest.raises(InputError, match="listed twice"):
        registry.trust(LATER)


def test_signatures_under_a_borrowed_key_hint_are_rejected():
    """One key signs twice and claims the second time to be another."""
    registry, people = committee()
    mine, forged = signed_policy(successor(registry), [people[0], people[0]])
    registry.versions.append((mine, replace(forged, key_id=people[1].id)))
    reject(registry, "the signature was not made by key")


def test_threshold_of_two_people_is_met():
    registry, people = committee()
    registry.publish(successor(registry), people[1:])
    assert registry.trust(LATER).version == 2


def test_lowering_the_threshold_takes_the_old_threshold():
    registry, people = committee()
    policy = trust_edit.next_version(registry.policy, trust_edit.with_root_threshold(1), now=LATER)
    registry.publish(policy, people[:1])
    reject(registry, "1 of the 2 root people that version 1")


def test_raising_the_threshold_takes_the_new_threshold():
    registry, people = committee(threshold=1)
    policy = trust_edit.next_version(registry.policy, trust_edit.with_root_threshold(3), now=LATER)
    registry.publish(policy, people[:2])
    reject(registry, "2 of the 3 root people that version 2")


def test_signatures_over_different_policies_do_not_add_up():
    registry, people = committee()
    one = signed_policy(successor(registry), people[:1])
    two = signed_policy(successor(registry, gate_policy=str(Digest.sha256(b"weak"))), people[1:2])
    registry.versions.append(one + two)
    reject(registry, "different statements")


def test_altered_payload_under_a_good_signature_is_rejected():
    registry = Registry()
    (good,) = signed_policy(successor(registry), registry.roots)
    evil = policy_statement(successor(registry, gate_policy=str(Digest.sha256(b"weak"))))
    envelope = replace(good.envelope, payload=evil.to_bytes())
    registry.versions.append((replace(good, envelope=envelope, statement=evil),))
    reject(registry, "the signature was not made by key")


def test_bundle_object_that_misstates_its_payload_is_not_believed():
    """The policy is read from the signed bytes, not from the object beside them."""
    registry = Registry()
    (good,) = signed_policy(successor(registry), registry.roots)
    evil = policy_statement(successor(registry, gate_policy=str(Digest.sha256(b"weak"))))
    registry.versions.append((replace(good, statement=evil),))
    assert registry.trust(LATER).gate_policy == Digest.parse(registry.policy.gate_policy)


# Root keys


def test_revoked_root_key_does_not_count():
    registry, people = committee(threshold=1)
    registry.change(trust_edit.revoke_key(people[0].id, compromised_at=None, reason="stolen"), now=LATER)
    registry.versions[1] = signed_policy(registry.policy, people[1:])
    registry.publish(successor(registry), people[:1])
    reject(registry, "no root key")


def test_version_that_takes_back_a_revocation_is_rejected():
    registry, people = committee(threshold=1)
    registry.change(
        trust_edit.revoke_key(people[0].id, compromised_at=NOW, reason="stolen"),
        now=LATER,
        signers=people[1:],
    )
    revoked = registry.policy.revoked_keys[0]
    for softer in ((), (altered(revoked, compromised_at=instant.render(LATER)),)):
        policy = successor(registry, revoked_keys=softer)
        chain = [*registry.versions, signed_policy(policy, people[1:])]
        with pytest.raises(Rejected, match="takes back"):
            walk(registry.pin, chain, now=LATER)
    harder = successor(registry, revoked_keys=(altered(revoked, compromised_at=None),))
    registry.publish(harder, people[1:])
    assert registry.trust(LATER).version == 3


def test_root_key_not_yet_in_force_does_not_count():
    registry = Registry()
    early = actor("root-2", "root", person="Omar")
    change = trust_edit.add_key(early.key(NOW + 30 * DAY))
    policy = registry.change(
        trust_edit.add_principal("root-2", "Omar"), change, now=LATER, signers=registry.roots
    )
    assert registry.trust(LATER).version == 2
    registry.publish(trust_edit.next_version(policy, now=LATER), [early])
    reject(registry, "0 of the 1")


def test_root_key_that_had_expired_does_not_count():
    registry, people = committee(threshold=1)
    registry.change(trust_edit.retire_key(people[0].id, LATER), now=LATER, signers=people[1:])
    registry.publish(trust_edit.next_version(registry.policy, now=LATER), people[:1])
    reject(registry, "0 of the 1", now=LATER)


def test_newest_version_signed_only_by_a_key_since_expired_is_rejected():
    registry, people = committee(threshold=1)
    registry.change(trust_edit.retire_key(people[0].id, LATER + DAY), now=LATER, signers=people[:1])
    assert registry.trust(LATER).version == 2
    reject(registry, "no longer in force", now=LATER + DAY)


def test_earlier_version_signed_by_a_key_since_expired_is_no_obstacle():
    registry, people = committee(threshold=1)
    registry.change(trust_edit.retire_key(people[0].id, LATER + DAY), now=LATER, signers=people[:1])
    registry.change(now=LATER, signers=people[1:])
    assert registry.trust(LATER + 2 * DAY).version == 3


# Renewal


def test_expired_policy_is_walked_only_to_make_the_next_one():
    registry = Registry(lifetime=DAY)
    late = NOW + 2 * DAY
    former = walk_to_renew(registry.pin, registry.versions, now=late)
    policy = trust_edit.next_version(former.policy, trust_edit.renewed(NOW + YEAR), now=late)
    registry.publish(policy)
    assert registry.trust(late).version == 2


def test_policy_whose_signer_has_since_ended_can_be_followed():
    registry, people = committee(threshold=1)
    registry.change(trust_edit.retire_key(people[0].id, LATER + DAY), now=LATER, signers=people[:1])
    late = LATER + 2 * DAY
    reject(registry, "no longer in force", now=late)
    former = walk_to_renew(registry.pin, registry.versions, now=late)
    registry.publish(trust_edit.next_version(former.policy, now=late), people[1:])
    assert registry.trust(late).version == 3


def test_renewal_starts_from_the_pin_and_good_signatures_too():
    registry, _ = committee()
    with pytest.raises(Rejected, match="another registry"):
        walk_to_renew(Digest.sha256(b"other"), registry.versions, now=NOW)
    registry.versions[0] = registry.versions[0][:1]
    with pytest.raises(Rejected, match="1 of the 2"):
        walk_to_renew(registry.pin, registry.versions, now=NOW)


# Form


def one_version(bundles: tuple[Bundle, ...], pin: Digest) -> None:
    walk(pin, [bundles], now=NOW)


def test_statement_of_another_type_is_refused():
    registry = Registry()
    bundle = registry.sign("root-1", registry.revocation())
    with pytest.raises(InputError, match="expected a statement of type"):
        one_version((bundle,), registry.pin)


def test_policy_with_a_subject_that_is_not_its_digest_is_refused():
    registry = Registry()
    signer = registry.roots[0].signer
    bundle = sign_statement(Statement.of("acme", ARTIFACT, registry.first), signer)
    with pytest.raises(InputError, match="its subject"):
        one_version((bundle,), registry.pin)


@pytest.mark.parametrize(
    "distort",
    [
        lambda payload: payload + b"\n",
        lambda payload: payload.replace(b'"version":1', b'"version": 1'),
        lambda payload: payload.replace(b'"version":1', b'"version":1.0'),
        lambda payload: payload.replace(b'"version":1', b'"version":1,"version":1'),
        lambda payload: payload.replace(b'"version":1', b'"version":1,"extra":1'),
        lambda payload: payload.replace(b'"revokedKeys":[],', b""),
        lambda payload: payload[:-1],
    ],
    ids=["newline", "space", "float", "duplicate", "unknown-field", "default-left-out", "cut"],
)
def test_policy_not_in_its_one_form_is_refused(distort):
    registry = Registry()
    statement = policy_statement(registry.first)
    payload = distort(statement.to_bytes())
    assert payload != statement.to_bytes()
    bundle = sign_payload(statement, payload, registry.roots[0].signer)
    with pytest.raises(InputError):
        one_version((bundle,), registry.pin)


def test_inconsistent_policy_is_refused_though_well_signed():
    registry = Registry()
    registry.publish(successor(registry, principals=()))
    with pytest.raises(InputError, match=r"trust policy version 2.*unknown principal"):
        registry.trust(LATER)


def test_version_with_too_many_signatures_is_refused():
    registry = Registry()
    registry.versions[0] *= MAX_SIGNATURES + 1
    with pytest.raises(LimitExceeded, match="signatures"):
        registry.trust()


# What it answers


def test_unknown_names_are_rejected():
    trust = Registry().trust()
    with pytest.raises(Rejected, match="does not know"):
        trust.key("0" * 64)
    with pytest.raises(Rejected, match="no principal"):
        trust.principal("mallory")
    with pytest.raises(InputError, match="no role"):
        trust.threshold("superuser")


def test_revoked_or_expired_log_key_is_not_used():
    registry = Registry()
    registry.add(actor("log-2", "log"), now=LATER)
    ids = {key.id for key in registry.trust(LATER).log_keys}
    assert ids == {registry.actors["log-1"].id, registry.actors["log-2"].id}
    registry.change(
        trust_edit.revoke_key(registry.actors["log-1"].id, compromised_at=None, reason="x"), now=LATER
    )
    assert [key.id for key in registry.trust(LATER).log_keys] == [registry.actors["log-2"].id]
    registry.change(trust_edit.retire_key(registry.actors["log-2"].id, LATER + DAY), now=LATER)
    assert registry.trust(LATER + DAY).log_keys == ()
    assert len(registry.trust(LATER + DAY).keys_of_role("log")) == 2


def test_witness_of_an_operator_is_no_witness():
    registry = Registry()
    registry.add(actor("own", "witness", person="Machine room"), actor("uni", "witness"))
    assert [key.id for key in registry.trust().witness_keys] == [registry.actors["uni"].id]


def test_trust_speaks_of_the_time_when_its_policy_was_issued_at_the_earliest():
    registry = Registry()
    assert registry.trust(NOW - CLOCK_SKEW).now == NOW


# Proposals


def test_proposal_tells_who_is_missing_and_becomes_a_version():
    registry, people = committee()
    former = registry.trust(LATER)
    proposal = signed_policy(successor(registry), people[:1])
    policy, missing = check_successor(former, proposal, now=LATER)
    assert policy.version == 2
    assert [line.split(" that")[0] for line in missing] == ["signed by 1 of the 2 root people"] * 2
    complete = proposal + signed_policy(policy, people[2:])
    assert check_successor(former, complete, now=LATER)[1] == ()
    registry.versions.append(complete)
    assert registry.trust(LATER).version == 2


def test_proposal_that_was_overtaken_is_rejected():
    registry, people = committee()
    proposal = signed_policy(successor(registry), people[:1])
    registry.change(now=LATER)
    with pytest.raises(Rejected, match="gap"):
        check_successor(registry.trust(LATER), proposal, now=LATER)


def test_proposal_with_a_forged_signature_is_rejected():
    registry, people = committee()
    (good,) = signed_policy(successor(registry), people[:1])
    with pytest.raises(Rejected, match="not made by key"):
        check_successor(registry.trust(LATER), [replace(good, key_id=people[1].id)], now=LATER)


# Any damage


DAMAGED = Registry(roots=[actor("root-1", "root", person="Rita", algorithm="ed25519")])
DAMAGED.change(trust_edit.renewed(NOW + 2 * YEAR), now=LATER)
LINES = [bundles[0].to_bytes() for bundles in DAMAGED.versions]


@settings(max_examples=300)
@given(version=st.integers(0, 1), data=st.data())
def test_no_byte_of_a_chain_can_be_changed_unnoticed(version, data):
    """A changed byte is an error of ours, or gives the very same policies by the same key."""
    line = bytearray(LINES[version])
    position = data.draw(st.integers(0, len(line) - 1))
    line[position] ^= data.draw(st.integers(1, 255))
    lines = [bytes(line) if number == version else good for number, good in enumerate(LINES)]
    try:
        chain = [(Bundle.from_bytes(one),) for one in lines]
        trust = walk(DAMAGED.pin, chain, now=LATER)
    except ModelwardError:
        return
    assert trust.policy == DAMAGED.policy


@settings(max_examples=100)
@given(
    st.recursive(st.none() | st.integers() | st.text(max_size=8), lambda x: st.lists(x, max_size=3)),
    st.data(),
)
def test_a_policy_of_any_shape_raises_only_our_errors(value, data):
    fields = msgspec.to_builtins(DAMAGED.first)
    name = data.draw(st.sampled_from(sorted(fields)))
    predicate = strict_json.loads(strict_json.dumps(fields | {name: value}))
    statement = Statement("acme", Digest.sha256(strict_json.dumps(predicate)), TrustPolicy.TYPE, predicate)
    bundle = sign_statement(statement, DAMAGED.roots[0].signer)
    try:
        trust = walk(statement.subject, [(bundle,)], now=NOW)
    except ModelwardError:
        return
    assert strict_json.loads(strict_json.dumps(msgspec.to_builtins(trust.policy))) == predicate
