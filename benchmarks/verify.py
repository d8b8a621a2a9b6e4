"""What it costs to verify a small model before serving it: `python benchmarks/verify.py`.

Makes a registry, a model of 21 files and 2 MB with ten approvals, and a release of it, by the commands that a
user would give; then runs `modelward verify` as whole processes, from compiled bytecode, and prints the
median CPU time (user and system) and wall-clock time. An empty Python for comparison. Exit code 1 past the
budget.
"""

from __future__ import annotations

import compileall
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import modelward

BUDGET_MS = 250
RUNS = 21
FILES, FILE_BYTES, APPROVALS = 20, 100_000, 10
JUDGED = FIRST, LATER = "modelward verify, first time", "modelward verify, later"
PLACE = "fraud:production"


class Release:
    """A released model in `place`, made with the command line."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.environment = os.environ | {"MODELWARD_HOME": str(place / "home")}
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.model = place / "model"
        self.model.mkdir()
        source = random.Random(1)
        for number in range(FILES):
            (self.model / f"part{number:02}.bin").write_bytes(source.randbytes(FILE_BYTES))
        (self.model / "config.json").write_text("{}")
        self.run("init", "registry", "--policy", "observe", "--as", "alice", "--no-passphrase")
        self.run("push", "model", "--model", "fraud")
        for _ in range(APPROVALS):
            self.run("approve", "fraud@1", "--to", "production")
        self.run("promote", "fraud@1", "--to", "production")
        self.pin = self.run("key", "root").strip()
        self.bundle = place / "release.json"
        self.bundle.write_bytes((place / "registry" / "releases" / "fraud" / "production.json").read_bytes())

    def run(self, *arguments: str) -> str:
        """The standard output of one command."""
        command = [sys.executable, "-m", "modelward", *arguments]
        done = subprocess.run(
            command, cwd=self.place, env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def verify(self, *options: str) -> tuple[str, ...]:
        """The arguments of a verification."""
        what = ("verify", str(self.model), "--for", PLACE, "--bundle", str(self.bundle), "--root", self.pin)
        return ("-m", "modelward", *what, *options)


def cost(arguments: tuple[str, ...], environment: dict[str, str]) -> tuple[float, float]:
    """CPU and wall-clock milliseconds of one `python ARGUMENTS`, which must succeed."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, env=environment, capture_output=True)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000, wall * 1000


def main() -> int:
    """Measure, print a table, and say whether the budget holds."""
    compileall.compile_dir(Path(modelward.__file__).parent, quiet=2)
    with tempfile.TemporaryDirectory() as folder:
        release = Release(Path(folder))
        cases = {
            "an empty Python": ("-c", "pass"),
            FIRST: release.verify("--state", str(release.place / "first.json")),
            LATER: release.verify(),
            "modelward verify --recheck": release.verify("--recheck"),
        }
        costs: dict[str, list[tuple[float, float]]] = {name: [] for name in cases}
        for turn in range(RUNS + 1):
            for name, arguments in cases.items():
                (release.place / "first.json").unlink(missing_ok=True)
                spent = cost(arguments, release.environment)
                if turn:  # the first fills caches
                    costs[name].append(spent)
        size = release.bundle.stat().st_size
    print(
        f"{FILES + 1} files, {FILES * FILE_BYTES / 1e6:.0f} MB, release bundle {size / 1e3:.0f} kB; ", end=""
    )
    print(f"median of {RUNS} runs; load average {os.getloadavg()[0]:.1f}\n")
    print("| | CPU ms | ms by the clock |\n|---|---|---|")
    for name, runs in costs.items():
        cpu, wall = (statistics.median(column) for column in zip(*runs, strict=True))
        print(f"| {name} | {cpu:.0f} | {wall:.0f} |")
    worst = max(statistics.median(cpu for cpu, _ in costs[name]) for name in JUDGED)
    print(f"\nbudget: {BUDGET_MS} ms of CPU, first time and later")
    return int(worst > BUDGET_MS)


if __name__ == "__main__":
    sys.exit(main())
