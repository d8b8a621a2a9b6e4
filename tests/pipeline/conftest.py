"""A working directory with a recorded dataset and a script that trains on it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.pipeline.ledger import Ledger

from modelward.pipeline import step

TRAIN = """
import pathlib, sys
data, out = map(pathlib.Path, sys.argv[1:3])
out.mkdir(exist_ok=True)
(out / "weights.bin").write_bytes(data.read_bytes()[::-1])
"""


@dataclass
class Workshop:
    """Where steps run: `run` has good defaults, of which tests change one."""

    place: Path
    ledger: Ledger

    @property
    def data(self) -> Path:
        return self.place / "train.csv"

    @property
    def model(self) -> Path:
        return self.place / "model"

    @property
    def python(self) -> list[str]:
        return [sys.executable, "train.py", "train.csv", "model"]

    def script(self, text: str) -> list[str]:
        """A command that runs `text` with the data and the model's directory as arguments."""
        (self.place / "other.py").write_text(text)
        return [sys.executable, "other.py", "train.csv", "model"]

    def run(
        self,
        command: Sequence[str] | None = None,
        inputs: Mapping[str, Path] | None = None,
        outputs: Mapping[str, Path] | None = None,
        code: Sequence[Path] = (),
        **options: Any,
    ) -> step.StepResult:
        return step.run(
            "train",
            self.python if command is None else command,
            {"data": self.data} if inputs is None else inputs,
            {"model": self.model} if outputs is None else outputs,
            code,
            self.ledger,
            **options,
        )


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.csv").write_text("text,label\nhello,0\nwin,1\n")
    (tmp_path / "train.py").write_text(TRAIN)
    ledger = Ledger()
    ledger.data(tmp_path / "train.csv")
    return Workshop(tmp_path, ledger)
