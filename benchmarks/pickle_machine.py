"""Examining large benign pickles beside bare `pickletools.genops`: `python benchmarks/pickle_machine.py`.

Nine pickles of about 920,000 instructions each, of nested lists, tuples, dicts, numbers and texts. Each
in a process of its own that reads a file in turns with `for _ in pickletools.genops(file): pass` and
with the whole of `Examination.examine`, CPU time, the least of five turns each; and in another that only
examines it, for its peak memory. With the modules as they stand, and compiled, where there is a C
compiler. Exit code 1 past a ratio of 1.2 compiled, 3 as they stand, or 60 MiB.
"""

from __future__ import annotations

import json
import os
import pickle
import pickletools
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
COMPILED = ROOT / ".cache" / "benchmark-compiled"
TURNS = 5
BUDGET = {"as it stands": 3.0, "compiled": 1.2}
BUDGET_MIB = 60


def pickles() -> Iterator[tuple[str, bytes]]:
    """What is examined."""
    rows = [[n % 256, (n % 7, n % 11), {"a": n % 256, "key": [1, 2]}, f"s{n % 1000}"] for n in range(38_000)]
    yield "rows, protocol 4", pickle.dumps(rows, 4)
    yield "rows, protocol 2", pickle.dumps(rows, 2)
    yield "rows, protocol 0", pickle.dumps(rows[:30_000], 0)
    yield "small numbers", pickle.dumps([n % 256 for n in range(920_000)], 4)
    yield "tuples of two", pickle.dumps([(n % 256, n % 7) for n in range(230_000)], 4)
    yield "lists of one", pickle.dumps([[n % 200] for n in range(230_000)], 4)
    yield "pairs", pickle.dumps([[n, n * 3] for n in range(150_000)], 4)
    yield "distinct texts", pickle.dumps([f"w{n}" for n in range(460_000)], 4)
    yield "a vocabulary", pickle.dumps({f"w{n}": n % 200 for n in range(306_000)}, 4)


def prepare(form: str) -> None:
    """Choose the form of the machine, before any of it is imported."""
    import modelward.formats.pickle as package
    from modelward.formats.pickle import compiled

    package.__path__[:] = [str(compiled.HERE)]
    if form == "compiled" and not compiled.prefer(package.__path__, COMPILED):
        raise SystemExit("the compiled modules do not load")


def examine(path: str) -> None:
    """Examine a file that must be clean."""
    from modelward.formats.source import FileSource
    from modelward.scan.examination import Examination, Place

    descriptor = os.open(path, os.O_RDONLY)
    try:
        examination = Examination()
        examination.examine(FileSource(descriptor, path), Place("model.pkl", "model.pkl"))
    finally:
        os.close(descriptor)
    if examination.report.findings:
        raise SystemExit(f"{path}: {examination.report.findings[0].message}")


def genops(path: str) -> int:
    """The number of instructions of a file."""
    count = 0
    with open(path, "rb") as file:
        for _ in pickletools.genops(file):
            count += 1
    return count


def bare(path: str) -> None:
    """What it is compared with."""
    with open(path, "rb") as file:
        for _ in pickletools.genops(file):
            pass


def cpu(work: Any, path: str) -> float:
    """The CPU seconds of one turn."""
    start = time.process_time()
    work(path)
    return time.process_time() - start


def child(what: str, form: str, path: str) -> None:
    """One process: the times, or the peak memory."""
    prepare(form)
    if what == "times":
        turns = [(cpu(bare, path), cpu(examine, path)) for _ in range(TURNS)]
        result: Any = [min(turn[0] for turn in turns), min(turn[1] for turn in turns)]
    else:
        examine(path)
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        result = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
    print(json.dumps(result))


def measured(what: str, form: str, path: str) -> Any:
    """What a process of its own finds."""
    command = [sys.executable, __file__, what, form, path]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> int:
    """Measure, print a table, and say whether the budget holds."""
    forms = list(BUDGET)
    if subprocess.run(
        [sys.executable, ROOT / "scripts" / "compile.py", COMPILED], check=False, stdout=-3
    ).returncode:
        forms.remove("compiled")
    past = False
    print("| pickle | instructions | genops s | form | seconds | ratio | peak MiB |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "model.pkl"))
        for name, stream in pickles():
            Path(path).write_bytes(stream)
            count = genops(path)
            for form in forms:
                theirs, ours = measured("times", form, path)
                peak = measured("memory", form, path)
                past |= ours / theirs > BUDGET[form] or peak > BUDGET_MIB
                figures = f"{ours:.3f} | {ours / theirs:.2f} | {peak:.0f}"
                print(f"| {name} | {count:,} | {theirs:.3f} | {form} | {figures} |", flush=True)
    return int(past)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        child(*sys.argv[1:])
    else:
        sys.exit(main())
