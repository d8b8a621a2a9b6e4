from __future__ import annotations

from tests.scan.examine import examine, rules, unexamined

from modelward.core.finding import Verdict


def test_object_that_fills_the_file_is_clean() -> None:
    data = b"{i\x07learnerSU\x09os.system}"
    report = examine(data, "model.ubj")
    assert report.verdict is Verdict.CLEAN
    assert report.coverage[0].format == "UBJSON"


def test_count_made_to_overflow() -> None:
    assert "header-overflow" in rules(b"{i\x01a[$d#L" + b"\x7f" * 8 + b"}", "model.ubj")


def test_model_that_breaks_off() -> None:
    assert unexamined(b"{i\x07learnerSU\x09os.sys", "model.ubj")


def test_json_is_none() -> None:
    assert examine(b'{"learner": {}}', "model.json").coverage[0].format == "json"
