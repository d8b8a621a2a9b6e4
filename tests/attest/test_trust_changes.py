"""What co-signers are shown: nothing that a proposal changes is left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from tests.attest.simulator import DAY, NOW, Registry, actor

from modelward.attest import trust_edit
from modelward.attest.predicates.trust import (
    RevokedKey,
    TimestampAuthority,
    TrustedPrincipal,
    TrustedRole,
    TrustPolicy,
)
from modelward.attest.trust_changes import describe
from modelward.core.digest import Digest

REGISTRY = Registry()
POLICY = msgspec.structs.replace(
    REGISTRY.policy,
    revoked_keys=(RevokedKey(id="1" * 64, compromised_at="2026-01-01T00:00:00Z", reason="lost"),),
    timestamp_authorities=(TimestampAuthority(name="tsa", certificates=("x",)),),
)
ALICE = REGISTRY.actors["alice"].id


def replaced(entry: Any, field: str) -> Any:
    """The entry with something else in one field."""
    value = getattr(entry, field)
    if isinstance(value, tuple):
        other: Any = (*value, "new")
    else:
        other = value + 1 if isinstance(value, int) else f"{value}x"
    return msgspec.structs.replace(entry, **{field: other})


def lone_changes() -> Iterator[tuple[str, TrustPolicy]]:
    """Each field of the policy, and of an entry of each of its lists, changed alone."""

    def changed(**fields: Any) -> TrustPolicy:
        return msgspec.structs.replace(POLICY, **fields)

    for field in ("name", "expires", "log_origin", "witnesses_required", "gate_policy"):
        yield field, replaced(POLICY, field)
    for name in ("keys", "principals", "revoked_keys", "timestamp_authorities"):
        first, *others = getattr(POLICY, name)
        for field in first.__struct_fields__:
            yield f"{name}-{field}", changed(**{name: (replaced(first, field), *others)})
        yield f"{name}-fewer", changed(**{name: tuple(others)})
        yield f"{name}-twice", changed(**{name: (first, *others, first)})
    for field in TrustedRole.__struct_fields__:
        approver = replaced(POLICY.roles["approver"], field)
        yield f"roles-{field}", changed(roles=POLICY.roles | {"approver": approver})
    yield "roles-fewer", changed(roles={"root": POLICY.roles["root"]})
    for name in ("keys", "principals"):
        yield f"{name}-order", changed(**{name: getattr(POLICY, name)[::-1]})


LONE_CHANGES = dict(lone_changes())


@pytest.mark.parametrize("changed", LONE_CHANGES.values(), ids=LONE_CHANGES)
def test_no_change_is_hidden_from_those_who_sign_it(changed: TrustPolicy):
    assert describe(POLICY, changed)


def test_nothing_changed_is_nothing_told():
    assert describe(POLICY, POLICY) == ()
    assert describe(POLICY, msgspec.structs.replace(POLICY, version=2, previous="x")) == ()


def test_lines_say_what_happens():
    zoe = actor("zoe", "approver")
    policy = trust_edit.next_version(
        REGISTRY.policy,
        trust_edit.add_principal("zoe", "Zoe"),
        trust_edit.add_key(zoe.key()),
        trust_edit.retire_key(ALICE, NOW + DAY),
        trust_edit.revoke_key(REGISTRY.actors["eve"].id, compromised_at=NOW, reason="stolen"),
        trust_edit.with_gate_policy(Digest.sha256(b"new")),
        now=NOW,
    )
    assert describe(REGISTRY.policy, policy) == (
        f"gate policy: {REGISTRY.policy.gate_policy} -> {policy.gate_policy}",
        'add principal zoe: {"name":"zoe","person":"Zoe"}',
        f"end key {ALICE[:16]}… of alice at 2026-11-23T09:14:00Z",
        f"trust key {zoe.id[:16]}… of zoe as approver, 2026-11-22T09:14:00Z to 2027-11-22T09:14:00Z",
        f"revoke key {REGISTRY.actors['eve'].id[:16]}… from 2026-11-22T09:14:00Z: stolen",
    )


def test_softened_revocation_and_forgotten_key_are_told():
    softer = msgspec.structs.replace(POLICY, revoked_keys=())
    assert describe(POLICY, softer) == ("take back the revocation of key 1111111111111111…",)
    forgotten = msgspec.structs.replace(POLICY, keys=POLICY.keys[1:])
    assert "void" in describe(POLICY, forgotten)[0]


def test_another_person_behind_a_principal_is_told():
    principals = tuple(
        TrustedPrincipal(name=known.name, person="Mallory") if known.name == "alice" else known
        for known in POLICY.principals
    )
    (line,) = describe(POLICY, msgspec.structs.replace(POLICY, principals=principals))
    assert line == 'principal alice: person "Alice" -> "Mallory"'
