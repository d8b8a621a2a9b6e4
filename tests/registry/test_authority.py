"""Whether a logged statement was its signer's to make, whatever the time."""

from __future__ import annotations

import secrets

import pytest
from tests.registry.town import Town

from modelward.attest import predicates as p
from modelward.attest.bundle import Bundle, sign_statement
from modelward.attest.statement import Statement
from modelward.core.digest import Digest
from modelward.registry.authority import authorised

DATA = Digest.sha256(b"data")


def scan(town: Town, who: str) -> Bundle:
    predicate = p.Scan(
        scanner={"name": "s", "version": "1", "ruleset": str(DATA)},  # type: ignore[arg-type]
        verdict="clean",
        files=1,
        examined=1,
        scanned_at="2026-11-22T00:00:00Z",
    )
    return sign_statement(Statement.of("x", DATA, predicate), town.signers[who])


def revocation(town: Town, who: str, of: Digest, kind: str = "statement") -> Bundle:
    act = p.Revocation(
        registry=str(town.pin),
        kind=kind,  # type: ignore[arg-type]
        reason="it leaks",
        issued_at="2026-11-22T00:00:00Z",
        nonce=secrets.token_hex(16),
    )
    return sign_statement(Statement.of("x", of, act), town.signers[who])


def test_a_key_of_the_role_is_authorised(town: Town) -> None:
    with town.registry() as registry:
        assert authorised(scan(town, "sam"), registry.trust, None)


@pytest.mark.parametrize("who", ["alice", "bob", "ruth"])
def test_a_key_of_another_role_is_not(town: Town, who: str) -> None:
    with town.registry() as registry:
        assert not authorised(scan(town, who), registry.trust, None)


def test_a_signature_that_does_not_hold_is_not(town: Town) -> None:
    bundle = scan(town, "sam")
    forged = Bundle.from_bytes(bundle.to_bytes().replace(bundle.key_id.encode(), b"0" * 64))
    with town.registry() as registry:
        assert not authorised(forged, registry.trust, None)


def test_people_revoke_their_own_statements_and_administrators_any(town: Town) -> None:
    target = scan(town, "sam")
    with town.registry() as registry:
        for who, may in (("sam", True), ("ruth", True), ("bob", False), ("alice", False)):
            assert authorised(revocation(town, who, target.statement_id), registry.trust, target) is may


def test_what_a_revocation_names_must_be_known_unless_an_administrator_says_it(town: Town) -> None:
    with town.registry() as registry:
        unknown = Digest.sha256(b"nothing")
        assert not authorised(revocation(town, "sam", unknown), registry.trust, None)
        assert authorised(revocation(town, "ruth", unknown), registry.trust, None)


def test_only_administrators_revoke_artifacts(town: Town) -> None:
    with town.registry() as registry:
        assert authorised(revocation(town, "ruth", DATA, "artifact"), registry.trust, None)
        assert not authorised(revocation(town, "sam", DATA, "artifact"), registry.trust, None)
