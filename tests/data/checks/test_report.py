from modelward.data.checks.report import CheckReport, Finding, Outcome, Tier


def finding(tier: Tier, rows: tuple[int, ...], score: float) -> Finding:
    return Finding("association", tier, "cf", "label 1", rows, n=9, k=9, score=score)


def test_critical_findings_come_first_and_rows_have_their_score() -> None:
    one, two = finding(Tier.REVIEW, (11,), 9.0), finding(Tier.CRITICAL, (10, 12), 4.0)
    report = CheckReport.gathered(3, [Outcome([one]), Outcome([two], [0.5, 0.25, 0.0])], [10, 11, 12])
    assert report.findings == [two, one]
    assert list(report.row_scores) == [4.0, 9.0, 4.0]
    assert report.quarantined() == (10, 12)
    assert report.of(Tier.REVIEW) == [one]


def test_information_asks_for_nothing_but_what_could_not_be_told_does() -> None:
    assert CheckReport.gathered(1, [Outcome([finding(Tier.INFORMATION, (0,), 0.5)])]).exit_code == 0
    assert CheckReport.gathered(1, [Outcome(could_not_tell=["too small"])]).exit_code == 2
    assert CheckReport.gathered(1, [Outcome([finding(Tier.REVIEW, (0,), 5.0)])]).exit_code == 1
