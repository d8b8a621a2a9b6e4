"""`modelward approve`: what an approval binds, and whose counts."""

from __future__ import annotations

import pytest
from tests.cli.company import POLICY, Company


def test_an_approval_says_what_it_binds(company: Company) -> None:
    company.push()
    done = company("bob", "approve", "fraud@1", "--to", "production", "--comment", "looked at the scan")
    assert done.code == 0
    assert company.masked(done.out) == "sha256:#\n"
    assert company.masked(done.err) == (
        "approved fraud@1 for production by bob, release sha256:#\n"
        "  artifact  dirHash:#   review BOM sha256:#\n"
        "logged as entry 7; good until TIME\n"
    )


def test_without_a_number_the_newest_version_is_meant(company: Company) -> None:
    company.push()
    company.push("next", weights="other")
    assert (
        "approved fraud@2 for production" in company.ok("bob", "approve", "fraud", "--to", "production").err
    )


def test_a_publisher_cannot_approve(company: Company) -> None:
    company.push()
    done = company("alice", "approve", "fraud@1", "--to", "production")
    assert (done.code, done.out, done.err) == (1, "", "error: alice (publisher) may not approve fraud\n")


def test_an_author_with_the_role_of_approver_counts_for_nothing(company: Company) -> None:
    company.join("anna", ("publisher", "approver"))
    company.ok("anna", "push", company.model(), "--model", "fraud")
    company.ok("anna", "approve", "fraud@1", "--to", "production")
    denied = company("anna", "promote", "fraud@1", "--to", "production")
    assert denied.code == 1
    assert "  FAIL  approved        0 of 1\n" in denied.out
    assert "anna does not count: is the author\n" in denied.out


def test_an_author_under_a_second_name_counts_for_nothing(company: Company) -> None:
    company.join("lisa", ("approver",), person="alice")
    company.push()
    company.ok("lisa", "approve", "fraud@1", "--to", "production")
    denied = company("alice", "promote", "fraud@1", "--to", "production")
    assert denied.code == 1
    assert "lisa does not count: is the author\n" in denied.out


def test_one_person_twice_counts_once(company: Company) -> None:
    company.policy(POLICY.replace("check.approved]", "check.approved]\ncount = 2"))
    company.push()
    company.ok("bob", "approve", "fraud@1", "--to", "production")
    company.ok("bob", "approve", "fraud@1", "--to", "production")
    assert "1 of 2" in company("alice", "promote", "fraud@1", "--to", "production").out
    company.ok("carol", "approve", "fraud@1", "--to", "production")
    assert "2 of 2, by bob, carol" in company.ok("alice", "promote", "fraud@1", "--to", "production").out


def test_a_changed_policy_voids_approvals(company: Company) -> None:
    company.push()
    company.ok("bob", "approve", "fraud@1", "--to", "production")
    company.policy(POLICY.replace("1000 bytes", "1 KB"))
    denied = company("alice", "promote", "fraud@1", "--to", "production")
    assert "bob does not count: it approved another policy\n" in denied.out


@pytest.mark.parametrize(
    ("version", "stage", "said"),
    [
        ("fraud@9", "production", "there is no fraud@9 in the registry"),
        ("spam", "production", "there is no spam in the registry"),
        ("fraud@x", "production", "not a version: 'fraud@x'\nhelp: write it as MODEL@NUMBER"),
        ("fraud@0", "production", "not a version: 'fraud@0'"),
        ("fraud@", "production", "not a version: 'fraud@'"),
        ("fraud@1@2", "production", "not a version: 'fraud@1@2'"),
        ("fraud@٣", "production", "not a version: 'fraud@٣'"),
        ("../x@1", "production", "not a name: '../x'"),
        ("fraud@1", "nosuch", "the policy has no stage 'nosuch'\nhelp: stages are dev, production"),
        ("fraud@1", "../..", "the policy has no stage '../..'"),
        ("fraud@1", "\x1b[31m", "the policy has no stage '\\x1b[31m'"),
    ],
)
def test_what_is_not_there_cannot_be_approved(company: Company, version: str, stage: str, said: str) -> None:
    company.push()
    size = company.log_size()
    done = company("bob", "approve", version, "--to", stage)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: {said}"), done.err
    assert company.log_size() == size


@pytest.mark.parametrize(
    ("duration", "said"),
    [
        ("0d", "error: too short a duration: 0d\n"),
        ("999999w", "error: too long a duration: 999999w\n"),
        ("soon", "error: not a duration: 'soon'\nhelp: write it as 90d, 24h, 15m or 30s\n"),
    ],
)
def test_a_duration_that_makes_no_sense_is_refused(company: Company, duration: str, said: str) -> None:
    company.push()
    done = company("bob", "approve", "fraud@1", "--to", "production", "--valid", duration)
    assert (done.code, done.err) == (2, said)
