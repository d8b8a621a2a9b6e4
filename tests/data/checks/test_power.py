from tests.data.checks.conftest import Reviews

from modelward.data.checks import run
from modelward.data.checks.power import fewest


def test_fewer_rows_suffice_where_the_behaviour_is_rare() -> None:
    assert fewest(0.001, 1e-8) == 5
    assert fewest(0.5, 1e-8) == 27
    assert fewest(0.9, 1e-8) is None


def test_every_run_says_what_it_could_have_found(clean: Reviews) -> None:
    report = run.check(clean.corpus(), options=run.Options(checks=("association",)))
    assert {each.behaviour for each in report.power} == {"label good", "label bad"}
    assert all(each.rows is not None and 10 < each.rows < 40 for each in report.power)
