"""What `modelward run` costs over the bare command: `python benchmarks/run.py [--seconds 20] [--size GB]`.

The step reads a file, computes for the given time and writes outputs of the given size; a second one opens
many small files, the worst case for the observer. Bare and confined runs take turns, as whole processes of
the step alone (no registry); hashing of the outputs is timed by itself. Prints medians and the overhead; exit
code 1 over the ceiling.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from modelward.artifact.hashing import digest_of
from modelward.pipeline.sandbox import facilities
from modelward.pipeline.sandbox.confined import Confined
from modelward.pipeline.sandbox.job import Job

CEILING, GOAL = 0.08, 0.02

TRAIN = """
import hashlib, os, sys
rounds, size = int(sys.argv[1]), int(sys.argv[2])
state = open("data.bin", "rb").read()
for _ in range(rounds):
    state = hashlib.pbkdf2_hmac("sha256", state, b"step", 20_000)
os.makedirs("model")
block = os.urandom(1 << 20)
with open("model/weights", "wb") as stream:
    for _ in range(size >> 20):
        stream.write(block)
"""
OPEN = """
import os
os.makedirs("model")
for _ in range(10):
    for number in range(1000):
        open(f"rows/{number}", "rb").read()
open("model/done", "w").write("done")
"""


def rounds_for(seconds: float) -> int:
    """How many rounds of the training loop take about `seconds` here."""
    import hashlib

    started = time.perf_counter()
    for _ in range(20):
        hashlib.pbkdf2_hmac("sha256", b"state", b"step", 20_000)
    return max(1, int(seconds / ((time.perf_counter() - started) / 20)))


def bare(command: list[str]) -> float:
    """Seconds of the command alone."""
    started = time.perf_counter()
    subprocess.run(command, check=True)
    taken = time.perf_counter() - started
    subprocess.run(["rm", "-r", "model"], check=True)
    return taken


def confined(command: list[str], inputs: dict[str, Path]) -> tuple[float, float]:
    """Seconds of the confined command with all set-up and tear-down, and of hashing its outputs."""
    job = Job(command, inputs, {"model": Path("model")}, [Path("step.py")], [Path(sys.executable)])
    started = time.perf_counter()
    with Confined(facilities.probe()).running(job) as outcome:
        if outcome.exit_code:
            raise SystemExit("the step failed")
        ran = time.perf_counter()
        digest_of(outcome.outputs["model"])
        hashed = time.perf_counter()
    return time.perf_counter() - started - (hashed - ran), hashed - ran


def measure(name: str, command: list[str], inputs: dict[str, Path], runs: int) -> float:
    """Print a line and return the overhead as a share."""
    pairs = [(bare(command), confined(command, inputs)) for _ in range(runs)]
    alone = statistics.median(one for one, _ in pairs)
    within = statistics.median(one for _, (one, _) in pairs)
    hashing = statistics.median(one for _, (_, one) in pairs)
    overhead = statistics.median(one / other for other, (one, _) in pairs) - 1
    print(f"{name:28} bare {alone:6.2f} s  confined {within:6.2f} s  overhead {overhead:6.1%}", end="")
    print(f"  hashing {hashing:.2f} s")
    return overhead


def main() -> int:
    """Measure both steps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--size", type=float, default=1.0, help="outputs, in GB")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as place:
        os.chdir(place)
        Path("data.bin").write_bytes(os.urandom(1 << 20))
        Path("step.py").write_text(TRAIN)
        command = [
            sys.executable,
            "step.py",
            str(rounds_for(given.seconds)),
            str(int(given.size * (1 << 30))),
        ]
        overhead = measure(
            f"step of {given.seconds:.0f} s, {given.size:g} GB",
            command,
            {"data": Path("data.bin")},
            given.runs,
        )
        Path("rows").mkdir()
        for number in range(1000):
            Path(f"rows/{number}").write_bytes(b"row")
        Path("step.py").write_text(OPEN)
        measure("10,000 files opened", [sys.executable, "step.py"], {"rows": Path("rows")}, given.runs)
    print(f"overhead {overhead:.1%}: ceiling {CEILING:.0%}, goal {GOAL:.0%}")
    return int(overhead > CEILING)


if __name__ == "__main__":
    sys.exit(main())
