from __future__ import annotations

from tests.formats.test_xgboost import model
from tests.scan.examine import examine, rules, unexamined

from modelward.core.finding import Verdict


def test_old_model_is_clean() -> None:
    assert examine(model(), "m.model").verdict is Verdict.CLEAN


def test_counts_made_to_overflow() -> None:
    assert rules(model(trees=-1), "m.model") == ["header-overflow"]


def test_model_that_breaks_off_is_incomplete() -> None:
    assert unexamined(model()[:-1], "m.model")
