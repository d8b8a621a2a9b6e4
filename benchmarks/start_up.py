"""What it costs to start the command: `python benchmarks/start_up.py`.

CPU time (user and system) of whole processes, the median of many; an empty Python for comparison. Exit code 1
past the budget.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys

BUDGET_MS = 150
RUNS = 15
COMMANDS = (
    ("-c", "pass"),
    ("-m", "modelward", "--help"),
    ("-m", "modelward", "verify", "--help"),
)


def cpu() -> float:
    """Seconds that finished children have used."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(arguments: tuple[str, ...]) -> float:
    """The median CPU milliseconds of `python ARGUMENTS`, without the first run, which fills caches."""
    times = []
    for _ in range(RUNS + 1):
        before = cpu()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        times.append(cpu() - before)
    return statistics.median(times[1:]) * 1000


def main() -> int:
    """Measure, print, and say whether the budget holds."""
    worst = 0.0
    for arguments in COMMANDS:
        milliseconds = measure(arguments)
        worst = max(worst, milliseconds)
        print(f"{milliseconds:6.0f} ms CPU  python {' '.join(arguments)}")
    print(f"{BUDGET_MS:6} ms CPU  budget")
    return int(worst > BUDGET_MS)


if __name__ == "__main__":
    sys.exit(main())
