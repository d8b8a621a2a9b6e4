"""`modelward data custody … -- COMMAND`: the step is run, then checked."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FILTER = """
import csv, sys
rows = list(csv.DictReader(open("raw.csv")))
with open("clean.csv", "w", newline="") as out:
    writer = csv.DictWriter(out, ["text", "label"])
    writer.writeheader()
    writer.writerows(row for row in rows if row["label"] == "ham")
"""


@pytest.fixture
def step(command: Callable[..., Any], here: Path) -> Callable[..., Any]:
    (here / "clean.csv").unlink()

    def run(script: str, *options: str) -> Any:
        (here / "clean.py").write_text(script)
        return command(
            *("data", "custody", "--operation", "filter", "--in", "raw.csv", "--out", "clean.csv"),
            *("--name", "clean", "--statement", "s.jsonl", *options, "--", sys.executable, "clean.py"),
        )

    return run


def test_a_script_is_run_and_what_it_did_is_checked(step: Callable[..., Any], here: Path) -> None:
    done = step(FILTER)
    assert done.code == 0, done.err
    assert "  filter, checked\n  rows  4 in, 3 out, 1 dropped" in done.out
    said = json.loads((here / "s.jsonl").read_text().splitlines()[-1])["predicate"]
    assert [code["name"] for code in said["code"]] == ["clean.py"]
    assert said["parameters"]["command"].endswith("clean.py")
    assert said["environment"]["name"].startswith("packages of cpython 3")
    assert said["tool"]["name"].startswith("python")


def test_a_failing_script_leaves_no_statement_and_passes_its_exit_code_on(
    step: Callable[..., Any], here: Path
) -> None:
    done = step(FILTER + "sys.exit(7)")
    assert done.code == 7
    assert "the command failed with exit code 7; nothing was recorded" in done.err
    assert not (here / "s.jsonl").exists()
    assert not list(here.glob("*.index.parquet"))


def test_a_script_that_smuggles_a_row_in_is_refused_with_the_row(
    step: Callable[..., Any], here: Path
) -> None:
    done = step(FILTER + 'open("clean.csv", "a").write("poison,ham\\r\\n")')
    assert done.code == 1
    assert "clean.csv row 4" in done.err
    assert "text='poison'" in done.err
    assert not (here / "s.jsonl").exists()


def test_a_script_that_changes_its_input_is_refused(step: Callable[..., Any], here: Path) -> None:
    done = step(FILTER + 'open("raw.csv", "a").write("poison,ham\\n")')
    assert done.code == 1
    assert "the input changed while the command ran" in done.err
    assert not (here / "s.jsonl").exists()


def test_what_the_script_did_not_write_is_not_recorded(step: Callable[..., Any], here: Path) -> None:
    (here / "clean.csv").write_text("text,label\nhello,ham\n")
    assert step("pass").code == 2
    done = step("pass", "--overwrite")
    assert done.code == 1
    assert "made no output clean.csv" in done.err
    assert step(FILTER, "--overwrite").code == 0


def test_output_over_input_and_secrets_are_refused(command: Callable[..., Any]) -> None:
    step = ("data", "custody", "--operation", "filter", "--in", "raw.csv", "--name", "x", "--statement", "s")
    done = command(*step, "--out", "raw.csv", "--overwrite", "--", "true")
    assert "overlaps raw.csv" in done.err
    done = command(*step, "--out", "o.csv", "--", "true", "hf_" + "a" * 34)
    assert "looks like a Hugging Face token" in done.err
