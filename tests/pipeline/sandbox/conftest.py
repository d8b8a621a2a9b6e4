"""A directory with data, a secret and a sandbox; scripts run in it and tell what they could do."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from modelward.pipeline.sandbox import facilities
from modelward.pipeline.sandbox.confined import Confined
from modelward.pipeline.sandbox.job import Job, Options, Outcome


@dataclass
class Cell:
    """Where scripts run. `said` is what the last one printed, `made` what its outputs held."""

    place: Path
    confined: Confined
    said: str = ""
    made: dict[str, str] = field(default_factory=dict)

    def run(
        self,
        script: str,
        *arguments: str,
        inputs: Mapping[str, Path] | None = None,
        outputs: Mapping[str, Path] | None = None,
        code: Sequence[Path] = (),
        **options: Any,
    ) -> Outcome:
        """Run a Python script with `data.csv` as its input and `out` as its output."""
        with tempfile.TemporaryFile() as stdout:
            job = Job(
                [sys.executable, "-c", script, *arguments],
                {"data": Path("data.csv")} if inputs is None else inputs,
                {"out": Path("out")} if outputs is None else outputs,
                code,
                [Path(sys.executable)],
                Options(**options),
                stdout.fileno(),
            )
            with self.confined.running(job) as outcome:
                self.made = {
                    name: path.read_text() for name, path in outcome.outputs.items() if path.is_file()
                }
            stdout.seek(0)
            self.said = stdout.read().decode()
        return outcome

    def attempt(self, expression: str, **given: Any) -> str:
        """What an expression gives in the sandbox, or the name of the error it ends with."""
        script = (
            "import os, sys, socket, ctypes, subprocess\n"
            f"try: print('did', {expression})\nexcept Exception as error: print(type(error).__name__)"
        )
        outcome = self.run(script, **given)
        assert outcome.exit_code == 0, self.said
        return self.said.strip()


@pytest.fixture
def cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cell:
    found = facilities.probe()
    if not found.enforcing:
        pytest.skip(f"skipped: needs a kernel that confines ({found.missing})")
    place = tmp_path / "work"
    place.mkdir()
    monkeypatch.chdir(place)
    (place / "data.csv").write_text("text,label\nhello,0\n")
    (place / "secret.csv").write_text("not declared\n")
    return Cell(place, Confined(found))
