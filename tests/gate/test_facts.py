"""What CEL rules may read."""

from __future__ import annotations

from typing import Any

from tests.gate.case import MODEL, complete, measure, scan

from modelward.attest import predicates as p
from modelward.gate import cel, facts


def build(case: Any) -> list[dict[str, dict[str, Any]]]:
    return facts.build(case.context())


def test_the_facts_of_a_complete_release() -> None:
    (known,) = build(complete())
    assert known["model"] == {"name": "fraud-scorer", "version": 7, "origin": "pushed", "author": "alice"}
    assert known["stage"] == {"name": "production", "sequence": 1}
    assert known["metrics"] == {"f1": 0.95}
    assert known["scan"] == {"verdict": "clean"}
    assert known["data"]["rows"] == known["data"]["datasets"] * 10
    assert known["data"]["licences"] == ["CC-BY-4.0"]
    assert known["approvals"] == {"count": 2}
    assert set(known["files"]) == {"count", "bytes"}


def test_every_namespace_is_one_that_rules_may_name() -> None:
    assert set(build(complete())[0]) == set(cel.NAMESPACES)


def test_there_are_facts_for_each_standing_evaluation() -> None:
    case = complete()
    measure(case, "eve", 0.91)
    assert [known["metrics"]["f1"] for known in build(case)] == [0.95, 0.91]


def test_a_metric_is_a_double_even_where_it_is_whole() -> None:
    case = complete()
    case.drop(p.Evaluation)
    measure(case, "eve", 1)
    (known,) = build(case)
    assert isinstance(known["metrics"]["f1"], float)


def test_the_worst_verdict_counts() -> None:
    case = complete()
    for verdict in ("incomplete", "malicious", "unverified"):
        scan(case, "ci-scan", verdict)
    assert build(case)[0]["scan"]["verdict"] == "malicious"


def test_what_is_not_known_is_absent() -> None:
    case = complete()
    for kind in (p.Version, p.Scan, p.Evaluation, p.Provenance, p.Approval):
        case.drop(kind, MODEL)
    (known,) = build(case)
    assert set(known["model"]) == {"name", "version"}
    assert (known["metrics"], known["scan"], known["files"]) == ({}, {}, {})
    assert "rows" not in known["data"]
    assert cel.missing_fact(["scan.verdict"], known) == "scan.verdict"
