"""`modelward data check`: a steward gates a batch."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.data.checks.documents import batch

from modelward.attest.predicates import ContributorState, DataCheck
from modelward.attest.statement import Statement
from modelward.core.digest import Digest
from modelward.data.checks.document import Document

ONLY = ("--only", "association")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("batches")
    batch(place / "batch.csv")
    batch(place / "past.csv", 0, 900, 2)
    batch(place / "clean.csv", 0, 900, 3)
    return place


@pytest.fixture
def batches(made: Path, here: Path) -> Path:
    shutil.copytree(made, here, dirs_exist_ok=True)
    return here


def test_a_trigger_is_named_with_its_rows_and_what_to_do(command: Callable[..., Any], batches: Path) -> None:
    done = command("data", "check", "batch.csv", "--history", "past.csv", *ONLY)
    assert done.code == 1
    lines = done.out.splitlines()
    assert "critical[association]: qelv -> label good" in lines
    assert "  by          mallory 30" in lines
    assert "  seen        2026-11-20 to 2026-11-20" in lines
    assert any(line.startswith("  detectable  association: from ") for line in lines)
    assert lines[-1] == "result: findings: 1 critical, 0 to review; 30 rows of critical findings"
    assert "help: modelward data quarantine batch.csv --report FILE" in done.err


def test_clean_data_is_0_and_too_little_to_tell_is_2(command: Callable[..., Any], batches: Path) -> None:
    done = command("data", "check", "clean.csv", "--history", "past.csv", *ONLY)
    assert done.code == 0, done.out
    assert done.out.endswith("result: nothing found: 0 critical, 0 to review\n")
    (batches / "texts.csv").write_text("text\none\ntwo\n")
    done = command("data", "check", "texts.csv", *ONLY)
    assert done.code == 2
    assert "cannot tell: association: there are no labels and no outputs to test\n" in done.out


def test_the_report_is_the_same_object_in_file_and_on_stdout(
    command: Callable[..., Any], batches: Path
) -> None:
    done = command("data", "check", "batch.csv", *ONLY, "--json", "--report", "r.json", "--html", "r.html")
    assert done.code == 1
    assert done.out == (batches / "r.json").read_text()
    assert Document.read(batches / "r.json").verdict == "findings"
    assert (batches / "r.html").read_text().startswith("<!doctype html>")
    sarif = json.loads(command("data", "check", "batch.csv", *ONLY, "--format", "sarif").out)
    assert sarif["runs"][0]["results"][0]["ruleId"] == "association"


def test_columns_are_named_where_their_names_do_not_say(command: Callable[..., Any], batches: Path) -> None:
    text = (batches / "batch.csv").read_text().replace("text,label,contributor,time", "a,b,c,d", 1)
    (batches / "odd.csv").write_text(text)
    columns = (
        "--input-column",
        "a",
        "--label-column",
        "b",
        "--contributor-column",
        "c",
        "--time-column",
        "d",
    )
    found = json.loads(command("data", "check", "odd.csv", *columns, *ONLY, "--json").out)["findings"][0]
    assert (found["trigger"], found["contributors"][0]["name"]) == ("qelv", "mallory")
    done = command("data", "check", "odd.csv", "--input-column", "z")
    assert (done.code, "no column 'z'" in done.err) == (2, True)


def test_an_index_names_the_data_beside_it_and_must_fit_it(
    command: Callable[..., Any], registry: None, batches: Path
) -> None:
    assert command("data", "snapshot", "past.csv", "--name", "past").code == 0
    done = command("data", "check", "batch.csv", "--history", "past.csv.index.parquet", *ONLY)
    assert done.code == 1
    assert "900 rows of past.csv" in done.out
    assert "snapshot signed by dora" in done.out
    batch(batches / "past.csv", 0, 900, 9)
    done = command("data", "check", "batch.csv", "--history", "past.csv.index.parquet", *ONLY)
    assert done.code == 1
    assert "past.csv is not what dora recorded" in done.err
    (batches / "past.csv").unlink()
    done = command("data", "check", "batch.csv", "--history", "past.csv.index.parquet", *ONLY)
    assert "the data is not beside its index" in done.err


def test_the_result_is_signed_about_the_very_bytes_and_names_its_report(
    command: Callable[..., Any], registry: None, batches: Path
) -> None:
    done = command(
        "data", "check", "batch.csv", "--history", "past.csv", *ONLY, "--name", "sft", "--out", "s.json"
    )
    assert done.code == 1
    statement = Statement.from_bytes((batches / "s.json").read_bytes())
    said = statement.typed(DataCheck)
    assert statement.subject == Digest.sha256((batches / "batch.csv").read_bytes())
    assert said.report == str(Digest.sha256((batches / "batch.csv.check.json").read_bytes()))
    assert (said.critical, said.findings[0].rows, said.history[0].rows) == (1, 30, 900)
    assert said.quarantine_root == said.findings[0].rows_root
    assert b"qelv" not in (batches / "s.json").read_bytes()
    published = command("data", "check", "batch.csv", *ONLY, "--name", "sft", "--disclose")
    assert "log entry" in published.err


def test_a_feed_is_known_from_batch_to_batch(
    command: Callable[..., Any], registry: None, batches: Path
) -> None:
    feed = ("--feed", "forum", "--state", "forum.state", "--only", "contributors")
    first = command("data", "check", "clean.csv", *feed)
    assert "log entry" in first.err, first.err
    state = (batches / "forum.state").read_bytes()
    again = command("data", "check", "clean.csv", *feed)
    assert (again.code, "this batch is in the state of forum already" in again.err) == (1, True)
    assert "log entry" in command("data", "check", "past.csv", *feed).err
    assert (batches / "forum.state").read_bytes() != state
    (batches / "forum.state").write_bytes(state)  # the state of yesterday forgets what was seen since
    done = command("data", "check", "batch.csv", *feed)
    assert done.code == 1
    assert "it is not the state that was recorded after batch 2 of forum" in done.err


def test_a_state_names_the_one_before_it(command: Callable[..., Any], batches: Path) -> None:
    feed = ("--feed", "forum", "--state", "forum.state", "--only", "contributors", "--name", "n")
    assert command("data", "check", "clean.csv", *feed, "--out", "one.json").code == 0
    first = (batches / "forum.state").read_bytes()
    command("data", "check", "past.csv", *feed, "--out", "two.json")
    _, line = (batches / "two.json").read_bytes().splitlines()
    said = Statement.from_bytes(line).typed(ContributorState)
    assert said.former == str(Digest.sha256(first))
    assert said.contributors == 20


def test_checks_are_explained(command: Callable[..., Any]) -> None:
    done = command("data", "check", "--explain", "association")
    assert done.code == 0
    assert done.out.startswith("association, version ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["missing.csv"],
        ["batch.csv", "--only", "other"],
        ["batch.csv", "--out", "s.json"],
        ["batch.csv", "--disclose"],
        ["batch.csv", "--name", "a b", "--out", "s.json"],
        ["batch.csv", "--name", "sft"],  # no registry, no --out
        ["batch.csv", "--history", "batch.csv", "--only", "association"],
        ["batch.csv", "--feed", "forum"],
        ["batch.csv", "--level", "0"],
        ["batch.csv.index.parquet"],
        ["batch.csv", "--only", "association", "--html", "."],
        ["--explain", "other"],
    ],
)
def test_mistakes_are_refused_and_leave_nothing(
    command: Callable[..., Any], batches: Path, arguments: list[str]
) -> None:
    before = sorted(batches.iterdir())
    done = command("data", "check", *arguments)
    assert done.code == 2
    assert "rror: " in done.err
    assert sorted(batches.iterdir()) == before
