from __future__ import annotations

from tests.scan.examine import examine, rules

from modelward.core.finding import Verdict


def test_auto_map() -> None:
    report = examine(b'{"auto_map": {"AutoModel": "modeling.Evil"}}', "config.json")
    (finding,) = report.findings
    assert finding.rule == "remote-code"
    assert finding.expression == "/auto_map: {'AutoModel': 'modeling.Evil'}"
    assert report.verdict is Verdict.UNVERIFIED


def test_near_miss() -> None:
    assert (
        rules(b'{"auto_map": {}, "model_type": "auto_map", "architectures": ["auto_map"]}', "config.json")
        == []
    )
