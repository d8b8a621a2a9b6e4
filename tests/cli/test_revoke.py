"""`modelward revoke`: who may, and that it reaches verifiers at once."""

from __future__ import annotations

import json

import pytest
from tests.cli.company import Company

from modelward.gate.release_bundle import ReleaseBundle


def artifact(company: Company) -> str:
    return str(json.loads(company.ok("ruth", "registry", "show", "--json").out)["versions"][0]["artifact"])


def test_a_revoked_artifact_is_refused_by_verifiers_and_gate(released: Company) -> None:
    done = released("ruth", "revoke", "artifact", artifact(released), "--reason", "it has a backdoor")
    assert done.code == 0
    assert released.masked(done.out) == "sha256:#\n"
    assert released.masked(done.err) == (
        "revoked artifact dirHash:#: entry 10\n"
        "verifiers refuse fraud:production (fraud@1) from now on\n"
        "status and 1 release bundle were issued anew\n"
    )
    verified = released("olga", "verify", "model", "--for", "fraud:production")
    assert verified.code == 1
    assert "error: step 9 (revocation): the artifact dirHash:" in verified.err
    assert f"help: stop serving it; its registry says why in statement {done.out.strip()}\n" in verified.err
    denied = released("alice", "promote", "fraud@1", "--to", "production")
    assert denied.code == 1
    line = "  FAIL  not-revoked     artifact dirHash:# is revoked: it has a backdoor\n"
    assert line in released.masked(denied.out)
    released.sound()


def test_a_revoked_approval_takes_the_release_back(released: Company) -> None:
    approval = released.ok("bob", "approve", "fraud@1", "--to", "dev").out.strip()
    released.ok("bob", "revoke", "statement", approval, "--reason", "looked at the wrong file")
    released.ok("olga", "verify", "model", "--for", "fraud:production")  # it was not this one
    bundle = ReleaseBundle.from_bytes(released.bundle().read_bytes())
    statement = bundle.evidence[-1].bundle.statement_id
    released.ok("bob", "revoke", "statement", statement, "--reason", "looked at the wrong file")
    verified = released("olga", "verify", "model", "--for", "fraud:production")
    assert verified.code == 1
    assert (
        "error: step 8 (approvals): 0 of 1; found entry 7, by bob: the statement was revoked" in verified.err
    )


@pytest.mark.parametrize("prefix", ["sha256:", ""])
def test_a_revoked_key_takes_its_statements_back(released: Company, prefix: str) -> None:
    key = json.loads(released.ok("bob", "key", "show", "bob", "--json").out)["id"]
    done = released("ruth", "revoke", "key", prefix + key, "--reason", "the laptop was stolen")
    assert done.code == 0, done.err
    assert released("olga", "verify", "model", "--for", "fraud:production").code == 1
    assert "is revoked" in released("bob", "approve", "fraud@1", "--to", "production").err


@pytest.mark.parametrize(
    ("who", "arguments", "code", "said"),
    [
        ("bob", ("artifact", "sha256:" + "0" * 64, "--reason", "x"), 1, "error: bob (approver) may not sign"),
        ("olga", ("artifact", "sha256:" + "0" * 64, "--reason", "x"), 2, "error: no key to sign with"),
        ("ruth", ("artifact", "nonsense", "--reason", "x"), 2, "error: not a digest: 'nonsense'"),
        (
            "ruth",
            ("artifact", "sha256:" + "0" * 64, "--reason", ""),
            2,
            "error: say why: --reason is empty\n",
        ),
        ("ruth", ("artifact", "sha256:" + "0" * 64), 2, "Missing option '--reason'"),
        (
            "ruth",
            ("key", "sha256:" + "0" * 64, "--reason", "x", "--compromised-at", "yesterday"),
            2,
            "error: not a UTC time: 'yesterday'\nhelp: write it as 2026-11-22T09:14:00Z\n",
        ),
        ("ruth", ("model", "sha256:" + "0" * 64, "--reason", "x"), 2, "'model' is not one of 'artifact'"),
    ],
)
def test_what_may_not_or_cannot_be_revoked_leaves_nothing(
    company: Company, who: str, arguments: tuple[str, ...], code: int, said: str
) -> None:
    size = company.log_size()
    done = company(who, "revoke", *arguments)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert company.log_size() == size


def test_somebody_elses_statement_is_not_revoked(released: Company) -> None:
    approval = released.ok("carol", "approve", "fraud@1", "--to", "production").out.strip()
    done = released("bob", "revoke", "statement", approval, "--reason", "I do not like it")
    assert done.code == 1
    assert "may not" in done.err


def test_what_the_log_does_not_know_is_revoked_with_a_warning(company: Company) -> None:
    """A base model may be revoked before anybody registers it; a typing error should still be seen."""
    done = company("ruth", "revoke", "artifact", "sha256:" + "0" * 64, "--reason", "known to be poisoned")
    assert done.code == 0
    assert "note: the registry knows no such artifact yet; check the digest\n" in done.err
