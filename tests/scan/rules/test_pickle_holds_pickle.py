from __future__ import annotations

from tests.formats.assemble import SHELL, data, number, pickle
from tests.scan.examine import examine, rules

from modelward.core.finding import Verdict


def test_payload_held_as_data_is_named() -> None:
    report = examine(pickle(data(pickle(SHELL))))
    assert report.verdict is Verdict.UNVERIFIED
    (finding,) = report.findings
    assert finding.rule == "pickle-holds-pickle"
    assert finding.expression == "posix.system('id')"
    assert "in bytes" in finding.message


def test_near_miss_data_held_as_data() -> None:
    assert rules(pickle(data(pickle(number(1))))) == []
