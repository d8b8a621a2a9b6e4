"""What it costs to start the command: `python benchmarks/start_up.py`.

CPU time (user and system) of whole processes, the median of many; an empty Python for comparison. Exit code 1
past the budget.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = 15
#: A file to scan: an empty dictionary, as a pickle.
SMALL = b"\x80\x04}."
#: Command -> its budget in milliseconds.
COMMANDS = {
    ("-c", "pass"): 150,
    ("-m", "modelward", "--help"): 150,
    ("-m", "modelward", "verify", "--help"): 150,
    ("-m", "modelward", "scan", "small.pkl"): 200,
}


def cpu() -> float:
    """Seconds that finished children have used."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(arguments: tuple[str, ...], folder: str) -> float:
    """The median CPU milliseconds of `python ARGUMENTS`, without the first run, which fills caches."""
    times = []
    for _ in range(RUNS + 1):
        before = cpu()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, cwd=folder)
        times.append(cpu() - before)
    return statistics.median(times[1:]) * 1000


def main() -> int:
    """Measure, print, and say whether the budget holds."""
    past = False
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "small.pkl").write_bytes(SMALL)
        for arguments, budget in COMMANDS.items():
            milliseconds = measure(arguments, folder)
            past = past or milliseconds > budget
            print(f"{milliseconds:6.0f} ms CPU of {budget}  python {' '.join(arguments)}")
    return int(past)


if __name__ == "__main__":
    sys.exit(main())
