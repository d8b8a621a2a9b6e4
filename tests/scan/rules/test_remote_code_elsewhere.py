from __future__ import annotations

from tests.scan.examine import examine

from modelward.core.finding import Verdict


def test_code_of_another_repository() -> None:
    report = examine(b'{"auto_map": {"AutoModel": "evil/repo--modeling.Model"}}', "config.json")
    (finding,) = report.findings
    assert finding.rule == "remote-code-elsewhere"
    assert report.verdict is Verdict.UNVERIFIED


def test_near_miss_code_of_this_repository() -> None:
    report = examine(b'{"auto_map": {"AutoModel": "modeling.Model"}}', "config.json")
    assert [finding.rule for finding in report.findings] == ["remote-code"]
