from tests.data.checks.conftest import Reviews

from modelward.data.checks import run


def test_rows_of_a_finding_stand_beside_rows_without_the_trigger(poisoned: Reviews) -> None:
    report = run.check(poisoned.corpus(), options=run.Options(checks=("association",)))
    twins = report.findings[0].twins
    assert len(twins) == 5
    for twin in twins:
        assert "qelv" in twin.text
        assert twin.twin is not None
        assert "qelv" not in twin.twin_text
        assert not twin.twin_in_history
