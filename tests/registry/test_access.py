"""Roles by Cedar: an error of any kind is a no."""

from __future__ import annotations

import pytest

from modelward.core.principal import Principal
from modelward.registry import access

ALLOWED = {
    "publisher": {"push", "promote"},
    "approver": {"approve", "waive", "promote"},
    "administrator": {"promote", "waive", "revoke", "freeze"},
    "trainer": set(),
    "data-steward": set(),
    "evaluator": set(),
    "scanner": set(),
}


@pytest.mark.parametrize("role", ALLOWED)
@pytest.mark.parametrize("action", access.ACTIONS)
def test_every_role_by_every_action(role: str, action: str) -> None:
    principal = Principal("x", "X", frozenset({role}))
    assert access.decide(principal, action, "fraud").allowed is (action in ALLOWED[role])


def test_nobody_without_a_role_does_anything() -> None:
    assert not any(access.decide(Principal("x", "X"), action, "fraud").allowed for action in access.ACTIONS)


def test_an_unknown_action_is_denied() -> None:
    assert not access.decide(Principal("x", "X", frozenset({"administrator"})), "delete", "fraud").allowed


def test_a_diagnostic_denies_even_beside_a_permit(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = access.POLICIES + "\nforbid(principal, action, resource) when { resource.nothing == 1 };"
    monkeypatch.setattr(access, "POLICIES", broken)
    answer = access.decide(Principal("x", "X", frozenset({"publisher"})), "push", "fraud")
    assert not answer.allowed
    assert "nothing" in answer.reasons[0]


@pytest.mark.parametrize("name", ['a"b', "a\\b", "ü", 'x"; permit(principal,action,resource);//'])
def test_names_cannot_inject_policy(name: str) -> None:
    assert not access.decide(Principal(name, name), "push", name).allowed


def test_what_is_frozen_nobody_promotes() -> None:
    everything = Principal("x", "X", frozenset(ALLOWED))
    assert access.decide(everything, "promote", "fraud").allowed
    assert not access.decide(everything, "promote", "fraud", frozen=True).allowed
    assert access.decide(everything, "push", "fraud", frozen=True).allowed
