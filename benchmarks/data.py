"""How fast a dataset is snapshotted and verified, in how much memory: `python benchmarks/data.py [--rows N]`.

Makes a Parquet file of four text columns (420 bytes a row, default 1,000,000 rows in row groups of 131,072),
and runs, each in processes of its own: a snapshot by one process and by two; its verification, unchanged,
with one cell changed and in eight shards; a snapshot again after one of eight shards changed; a snapshot by a
Dask cluster of two workers. Memory is the peak of what all processes of a run hold together (Pss).

Two processes can at best do what the machine's two cores do: so plain hashing by one and by two processes is
measured beside it. On a busy machine the clock scatters: read the CPU column. Diffs and proofs of ten million
rows are in data_diff.py. Ends with 1 past a budget. Needs `data` and `cluster`, 1.5 GB in $TMPDIR.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

MIN_ROWS_A_SECOND, MAX_MIB, MIN_SPEEDUP, MAX_VERIFY, MAX_AGAIN = 150_000, 1024, 1.7, 1.25, 0.8
#: Of what two processes gain over one in plain hashing, so much the snapshot must gain at least.
MIN_SHARE = 0.85
SHARDS = 8

TAKE = (
    "import sys; from pathlib import Path; from modelward.data.engine import connect\n"
    "from modelward.data.index_file import open_index; from modelward.data.snapshot import take\n"
    "data, place, engine, *former = sys.argv[1:]\n"
    "with connect(engine) as found:\n"
    "    index = take(data, 'bench', engine=found, former=open_index(Path(former[0])) if former else None)\n"
    "    index.write(Path(place)); print(index.rows_root, index.set_root, index.digest)\n"
)
VERIFY = (
    "import sys; from modelward.data.engine import connect; from modelward.data.verify import verify\n"
    "with connect(sys.argv[3]) as found:\n"
    "    difference = verify(sys.argv[1], sys.argv[2], engine=found)\n"
    "    d = difference; print(len(d.changed), len(d.added), len(d.removed), len(d.moved))\n"
)
HASH = (
    "from hashlib import sha256\n"
    "lines = [bytes([number % 256]) * 114 for number in range(100_000)]\n"
    "for _ in range(25): [sha256(line).digest() for line in lines]\n"
)


class Run(NamedTuple):
    """What a run took, and what it printed."""

    seconds: float
    cpu: float
    mib: float
    said: str


def main() -> int:
    """Measure, print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        make(folder, rows)
        size = (folder / "one.parquet").stat().st_size
        print(f"{rows:,} rows, {size / 1e6:,.0f} MB; load average {os.getloadavg()[0]:.1f}\n")
        print("| | seconds | rows/s | CPU seconds | MiB |\n|---|---|---|---|---|")
        found = measured(folder, rows)
    return judged(found, rows)


def measured(folder: Path, rows: int) -> dict[str, Run]:
    """Each run, by name."""
    runs: dict[str, Run] = {}

    def run(name: str, script: str, *arguments: str) -> None:
        runs[name] = timed([sys.executable, "-c", script, *arguments], folder)
        seconds, cpu, mib, _ = runs[name]
        print(f"| {name} | {seconds:.2f} | {rows / seconds:,.0f} | {cpu:.2f} | {mib:.0f} |", flush=True)

    run("snapshot, one process", TAKE, "one.parquet", "1.index", "local:1")
    run("snapshot, two", TAKE, "one.parquet", "2.index", "local:2")
    run("verify, unchanged", VERIFY, "one.parquet", "2.index", "local:2")
    run("verify, a cell changed", VERIFY, "changed.parquet", "2.index", "local:2")
    run(f"verify, in {SHARDS} shards", VERIFY, "shards", "2.index", "local:2")
    run("snapshot of the shards", TAKE, "shards", "3.index", "local:2")
    (folder / "changed.shard").replace(folder / "shards" / "3.parquet")
    run("again, one shard changed", TAKE, "shards", "4.index", "local:2", "3.index")
    with cluster(folder) as address:
        run("snapshot, a cluster of two", TAKE, "one.parquet", "5.index", address)
    command = [sys.executable, "-c", HASH]
    runs["hash"] = timed(command, folder)
    runs["hash twice"] = timed(["sh", "-c", '"$@" & "$@"; wait', "sh", *command], folder)
    return runs


def judged(found: dict[str, Run], rows: int) -> int:
    """The ratios, and whether the budgets hold."""
    one, two = found["snapshot, one process"], found["snapshot, two"]
    speedup = one.seconds / two.seconds
    ceiling = 2 * found["hash"].seconds / found["hash twice"].seconds
    verify = max(found[name].seconds for name in found if name.startswith("verify")) / two.seconds
    again = found["again, one shard changed"].cpu / found["snapshot of the shards"].cpu
    mib = max(run.mib for name, run in found.items() if "cluster" not in name)
    print(f"\ntwo processes over one: {speedup:.2f}; in plain hashing {ceiling:.2f}")
    print(f"slowest verification over snapshot: {verify:.2f}; again over first, in CPU: {again:.2f}")
    bad = []
    if len({one.said, two.said, found["snapshot, a cluster of two"].said}) != 1:
        bad.append("one process, two and a cluster do not give the same bytes")
    if [found[name].said for name in found if name.startswith("verify")] != ["0 0 0 0", "1 0 0 0", "0 0 0 0"]:
        bad.append("verify does not name the one cell that changed")
    if rows / two.seconds < MIN_ROWS_A_SECOND:
        bad.append(f"under {MIN_ROWS_A_SECOND:,} rows/s")
    if mib > MAX_MIB:
        bad.append(f"over {MAX_MIB} MiB")
    if speedup < min(MIN_SPEEDUP, MIN_SHARE * ceiling):
        bad.append(
            f"two processes gain under {MIN_SPEEDUP}, and under {MIN_SHARE} of what this machine allows"
        )
    if verify > MAX_VERIFY or again > MAX_AGAIN:
        bad.append("verification or a second snapshot costs too much")
    print("\n".join(bad) or "all budgets hold")
    return 1 if bad else 0


def make(folder: Path, rows: int) -> None:
    """The data: whole, with one cell changed, in shards; a shard that changed. In a process of its own."""
    if os.fork() == 0:
        try:
            _make(folder, rows)
        finally:
            os._exit(0)
    os.wait()


def _make(folder: Path, rows: int) -> None:
    import numpy
    import pyarrow
    import pyarrow.parquet

    random = numpy.random.default_rng(1)
    letters = random.integers(97, 123, (5000, 8), numpy.uint8)
    words = numpy.array([line[: 3 + at % 6].tobytes().decode() for at, line in enumerate(letters)])

    def text(count: int) -> pyarrow.Array:
        return pyarrow.array([" ".join(line) for line in words[random.integers(0, 5000, (rows, count))]])

    columns = {
        "prompt": text(18),
        "response": text(39),
        "source": pyarrow.array([f"site{at % 500}.example/{at}" for at in range(rows)]),
        "label": pyarrow.array(words[random.integers(0, 5, rows)]),
    }
    table = pyarrow.table(columns)
    labels = table["label"].to_pylist()
    labels[rows // 3] = "changed"
    changed = table.set_column(3, "label", pyarrow.array(labels))

    def write(part: pyarrow.Table, place: Path) -> None:
        pyarrow.parquet.write_table(
            part, place, row_group_size=1 << 17, compression="none", use_dictionary=False
        )

    write(table, folder / "one.parquet")
    write(changed, folder / "changed.parquet")
    (folder / "shards").mkdir()
    each = -(-rows // SHARDS)
    for number in range(SHARDS):
        write(table.slice(number * each, each), folder / "shards" / f"{number}.parquet")
    write(table.slice(3 * each, each - 1), folder / "changed.shard")


class cluster:  # noqa: N801
    """A Dask scheduler and two workers, each a process."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "scheduler.json"
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> str:
        import json

        place = ("--scheduler-file", str(self._file), "--no-dashboard")
        worker = ("dask_worker", "--nthreads", "1", "--no-nanny", *place)
        for arguments in (("dask_scheduler", "--port", "0", *place), worker, worker):
            command = [sys.executable, "-m", f"distributed.cli.{arguments[0]}", *arguments[1:]]
            self._processes.append(
                subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            )
        while not self._file.exists() or not self._file.stat().st_size:
            time.sleep(0.1)
        time.sleep(3)  # until both workers are there
        address: str = json.loads(self._file.read_text())["address"]
        return address

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.terminate()
            process.wait()


def timed(command: list[str], folder: Path) -> Run:
    """Run it."""
    before, begun = os.times(), time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
    watch = Watch(process.pid)
    said, _ = process.communicate()
    seconds, after = time.perf_counter() - begun, os.times()
    watch.stop()
    if process.returncode:
        raise SystemExit(f"a run ended with {process.returncode}")
    cpu = sum(after[2:4]) - sum(before[2:4])
    return Run(seconds, cpu, watch.peak / 1024, said.strip())


class Watch:
    """Looks at what a process and those below it hold, 20 times a second."""

    def __init__(self, pid: int) -> None:
        self.peak = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, args=(pid,))
        self._thread.start()

    def _look(self, pid: int) -> None:
        while not self._over.wait(0.05):
            self.peak = max(self.peak, held(pid))

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()


def held(pid: int) -> int:
    """KiB that a process and those below it hold, shared pages in parts."""
    try:
        kib = sum(
            int(line.split()[1])
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            if line.startswith("Pss:")
        )
        children = [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:
        return 0
    return kib + sum(held(child) for child in children)


if __name__ == "__main__":
    sys.exit(main())
