from __future__ import annotations

import pytest

from modelward.core.finding import Coverage, Finding, Report, Severity, Verdict

EXAMINED = Coverage("a", "pickle", examined=True)
UNEXAMINED = Coverage("b", "unknown", examined=False, reason="unknown format")


def finding(severity: Severity) -> Finding:
    return Finding("rule", severity, "message", "a")


@pytest.mark.parametrize(
    ("findings", "coverage", "verdict", "code"),
    [
        ([], [EXAMINED], Verdict.CLEAN, 0),
        ([Severity.NOTE], [EXAMINED], Verdict.CLEAN, 0),
        ([], [], Verdict.INCOMPLETE, 2),
        ([], [EXAMINED, UNEXAMINED], Verdict.INCOMPLETE, 2),
        ([Severity.WARNING], [EXAMINED, UNEXAMINED], Verdict.UNVERIFIED, 1),
        ([Severity.ERROR, Severity.WARNING], [UNEXAMINED], Verdict.MALICIOUS, 1),
        ([Severity.ERROR], [], Verdict.MALICIOUS, 1),
    ],
)
def test_worst_wins_and_unexamined_is_not_clean(
    findings: list[Severity], coverage: list[Coverage], verdict: Verdict, code: int
) -> None:
    report = Report(coverage=coverage)
    report.extend(finding(severity) for severity in findings)
    assert report.verdict is verdict
    assert report.verdict.exit_code == code


def test_verdicts_are_listed_worst_first() -> None:
    assert list(Verdict) == [Verdict.MALICIOUS, Verdict.UNVERIFIED, Verdict.INCOMPLETE, Verdict.CLEAN]
