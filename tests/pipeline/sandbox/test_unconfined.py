"""Without a sandbox the command runs as any other, and the record says so."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from modelward.pipeline.sandbox.job import Job, Options
from modelward.pipeline.sandbox.unconfined import Unconfined


def test_command_runs_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KEPT", "yes")
    script = "import os; open('out', 'w').write(os.environ['KEPT'] + os.environ['GIVEN'])"
    job = Job(
        [sys.executable, "-c", script], outputs={"out": Path("out")}, options=Options(secrets={"GIVEN": "!"})
    )
    with Unconfined().running(job) as outcome:
        assert outcome.outputs == {"out": Path("out")}
    assert (outcome.exit_code, outcome.recorded) == (0, {"sandbox": "none"})
    assert (tmp_path / "out").read_text() == "yes!"


def test_program_that_is_asked_does_not_get_the_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELWARD_PASSPHRASE", "correct-horse")
    answer = Unconfined().ask([sys.executable, "-c", "import os; print(dict(os.environ))"])
    assert answer is not None
    assert "correct-horse" not in answer


def test_program_that_fails_has_no_answer() -> None:
    assert Unconfined().ask([sys.executable, "-c", "raise SystemExit(1)"]) is None
