from __future__ import annotations

from tests.formats.assemble import SHELL, Zip, pickle
from tests.formats.test_catboost import model
from tests.scan.examine import examine, rules, unexamined

from modelward.core.finding import Verdict


def test_model_is_clean() -> None:
    assert examine(model(rest=b"static ctr provider"), "m.cbm").verdict is Verdict.CLEAN


def test_archive_after_a_model_is_found() -> None:
    data = model() + Zip().add("a.pkl", pickle(SHELL)).bytes()
    assert "pickle-unsafe-call" in rules(data, "m.cbm")


def test_model_that_breaks_off_is_incomplete() -> None:
    assert unexamined(model(size=4000), "m.cbm")
