"""signed: registered by an authorised publisher, as this model and version."""

from __future__ import annotations

import pytest
from tests.gate.case import MODEL, POLICY, complete

from modelward.attest import predicates as p


@pytest.mark.parametrize("fields", [{"model": "other"}, {"version": 8}])
def test_a_registration_as_something_else_does_not_count(fields: dict[str, object]) -> None:
    case = complete()
    case.drop(p.Version)
    case.say("alice", MODEL, case.registry.version(**fields))
    assert "no authorised publisher" in case.failing()["signed"]


def test_somebody_without_the_role_cannot_register() -> None:
    case = complete()
    case.drop(p.Version)
    case.say("bob", MODEL, case.registry.version(author="bob"))
    assert "signed" in case.failing()


def test_an_imported_version_is_only_declared() -> None:
    case = complete()
    case.drop(p.Version)
    case.say("alice", MODEL, case.registry.version(origin="imported"))
    assert "nothing about its making is attested" in case.failing()["signed"]
    allowing = POLICY.replace(b"check.signed]\n", b"check.signed]\nallow-imported = true\n")
    assert "signed" not in case.with_policy(allowing).failing()
