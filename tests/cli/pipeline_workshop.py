"""A registry, recorded datasets and a script that trains, all made by the commands themselves."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TRAIN = """
import os, sys
os.makedirs(sys.argv[2])
with open(os.path.join(sys.argv[2], "weights.npz"), "wb") as stream:
    stream.write(open(sys.argv[1], "rb").read()[::-1])
print("trained")
"""
TRAINING = [sys.executable, "train.py", "train.csv", "model"]


@dataclass
class Bench:
    """Where the commands run."""

    command: Callable[..., Any]
    place: Path

    def set_up(self) -> None:
        (self.place / "train.csv").write_text("text,label\nhello,0\nwin,1\n")
        (self.place / "test.csv").write_text("text,label\nother,0\n")
        (self.place / "train.py").write_text(TRAIN)
        self.ok("init", "registry", "--no-passphrase", "--as", "alice")
        for name in ("train", "test"):
            self.ok("data", "snapshot", f"{name}.csv", "--name", name)
            collected = [
                "--operation",
                "collect",
                "--source",
                "https://data.example/spam",
                "--licence",
                "MIT",
            ]
            self.ok("data", "custody", *collected, "--out", f"{name}.csv", "--name", name)

    def ok(self, *arguments: object) -> Any:
        done = self.command(*arguments)
        assert done.code == 0, done.err
        return done

    def train(self, *options: object, command: list[str] | None = None) -> Any:
        given = ["--in", "data=train.csv", "--out", "model=model", *options]
        return self.command("run", "train", *given, "--", *(command or TRAINING))
