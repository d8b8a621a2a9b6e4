"""The table of roles."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from modelward.attest import predicates as p
from modelward.attest.predicates.base import NAMESPACE
from modelward.attest.roles import INFRASTRUCTURE, PEOPLE, ROLES, is_ours, may_be_granted


def test_every_type_of_ours_has_a_role_that_signs_it():
    assert frozenset().union(*ROLES.values()) == set(p.PREDICATES)


@pytest.mark.parametrize("kind", [p.TrustPolicy, p.VerificationSummary, p.Stage, p.Status])
def test_what_decides_is_signed_by_one_infrastructure_role(kind):
    assert len([role for role in ROLES if kind.TYPE in ROLES[role]]) == 1
    assert not any(kind.TYPE in types for types in PEOPLE.values())


@pytest.mark.parametrize("role", ["log", "witness", "timestamp"])
def test_keys_that_sign_no_statements_may_sign_none(role):
    assert ROLES[role] == frozenset()


def test_foreign_types_are_for_people_only():
    foreign = "https://example.com/red-team/v1"
    assert all(may_be_granted(role, foreign) for role in PEOPLE)
    assert not any(may_be_granted(role, foreign) for role in INFRASTRUCTURE)


def test_our_namespace_is_ours_before_a_type_is_invented():
    assert is_ours(f"{NAMESPACE}/not-yet/v1")
    assert not is_ours(f"{NAMESPACE}.evil.example/v1")


def test_page_lists_every_role():
    page = (Path(__file__).parents[2] / "docs" / "trust.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| ([a-z][a-z-]*) \|.*\|.*\|$", page, re.MULTILINE)
    assert sorted(listed) == sorted(["role", *ROLES])
