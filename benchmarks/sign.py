"""Signing and verifying a model beside the reference package: `python benchmarks/sign.py [--size GB]`.

Makes a tree of 6 large and 1,000 small files, and runs `modelward sign` and `modelward verify --signature`
against `model_signing sign key` and `verify key` on it: the same key and files, whole processes, warm
cache, one after the other in turn. Both run from compiled bytecode, as installed programs do. Prints the
medians and, turn by turn, how many times as fast modelward is (median); --table also writes them to a
Markdown file. Exit code 1 below the target.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TARGET = 1.4
RUNS = 7
LARGE, SMALL, SMALL_BYTES = 6, 1000, 200_000


def make_tree(root: Path, total: int) -> None:
    """LARGE files of equal size and SMALL small ones, `total` bytes in all."""
    block = os.urandom(1 << 20)
    each = (total - SMALL * SMALL_BYTES) // LARGE
    for number in range(LARGE):
        path = root / f"model-{number + 1:05}-of-{LARGE:05}.safetensors"
        with path.open("wb") as stream:
            for offset in range(0, each, len(block)):
                stream.write(number.to_bytes(1, "big") + block[1 : min(len(block), each - offset)])
    for number in range(SMALL):
        path = root / "shards" / f"{number % 25:02}" / f"{number:04}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(number.to_bytes(4, "big") + block[: SMALL_BYTES - 4])


def commands(root: Path, model: Path) -> dict[str, dict[str, list[str]]]:
    """Task -> program -> command line."""
    python, key, public = sys.executable, str(root / "key.pem"), str(root / "key.pub")
    ours, theirs = str(root / "ours.sig"), str(root / "theirs.sig")
    modelward, reference = [python, "-m", "modelward"], [python, "-m", "model_signing"]
    sign = [*modelward, "sign", str(model), "--key", key, "--output", ours, "--force"]
    verify = [*modelward, "verify", str(model), "--signature", ours, "--key", public]
    their_sign = [*reference, "sign", "key", str(model), "--private_key", key, "--signature", theirs]
    their_verify = [*reference, "verify", "key", str(model), "--public_key", public, "--signature", theirs]
    return {
        "sign": {"modelward": sign, "model_signing": their_sign},
        "verify": {"modelward": verify, "model_signing": their_verify},
    }


def timed(command: list[str], bytecode: Path) -> float:
    """Wall-clock seconds of one process, which must succeed. Its bytecode is kept in `bytecode`."""
    environment = os.environ | {"PYTHONPYCACHEPREFIX": str(bytecode)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    begin = time.perf_counter()
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begin


def compare(programs: dict[str, list[str]], runs: int, bytecode: Path) -> dict[str, list[float]]:
    """Seconds of each program, taken in turns; the first turn only warms up."""
    times: dict[str, list[float]] = {name: [] for name in programs}
    for turn in range(runs + 1):
        for name, command in programs.items():
            seconds = timed(command, bytecode)
            if turn:
                times[name].append(seconds)
    return times


def main() -> int:
    """Measure, print, and say whether the target is met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", type=float, default=2.0, help="GB of files (default 2.0)")
    parser.add_argument("--runs", type=int, default=RUNS, help=f"turns that count (default {RUNS})")
    parser.add_argument("--table", type=Path, help="also write a Markdown table here")
    options = parser.parse_args()
    if importlib.util.find_spec("model_signing") is None:
        print("skipped: needs model-signing and pyOpenSSL")
        return 0
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        model = root / "model"
        model.mkdir()
        make_tree(model, int(options.size * 1e9))
        new = [sys.executable, "-m", "modelward", "key", "new", "--no-passphrase"]
        subprocess.run([*new, "--out", str(root / "key.pem")], check=True, stdout=subprocess.DEVNULL)
        results = {
            task: compare(programs, options.runs, root / "bytecode")
            for task, programs in commands(root, model).items()
        }
    rows = [
        f"{options.size} GB in {LARGE + SMALL} files, {os.cpu_count()} cores; median (range)",
        "",
        "| task | modelward | model_signing | times as fast |",
        "| --- | --- | --- | --- |",
    ]
    worst = float("inf")
    for task, times in results.items():
        cells = [
            f"{statistics.median(each):.2f} s ({min(each):.2f} to {max(each):.2f})" for each in times.values()
        ]
        pairs = zip(times["model_signing"], times["modelward"], strict=True)
        ratio = statistics.median(theirs / ours for theirs, ours in pairs)
        worst = min(worst, ratio)
        rows.append(f"| {task} | {' | '.join(cells)} | {ratio:.2f} |")
    print("\n".join(rows))
    print(f"target: {TARGET} times as fast")
    if options.table:
        options.table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return int(worst < TARGET)


if __name__ == "__main__":
    sys.exit(main())
