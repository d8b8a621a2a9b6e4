"""The report as a file: what is read back is what was written, or is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from msgspec.structs import replace
from tests.data.checks.documents import ROOT, benign, document, found

from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.data.checks.document import Document, predicate, schema


def test_what_was_written_is_read_back_and_fits_the_schema(tmp_path: Path) -> None:
    made = document(
        found(), found(tier="review", trigger="x", decision=benign()), could_not_tell=("too few",)
    )
    (tmp_path / "r.json").write_bytes(made.to_bytes())
    assert Document.read(tmp_path / "r.json") == made
    jsonschema.Draft202012Validator(json.loads(schema())).validate(json.loads(made.to_bytes()))


@pytest.mark.parametrize(
    "change",
    [
        {"format": "modelward-data-check/2"},
        {"more": 1},
        {"findings": [{"id": "x"}]},
        {"exit_code": 3},
        {"scores": ["nan"]},
    ],
)
def test_what_is_no_report_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    (tmp_path / "r.json").write_text(json.dumps(json.loads(document().to_bytes()) | change))
    with pytest.raises(InputError, match="not a report of data check"):
        Document.read(tmp_path / "r.json")


@pytest.mark.parametrize("data", [b"", b"[" * 100_000, b'{"a":1,"a":2}', b"\xff", b'{"level": NaN}'])
def test_hostile_bytes_are_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "r.json").write_bytes(data)
    with pytest.raises(InputError):
        Document.read(tmp_path / "r.json")
    with pytest.raises(InputError, match="cannot be read"):
        Document.read(tmp_path / "missing.json")


@pytest.mark.parametrize(
    ("findings", "told", "expected"),
    [
        ((), (), ("nothing-found", 0)),
        ((), ("too few rows",), ("cannot-tell", 2)),
        ((found(),), ("too few rows",), ("findings", 1)),
        ((found(tier="review"),), (), ("findings", 1)),
        ((found(tier="information"),), (), ("nothing-found", 0)),
        ((found(decision=benign()),), (), ("nothing-found", 0)),
        ((found(decision=replace(benign(), verdict="unsure")),), (), ("findings", 1)),
    ],
)
def test_the_exit_code_is_what_is_left_to_do(findings: Any, told: Any, expected: tuple[str, int]) -> None:
    made = document(*findings, could_not_tell=told)
    assert (made.verdict, made.exit_code) == expected


def test_a_finding_is_named_by_the_beginning_of_its_id() -> None:
    one, other = found(), found(trigger="other")
    made = document(one, other)
    assert made.finding(one.id) == made.finding(one.id[7:19]) == one
    for text in ("", "sha256:", "zz"):
        with pytest.raises(InputError, match="no such finding"):
            made.finding(text)


def test_the_statement_holds_no_word_of_the_data_unless_it_is_disclosed() -> None:
    made = document(found(), found(tier="information", trigger="other"))
    said = predicate(made, "sft", ROOT)
    assert "openai" not in json.dumps(said)
    assert (said["critical"], said["review"], said["information"], len(said["findings"])) == (1, 0, 1, 1)
    assert said["power"] == [{"check": "association", "behaviours": 3, "never": 1, "least": 6, "most": 12}]
    assert "openai" in json.dumps(predicate(made, "sft", ROOT, disclose=True))


def test_the_statement_is_one_that_the_log_takes() -> None:
    from modelward.attest.predicates import DataCheck
    from modelward.attest.statement import Statement

    said = predicate(document(found(), found(tier="review")), "sft", ROOT) | {
        "checkedAt": "2026-11-23T09:14:00Z"
    }
    statement = Statement("batch.jsonl", Digest.sha256(b"batch"), DataCheck.TYPE, said)
    assert statement.typed(DataCheck).findings[0].id == found().id
