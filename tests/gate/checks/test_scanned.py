"""scanned: examined by an authorised scanner, with an allowed verdict, lately enough."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.gate.case import POLICY, complete, scan

from modelward.attest import predicates as p
from modelward.attest.predicates.scan import NotExamined

AGED = POLICY.replace(b"check.scanned]\n", b'check.scanned]\nmax-age = "7d"\n')


@pytest.mark.parametrize("verdict", ["malicious", "unverified", "incomplete"])
def test_only_clean_is_clean(verdict: str) -> None:
    case = complete()
    case.drop(p.Scan)
    scan(case, "ci-scan", verdict)
    assert verdict in case.failing()["scanned"]


def test_a_policy_may_allow_incomplete() -> None:
    allowing = POLICY.replace(b"check.scanned]\n", b'check.scanned]\nverdicts = ["clean", "incomplete"]\n')
    case = complete().with_policy(allowing)
    scan(case, "ci-scan", "incomplete")
    assert "scanned" not in case.failing()


def test_an_old_scan_fails() -> None:
    case = complete().with_policy(AGED)
    assert "scanned" not in case.failing()
    case.later = timedelta(days=8)
    assert case.failing()["scanned"] == "the last scan is older than 7d"


def test_a_scan_by_somebody_without_the_role_is_named() -> None:
    case = complete()
    case.drop(p.Scan)
    scan(case, "alice", "clean")
    assert "may not sign" in case.failing()["scanned"]


def test_a_scan_dated_ahead_does_not_stay_fresh() -> None:
    case = complete().with_policy(AGED)
    case.drop(p.Scan)
    scan(case, "ci-scan", "clean", scanned_at="2099-01-01T00:00:00Z")
    assert "dated in the future" in case.failing()["scanned"]


@pytest.mark.parametrize(
    "fields",
    [{"examined": 0}, {"not_examined": (NotExamined(path="blob", reason="unknown format"),)}],
)
def test_clean_by_name_with_something_unexamined_is_not_clean(fields: dict[str, object]) -> None:
    case = complete()
    case.drop(p.Scan)
    scan(case, "ci-scan", "clean", **fields)
    assert "says clean" in case.failing()["scanned"]
