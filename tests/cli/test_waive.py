"""`modelward waive`: two people, one rule, one version, for a while."""

from __future__ import annotations

import pytest
from tests.cli.company import POLICY, Company

RULE = ("--to", "production", "--rule", "small-enough")
REASON = ("--reason", "the customer needs it large")


@pytest.fixture
def large(company: Company) -> Company:
    """fraud@1 fails the rule `small-enough`, and is approved."""
    company.push(weights="w" * 2000)
    company.ok("carol", "approve", "fraud@1", "--to", "production")
    return company


def test_two_people_waive_one_rule(large: Company) -> None:
    first = large.ok("bob", "waive", "fraud@1", *RULE, *REASON)
    statement = first.out.strip()
    assert large.masked(first.out) == "sha256:#\n"
    assert first.err == (
        f"logged as entry 8\nit counts when a second person signs it: modelward waive --cosign {statement}\n"
    )
    denied = large("alice", "promote", "fraud@1", "--to", "production")
    assert denied.code == 1
    assert "  FAIL  small-enough    it is over 1000 bytes\nhelp: make it smaller\n" in denied.out
    second = large("ruth", "waive", "--cosign", statement)
    assert (second.code, second.out, second.err) == (0, f"{statement}\n", "logged as entry 10\n")
    allowed = large.ok("alice", "promote", "fraud@1", "--to", "production")
    assert (
        "  waiv  small-enough    until TIME by bob, ruth: the customer needs it large\n"
        "                        it is over 1000 bytes\n" in large.masked(allowed.out)
    )
    verified = large.ok("olga", "verify", "model", "--for", "fraud:production", "--recheck")
    assert (
        "  decision   allowed TIME by gate production, waiving small-enough,"
        " and again by this verifier from the evidence\n" in large.masked(verified.out)
    )


def test_one_person_signing_twice_waives_nothing(large: Company) -> None:
    statement = large.ok("bob", "waive", "fraud@1", *RULE, *REASON).out.strip()
    again = large("bob", "waive", "--cosign", statement)
    assert (again.code, again.out) == (2, "")
    assert again.err == "error: you have signed this waiver already\nhelp: somebody else must sign it too\n"
    assert large("alice", "promote", "fraud@1", "--to", "production").code == 1


def test_the_author_waives_nothing(large: Company) -> None:
    large.join("lisa", ("approver",), person="alice")
    statement = large.ok("bob", "waive", "fraud@1", *RULE, *REASON).out.strip()
    large.ok("lisa", "waive", "--cosign", statement)
    assert large("alice", "promote", "fraud@1", "--to", "production").code == 1


def test_a_waiver_is_for_one_version(large: Company) -> None:
    statement = large.ok("bob", "waive", "fraud@1", *RULE, *REASON).out.strip()
    large.ok("carol", "waive", "--cosign", statement)
    large.push("next", weights="v" * 3000)
    large.ok("carol", "approve", "fraud@2", "--to", "production")
    assert large("alice", "promote", "fraud@2", "--to", "production").code == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (
            ("fraud@1", "--to", "production", "--rule", "signed", *REASON),
            2,
            "'signed' cannot be waived at production\nhelp: these can: approved, small-enough\n",
        ),
        (("fraud@1", "--to", "production", "--rule", "nosuch", *REASON), 2, "'nosuch' cannot be waived at"),
        (("fraud@1", "--to", "nosuch", "--rule", "signed", *REASON), 2, "the policy has no stage 'nosuch'"),
        (("fraud@7", *RULE, *REASON), 2, "there is no fraud@7 in the registry"),
        (("fraud@1", *RULE, "--reason", "urgent"), 2, "a reason for a waiver has at least 10 characters\n"),
        (
            ("fraud@1", *RULE, *REASON, "--valid", "31d"),
            2,
            "the policy does not allow a waiver that long\nhelp: pass a shorter --valid\n",
        ),
        (
            ("fraud@1", *RULE),
            2,
            "a waiver names a version, a stage, a rule and a reason\nhelp: modelward waive",
        ),
        (("--cosign", "sha256:" + "0" * 64), 2, "the log holds no waiver sha256:0"),
        (("--cosign", "nonsense"), 2, "not a digest: 'nonsense'"),
    ],
)
def test_a_waiver_that_cannot_be_is_refused(
    large: Company, arguments: tuple[str, ...], code: int, said: str
) -> None:
    size = large.log_size()
    done = large("bob", "waive", *arguments)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(f"error: {said}"), done.err
    assert large.log_size() == size


def test_only_a_waiver_is_cosigned(large: Company) -> None:
    approval = large.ok("bob", "approve", "fraud@1", "--to", "production").out.strip()
    done = large("carol", "waive", "--cosign", approval)
    assert (done.code, done.err) == (2, f"error: the log holds no waiver {approval}\n")


def test_somebody_without_the_role_cannot_waive(large: Company) -> None:
    done = large("sam", "waive", "fraud@1", *RULE, *REASON)
    assert (done.code, done.err) == (1, "error: sam (scanner) may not waive fraud\n")


def test_a_waiver_falls_with_the_policy_it_was_made_for(large: Company) -> None:
    statement = large.ok("bob", "waive", "fraud@1", *RULE, *REASON).out.strip()
    large.ok("ruth", "waive", "--cosign", statement)
    large.policy(POLICY + "\n# another\n")
    large.ok("carol", "approve", "fraud@1", "--to", "production")
    assert large("alice", "promote", "fraud@1", "--to", "production").code == 1
