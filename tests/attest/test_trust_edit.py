"""Making the next trust policy from this one."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.attest.simulator import DAY, NOW, YEAR, Actor, Registry, actor

from modelward.attest import trust_edit
from modelward.attest.predicates import TrustPolicy
from modelward.attest.roles import ROLES
from modelward.attest.trust import policy_digest
from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.errors import InputError, ModelwardError, UsageError

OTHER = Digest.sha256(b"other")


def test_first_version_has_every_role_and_no_predecessor():
    policy = Registry().first
    assert set(policy.roles) == set(ROLES)
    assert (policy.version, policy.identity, policy.previous) == (1, None, None)


def test_each_version_names_identity_and_predecessor():
    registry = Registry()
    second = registry.change(trust_edit.with_gate_policy(OTHER))
    third = registry.change(trust_edit.renewed(NOW + 2 * YEAR), now=NOW + DAY)
    assert second.identity == second.previous == str(registry.pin)
    assert third.identity == str(registry.pin)
    assert third.previous == str(policy_digest(second))
    assert (third.version, third.gate_policy) == (3, str(OTHER))
    assert registry.trust(NOW + YEAR).version == 3


def test_edits_leave_the_former_policy_alone():
    registry = Registry()
    before = policy_digest(registry.policy)
    trust_edit.next_version(registry.policy, trust_edit.with_gate_policy(OTHER), now=NOW)
    assert policy_digest(registry.policy) == before


def test_version_is_never_issued_before_its_predecessor():
    registry = Registry()
    policy = trust_edit.next_version(registry.policy, now=NOW - DAY)
    assert policy.issued_at == registry.policy.issued_at


def test_added_key_is_trusted_with_its_roles():
    registry = Registry()
    registry.add(actor("zoe", "approver", "scanner"))
    trust = registry.trust()
    assert trust.principal("zoe").roles == {"approver", "scanner"}
    assert trust.key(registry.actors["zoe"].id).valid_until == instant.render(NOW + YEAR)


def test_key_is_never_changed_in_place():
    registry = Registry()
    alice = registry.actors["alice"]
    widened = msgspec.structs.replace(alice.key(), roles=("publisher", "approver"))
    with pytest.raises(UsageError, match="already"):
        registry.change(trust_edit.add_key(widened))


def test_revoked_key_is_not_trusted_again():
    registry = Registry()
    change = trust_edit.revoke_key(registry.actors["alice"].id, compromised_at=None, reason="stolen")
    revoked = registry.change(change)
    without = msgspec.structs.replace(
        revoked, keys=tuple(key for key in revoked.keys if key.principal != "alice")
    )
    with pytest.raises(UsageError, match="revoked"):
        trust_edit.add_key(registry.actors["alice"].key())(without)


def test_principal_cannot_become_another_person():
    registry = Registry()
    with pytest.raises(UsageError, match="not Mallory"):
        registry.change(trust_edit.add_principal("alice", "Mallory"))
    assert trust_edit.add_principal("alice", "Alice")(registry.policy) == registry.policy


def test_retired_key_ends_at_that_moment():
    registry = Registry()
    alice = registry.actors["alice"]
    registry.change(trust_edit.retire_key(alice.id, NOW + DAY))
    assert registry.trust().key(alice.id).valid_until == instant.render(NOW + DAY)


@pytest.mark.parametrize("moment", [NOW - DAY, NOW, NOW + 2 * YEAR])
def test_key_cannot_be_retired_outside_its_validity(moment):
    registry = Registry()
    with pytest.raises(UsageError, match="cannot be retired"):
        registry.change(trust_edit.retire_key(registry.actors["alice"].id, moment))


def test_revocation_moves_back_but_never_forward():
    registry = Registry()
    alice = registry.actors["alice"].id
    registry.change(trust_edit.revoke_key(alice, compromised_at=NOW, reason="lost"))
    with pytest.raises(UsageError, match="already revoked"):
        registry.change(trust_edit.revoke_key(alice, compromised_at=NOW + DAY, reason="later"))
    registry.change(trust_edit.revoke_key(alice, compromised_at=None, reason="never was hers"))
    (entry,) = registry.trust().policy.revoked_keys
    assert entry.compromised_at is None
    with pytest.raises(UsageError, match="from the start"):
        registry.change(trust_edit.revoke_key(alice, compromised_at=NOW, reason="undo"))


@pytest.mark.parametrize(
    "change",
    [
        trust_edit.retire_key("0" * 64, NOW),
        trust_edit.revoke_key("0" * 64, compromised_at=None, reason="x"),
    ],
)
def test_unknown_key_cannot_be_changed(change):
    with pytest.raises(UsageError, match="has no key"):
        Registry().change(change)


def test_witnesses_and_root_threshold_must_be_reachable():
    registry = Registry()
    with pytest.raises(InputError, match="independent"):
        registry.change(trust_edit.with_witnesses(1))
    with pytest.raises(InputError, match="root threshold"):
        registry.change(trust_edit.with_root_threshold(2))
    registry.add(actor("uni", "witness", person="University"), actor("root-2", "root", person="Omar"))
    policy = registry.change(trust_edit.with_witnesses(1), trust_edit.with_root_threshold(2))
    assert (policy.witnesses_required, policy.roles["root"].threshold) == (1, 2)


def test_odd_name_is_refused_before_anything_is_signed():
    registry = Registry()
    with pytest.raises(InputError, match="trust policy"):
        registry.change(trust_edit.add_principal("../x", "X"))


def test_expired_policy_can_be_renewed():
    registry = Registry(lifetime=DAY)
    with pytest.raises(InputError, match="expires before"):
        registry.change(now=NOW + 2 * DAY)
    registry.change(trust_edit.renewed(NOW + YEAR), now=NOW + 2 * DAY)
    assert registry.trust(NOW + 3 * DAY).version == 2


def test_root_key_rotation_keeps_the_chain_walkable():
    registry = Registry()
    old, new = registry.actors["root-1"], actor("root-2", "root", person="Rita")
    later = NOW + DAY
    registry.add(new, now=later)
    registry.change(
        trust_edit.retire_key(old.id, later + DAY), now=later + timedelta(hours=1), signers=[old, new]
    )
    registry.change(trust_edit.renewed(NOW + 2 * YEAR), now=later + 2 * DAY, signers=[new])
    assert registry.trust(NOW + YEAR).version == 4


def edit(kind: str, value: int, policy: TrustPolicy, newcomer: Actor, now: datetime) -> trust_edit.Change:
    key = policy.keys[value % len(policy.keys)]
    match kind:
        case "renew":
            return trust_edit.renewed(NOW + value * DAY)
        case "witnesses":
            return trust_edit.with_witnesses(value)
        case "threshold":
            return trust_edit.with_root_threshold(value)
        case "retire":
            return trust_edit.retire_key(key.id, now)
        case "revoke":
            return trust_edit.revoke_key(key.id, compromised_at=now, reason="lost")
        case _:
            return trust_edit.add_key(newcomer.key())


EDITS = st.one_of(
    st.tuples(st.just("renew"), st.integers(-10, 5000)),
    st.tuples(st.sampled_from(["witnesses", "threshold"]), st.integers(0, 3)),
    st.tuples(st.sampled_from(["retire", "revoke"]), st.integers(0, 20)),
    st.tuples(st.sampled_from(sorted(ROLES)), st.just(0)),
)


@settings(max_examples=60)
@given(st.lists(EDITS, max_size=8))
def test_whatever_is_edited_either_errs_or_walks(edits):
    """Any chain of edits that the editor lets pass is one that verifiers accept."""
    registry = Registry()
    for number, (kind, value) in enumerate(edits, start=1):
        now = NOW + number * DAY
        newcomer = actor(f"new-{number}", kind if kind in ROLES else "scanner")
        try:
            policy = trust_edit.next_version(
                registry.policy,
                trust_edit.add_principal(newcomer.name, newcomer.person),
                edit(kind, value, registry.policy, newcomer, now),
                now=now,
            )
        except ModelwardError:
            continue
        registry.actors[newcomer.name] = newcomer
        revoked = {entry.id for entry in registry.policy.revoked_keys}
        registry.publish(policy, [one for one in registry.roots if one.id not in revoked])
        assert registry.trust(now).version == policy.version
