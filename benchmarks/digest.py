"""How fast a tree is digested, and in how much memory: `python benchmarks/digest.py`.

2 GB in 1,000 files of very different sizes, read from the page cache. Compared, in turns, with what plain
`hashlib.file_digest` reaches on the same files with as many threads as cores, in order of name and largest
first (the better of the two counts). Needs 2 GB in TMPDIR and 2 GB of free memory. Exit code 1 past
the budgets.
"""

from __future__ import annotations

import hashlib
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from modelward.artifact.hashing import cores, hash_tree

TOTAL_BYTES = 2_000_000_000
FILES = 1000
ROUNDS = 9
OURS = "modelward digest"
MIN_RATIO = 0.95
MAX_MIB = 100
LARGE_FILE_BYTES = 4 << 30

PEAK = (
    "import sys; from pathlib import Path; from modelward.artifact.hashing import digest_of\n"
    "digest_of(sys.argv[1])\n"
    "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])\n"
)


def make_tree(root: Path) -> None:
    """Many small files and a few large ones, as in a checkpoint folder; the same each time."""
    source = random.Random(1)
    weights = [source.lognormvariate(0, 2) for _ in range(FILES)]
    block = source.randbytes(1 << 20)
    for number, weight in enumerate(weights):
        path = root / f"part{number % 20:02}" / f"{number:04}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        left = int(weight / sum(weights) * TOTAL_BYTES)
        with path.open("wb") as stream:
            while left > 0:
                left -= stream.write(block[:left])


def plain(paths: Iterable[Path]) -> int:
    """Hash the files with nothing but hashlib and a thread a core."""

    def hash_one(path: Path) -> str:
        with path.open("rb", buffering=0) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    with ThreadPoolExecutor(cores()) as pool:
        return len(set(pool.map(hash_one, paths)))


def cost(work: Callable[[], object]) -> tuple[float, float]:
    """The wall-clock and the CPU seconds of one run."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def medians(root: Path) -> dict[str, tuple[float, float]]:
    """Contender -> the medians of its wall-clock and CPU seconds; rounds begin with each in turn."""
    by_name = sorted(path for path in root.rglob("*") if path.is_file())
    by_size = sorted(by_name, key=lambda path: path.stat().st_size, reverse=True)
    contenders: dict[str, Callable[[], object]] = {
        OURS: lambda: hash_tree(root),
        "hashlib, by name": lambda: plain(by_name),
        "hashlib, largest first": lambda: plain(by_size),
    }
    plain(by_name)  # into the page cache
    costs: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    order = list(contenders)
    for _ in range(ROUNDS):
        order.append(order.pop(0))
        for name in order:
            costs[name].append(cost(contenders[name]))
    return {
        name: (statistics.median(wall for wall, _ in runs), statistics.median(cpu for _, cpu in runs))
        for name, runs in costs.items()
    }


def peak_mib(path: Path) -> float:
    """The peak resident memory of a process that digests `path`."""
    run = subprocess.run([sys.executable, "-c", PEAK, path], capture_output=True, text=True, check=True)
    return int(run.stdout) / 1024


def main() -> int:
    """Measure, print a table, and say whether the budgets hold."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "tree"
        make_tree(root)
        found = medians(root)
        large = Path(folder) / "large"
        with large.open("wb") as stream:
            stream.truncate(LARGE_FILE_BYTES)
        peaks = peak_mib(root), peak_mib(large)
    print(f"{TOTAL_BYTES / 1e9:.0f} GB in {FILES} files, warm, {cores()} threads, median of {ROUNDS} rounds")
    print(f"load average at the end: {os.getloadavg()[0]:.1f}\n")
    print("| | GB/s | CPU seconds |\n|---|---|---|")
    for name, (wall, cpu) in found.items():
        print(f"| {name} | {TOTAL_BYTES / 1e9 / wall:.2f} | {cpu:.2f} |")
    wall, cpu = found.pop(OURS)
    ratio = min(other for other, _ in found.values()) / wall
    cpu_ratio = min(other for _, other in found.values()) / cpu
    print(f"\nratio to the better hashlib: {ratio:.3f} by the clock, {cpu_ratio:.3f} in CPU")
    print(
        f"peak memory: tree {peaks[0]:.0f} MiB, one file of {LARGE_FILE_BYTES >> 30} GiB {peaks[1]:.0f} MiB"
    )
    print(f"             (budgets: ratio {MIN_RATIO}, memory {MAX_MIB} MiB)")
    return int(ratio < MIN_RATIO or max(peaks) > MAX_MIB)


if __name__ == "__main__":
    sys.exit(main())
