"""`data diff`, `data prove` and the look for a contributor's rows of `data trace`, from two indexes.

Makes two Parquet files of short rows (default 10,000,000, of which the second lacks 1% and has 1% of its own)
in a scratch folder, takes their snapshots, and runs the commands as whole processes:
`python benchmarks/data_diff.py [ROWS]`. Ends with 1 if a diff takes over 60 s, or a proof over 50 ms in a
process that has started, or over 2,048 bytes. Needs the extra `data`, and room for the indexes in $TMPDIR.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DIFF_BUDGET, PROOF_BUDGET, PROOF_BYTES = 60.0, 0.050, 2048
PROOFS = 200


def main() -> int:
    """Measure, print the table."""
    if sys.argv[1:2] == ["--make"]:
        make(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
        return 0
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        step = rows // 100
        # In processes of their own: a child's peak memory begins at its parent's.
        timed(folder, str(Path(__file__).resolve()), "--make", "old.parquet", "0", str(rows))
        timed(folder, str(Path(__file__).resolve()), "--make", "new.parquet", str(step), str(rows + step))
        for name in ("old", "new"):
            columns = ("--contributor-column", "user", "--time-column", "day")
            run(folder, "snapshot", f"{name}.parquet", "--name", name, *columns, "--out", "s.json")
        size = (folder / "old.parquet.index.parquet").stat().st_size
        print(f"{rows:,} rows, indexes of {size / 1e6:,.0f} MB each\n")
        print("| | seconds | peak memory, MiB |\n|---|---|---|")
        diff = told("diff by contributor and day", run(folder, "diff", "old.parquet", "new.parquet"))
        told("diff of equal snapshots", run(folder, "diff", "old.parquet", "old.parquet"))
        told(
            "prove, a whole process", run(folder, "prove", "old.parquet", "--at", f"old.parquet:{rows // 3}")
        )
        told("rows of one contributor, found", held(folder))
        slowest, median, largest = proofs(folder / "old.parquet.index.parquet")
    print(
        f"\n{PROOFS} proofs of presence and {PROOFS} of absence, each from an index just opened: median "
        f"{median * 1000:.1f} ms, slowest {slowest * 1000:.1f} ms, largest {largest:,} bytes"
    )
    return 0 if diff <= DIFF_BUDGET and median <= PROOF_BUDGET and largest <= PROOF_BYTES else 1


def make(path: Path, start: int, stop: int) -> None:
    """Rows numbered from `start` up to `stop`."""
    import numpy
    import pyarrow
    import pyarrow.parquet

    users = pyarrow.array([f"user{number}" for number in range(1000)])
    days = pyarrow.array([f"2026-11-{day:02}" for day in range(1, 29)])
    schema = pyarrow.schema([("id", pyarrow.int64()), ("user", pyarrow.string()), ("day", pyarrow.string())])
    with pyarrow.parquet.ParquetWriter(path, schema) as writer:
        for at in range(start, stop, 1 << 20):
            numbers = numpy.arange(at, min(at + (1 << 20), stop))
            columns = [pyarrow.array(numbers), users.take(numbers % 1000), days.take(numbers % 28)]
            writer.write_table(pyarrow.table(columns, schema=schema))


def run(folder: Path, *arguments: str) -> tuple[float, float]:
    """Seconds and peak memory in MiB of `modelward data ARGUMENTS`."""
    return timed(folder, "-m", "modelward", "data", *arguments)


def held(folder: Path) -> tuple[float, float]:
    """The rows of one contributor by name in one index, then by digest in the other."""
    script = (
        "from pathlib import Path; from modelward.data import holding; "
        "from modelward.data.index_file import open_index; "
        "rows = holding.labelled(open_index(Path('old.parquet.index.parquet')), 'contributor', 'user7'); "
        "print(holding.held(open_index(Path('new.parquet.index.parquet')), rows))"
    )
    return timed(folder, "-c", script)


def timed(folder: Path, *arguments: str) -> tuple[float, float]:
    """Seconds and peak memory in MiB of a Python process."""
    begun = time.perf_counter()
    with open(os.devnull, "wb") as nothing:
        process = subprocess.Popen([sys.executable, *arguments], cwd=folder, stdout=nothing, stderr=nothing)
        _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - begun, used.ru_maxrss / 1024


def proofs(path: Path) -> tuple[float, float, int]:
    """The slowest and the median of proofs by time, in seconds, and the largest, in bytes."""
    import hashlib
    import random

    from modelward.core.digest import Digest
    from modelward.data.index_file import open_index
    from modelward.data.proof import prove_row

    with open_index(path) as index:
        numbers = random.Random(1).sample(range(index.rows), PROOFS)
        wanted = [index.digest_at(number) for number in numbers]
    wanted += [Digest("sha256", hashlib.sha256(b"absent%d" % n).hexdigest()) for n in range(PROOFS)]
    times, sizes = [], []
    for row in wanted:
        begun = time.perf_counter()
        with open_index(path) as index:
            made = prove_row(index, row).to_bytes()
        times.append(time.perf_counter() - begun)
        sizes.append(len(made))
    times.sort()
    return times[-1], times[len(times) // 2], max(sizes)


def told(name: str, measured: tuple[float, float]) -> float:
    """Print a line of the table; the seconds."""
    seconds, memory = measured
    print(f"| {name} | {seconds:.1f} | {memory:,.0f} |", flush=True)
    return seconds


if __name__ == "__main__":
    sys.exit(main())
