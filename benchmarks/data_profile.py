"""`data profile`: rows a second of one core, by what is asked for, and the peak memory.

Makes a Parquet file of text (default 1,000,000 rows of about 350 bytes in four columns) in a scratch folder:
`python benchmarks/data_profile.py [ROWS]`. Ends with 1 under 30,000 rows a second without near-duplicates.
Needs the extras `data`, `profile` and `toxicity`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

BUDGET = 30_000
#: What is asked for -> the options.
CASES = {
    "all but near-duplicates": ("--no-near",),
    "all": (),
    "all, against 10,000 evaluation rows": ("--against", "eval.parquet"),
}


def main() -> int:
    """Measure, print the table."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        make(folder / "train.parquet", rows, seed=1)
        make(folder / "eval.parquet", 10_000, seed=2)
        size = (folder / "train.parquet").stat().st_size
        print(f"{rows:,} rows, {size / 1e6:,.0f} MB\n")
        print("| | rows/s | seconds | CPU seconds | peak memory, MiB |\n|---|---|---|---|---|")
        rates = {}
        for name, options in CASES.items():
            seconds, cpu, memory = run(folder, options)
            rates[name] = rows / cpu
            print(
                f"| {name} | {rows / seconds:,.0f} | {seconds:.1f} | {cpu:.1f} | {memory:,.0f} |", flush=True
            )
    return 0 if rates["all but near-duplicates"] >= BUDGET else 1


def make(path: Path, rows: int, seed: int) -> None:
    """Text drawn word by word from 20,000 words, as frequent as words are."""
    import numpy
    import pyarrow
    import pyarrow.parquet

    random = numpy.random.Generator(numpy.random.PCG64(seed))
    letters = numpy.array(list("abcdefghijklmnopqrstuvwxyz"))
    words = numpy.array(["".join(random.choice(letters, random.integers(2, 10))) for _ in range(20_000)])
    weights = 1 / numpy.arange(1, len(words) + 1)
    weights /= weights.sum()
    schema = pyarrow.schema([(name, pyarrow.string()) for name in ("id", "text", "label", "source")])
    with pyarrow.parquet.ParquetWriter(path, schema) as writer:
        for start in range(0, rows, 50_000):
            count = min(50_000, rows - start)
            drawn = words[random.choice(len(words), (count, 64), p=weights)]
            table = {
                "id": [f"{seed}-{number}" for number in range(start, start + count)],
                "text": [" ".join(row) for row in drawn],
                "label": random.choice(["yes", "no", "perhaps"], count),
                "source": random.choice(["web", "forum", "mail"], count),
            }
            writer.write_table(pyarrow.table(table, schema))


def run(folder: Path, options: tuple[str, ...]) -> tuple[float, float, float]:
    """Seconds, CPU seconds and MiB of a whole process on one core."""
    command = ["taskset", "-c", "0", sys.executable, "-m", "modelward", "data", "profile", "train.parquet"]
    code = (
        "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL);"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024); sys.exit(done.returncode)"
    )
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, *command, *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    seconds = time.perf_counter() - started
    cpu, memory = map(float, done.stdout.split())
    return seconds, cpu, memory


if __name__ == "__main__":
    sys.exit(main())
