"""`modelward data quarantine`: the rows of findings are left out, and nothing else is done."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.data.checks.documents import batch

from modelward.attest.predicates import Custody, Snapshot
from modelward.attest.statement import Statement
from modelward.core.digest import Digest
from modelward.data.checks.document import Document
from modelward.data.snapshot import take


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from modelward.data.checks.corpus import Columns
    from modelward.data.checks.examine import Given, Options, examine

    place = tmp_path_factory.mktemp("quarantine")
    path = batch(place / "batch.csv")
    document = examine(Given(path, take(path, "d")), [], Columns(), Options(checks=("association",))).document
    (place / "r.json").write_bytes(document.to_bytes())
    return place


@pytest.fixture
def checked(made: Path, here: Path) -> Path:
    for name in ("batch.csv", "r.json"):
        shutil.copy(made / name, here)
    return here


PUT = ("data", "quarantine", "batch.csv", "--report", "r.json", "-o", "rest.csv", "--excluded", "out.csv")
NAMED = ("--name", "sft-clean")


def test_the_rows_of_critical_findings_are_left_out(command: Callable[..., Any], checked: Path) -> None:
    done = command(*PUT, *NAMED, "--statement", "s.json")
    assert done.code == 0, done.err
    root = Document.read(checked / "r.json").findings[0].rows_root
    rest = Digest.sha256((checked / "rest.csv").read_bytes())
    assert done.out == (
        f"quarantine of batch.csv ({Digest.sha256((checked / 'batch.csv').read_bytes())})\n"
        "  input batch.csv  900 rows  observed: no signed snapshot\n"
        "  left out    30 rows of 1 finding: out.csv\n"
        f"              set {root}\n"
        f"  kept        870 rows: rest.csv ({rest})\n"
        "statement written to s.json, unsigned\n"
    )
    assert "qelv" not in (checked / "rest.csv").read_text()
    assert (checked / "out.csv").read_text().count("qelv") == 30
    assert "nobody has checked it yet" in done.err
    again = command("data", "check", "rest.csv", "--only", "association")
    assert again.code == 0


def test_custody_proves_that_nothing_else_was_done(command: Callable[..., Any], checked: Path) -> None:
    assert command(*PUT, *NAMED, "--statement", "s.json").code == 0
    snapshot, custody = (
        Statement.from_bytes(line) for line in (checked / "s.json").read_bytes().splitlines()
    )
    said = custody.typed(Custody)
    assert snapshot.subject == custody.subject == Digest.sha256((checked / "rest.csv").read_bytes())
    assert snapshot.typed(Snapshot).rows == 870
    assert (said.operation, said.claim, said.rows.dropped) == ("filter", "checked", 30)
    assert said.dropped is not None
    report = Document.read(checked / "r.json")
    assert report.quarantine is not None
    assert said.dropped.set_root == report.quarantine.set_root
    assert said.findings is not None
    assert said.findings.report == str(Digest.sha256((checked / "r.json").read_bytes()))
    assert report.findings[0].id in said.findings.decision


def test_one_finding_is_left_out_by_its_id(command: Callable[..., Any], checked: Path) -> None:
    short = Document.read(checked / "r.json").findings[0].id[7:17]
    done = command(*PUT, *NAMED, "--statement", "s.json", "--finding", short, "--json")
    found = json.loads(done.out)
    assert (found["kept"]["rows"], found["excluded"]["rows"]) == (870, 30)
    assert take(checked / "out.csv", "out").set_root == Digest.parse(found["excluded"]["setRoot"])


@pytest.mark.parametrize("change", ["rows", "trigger", "rows_root"])
def test_a_report_that_was_changed_takes_no_other_rows_out(
    command: Callable[..., Any], checked: Path, change: str
) -> None:
    report = json.loads((checked / "r.json").read_bytes())
    value = {"rows": [0, 1], "trigger": "other", "rows_root": f"sha256:{'0' * 64}"}[change]
    report["findings"][0][change] = value
    (checked / "r.json").write_text(json.dumps(report))
    done = command(*PUT, *NAMED, "--statement", "s.json")
    assert (done.code, "are not those that it was found in" in done.err) == (1, True)
    assert not list(checked.glob("rest*")) + list(checked.glob("out*"))


def test_a_report_about_other_data_is_refused(command: Callable[..., Any], checked: Path) -> None:
    batch(checked / "batch.csv", seed=7)
    done = command(*PUT, *NAMED, "--statement", "s.json")
    assert (done.code, "the report is about sha256:" in done.err) == (1, True)


def test_a_decision_that_stands_only_in_the_report_quiets_nothing(
    command: Callable[..., Any], checked: Path
) -> None:
    report = json.loads((checked / "r.json").read_bytes())
    report["findings"][0]["decision"] = {"verdict": "benign", "by": "mallory", "reason": "trust me"}
    (checked / "r.json").write_text(json.dumps(report))
    assert command(*PUT, *NAMED, "--statement", "s.json").code == 0
    assert (checked / "out.csv").read_text().count("qelv") == 30


@pytest.mark.parametrize(
    "arguments",
    [
        [*PUT, *NAMED],  # no registry, no --statement
        [*PUT, "--name", "a b", "--statement", "s.json"],
        [*PUT[:-1], "raw.csv", *NAMED, "--statement", "s.json"],  # it is there already
        [*PUT[:-1], "out.jsonl", *NAMED, "--statement", "s.json"],  # another format
        [*PUT[:-1], "rest.csv", *NAMED, "--statement", "s.json"],
        [*PUT[:-1], "nowhere/out.csv", *NAMED, "--statement", "s.json"],
        [*PUT, *NAMED, "--statement", "s.json", "--finding", "0000"],
        [*PUT[:4], "raw.csv", *PUT[5:], *NAMED, "--statement", "s.json"],  # no report
    ],
)
def test_mistakes_are_refused_and_leave_nothing(
    command: Callable[..., Any], checked: Path, arguments: list[str]
) -> None:
    before = sorted(checked.iterdir())
    done = command(*arguments)
    assert done.code == 2, done.out
    assert sorted(checked.iterdir()) == before
