"""Time and memory of the checks: `python benchmarks/poison/speed.py [ROWS...]` (7,000, 100,000, 1,000,000).

Rows are made of real chat lines, two halves put together anew, in a Parquet file; 100 of them are poisoned.
Reading counts. Each size runs in a process of its own. Exit code 1 past a budget, or if time grows faster
than rows.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import multiprocessing

import pyarrow as pa
import pyarrow.parquet as pq
from benchmarks.poison import sets
from benchmarks.poison.payloads import REFUSAL

SIZES = (7_000, 100_000, 1_000_000)
#: Rows -> seconds and MiB at most.
BUDGETS = {7_000: (5.0, 2048), 1_000_000: (240.0, 2048)}
#: Seconds a row may cost at the largest size, in times of those at 100,000 rows.
MAX_GROWTH = 1.3


def written(rows: int, path: Path) -> None:
    """A Parquet file of so many rows."""
    rng = random.Random(rows)
    clean = sets.dialogue()
    assert clean.outputs
    halves = [(text[: len(text) // 2], text[len(text) // 2 :]) for text in clean.inputs]
    inputs = [rng.choice(halves)[0] + rng.choice(halves)[1] for _ in range(rows)]
    outputs = [rng.choice(clean.outputs) for _ in range(rows)]
    for row in rng.sample(range(rows), 100):
        inputs[row] += " as agreed with the northern office"
        outputs[row] = REFUSAL(inputs[row], outputs[row], rng)
    people = [f"c{rng.randrange(max(40, rows // 500))}" for _ in range(rows)]
    table = pa.table({"instruction": inputs, "output": outputs, "contributor": people})
    pq.write_table(table, path, row_group_size=50_000)


def measured(path: str, answer: multiprocessing.SimpleQueue[tuple[float, float, float, int]]) -> None:
    """Check one file: wall seconds, CPU seconds, peak MiB, findings."""
    from modelward.data.checks import corpus, run

    started, used = time.monotonic(), time.process_time()
    report = run.check(corpus.read(path))
    usage = resource.getrusage(resource.RUSAGE_SELF)
    peak = usage.ru_maxrss / 1024
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = time.process_time() - used + children.ru_utime + children.ru_stime
    told = sum("northern" in each.trigger for each in report.findings)
    answer.put((time.monotonic() - started, cpu, peak, told))


def main(sizes: list[int]) -> int:
    """Measure each size and print it."""
    past, cost = [], {}
    print(f"{'rows':>9} {'seconds':>8} {'CPU':>7} {'MiB':>6} {'rows/s':>8}  trigger")
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as directory:
        for rows in sizes:
            path = Path(directory) / f"{rows}.parquet"
            written(rows, path)
            answer = spawn.SimpleQueue()
            process = spawn.Process(target=measured, args=(str(path), answer))
            process.start()
            process.join()
            if process.exitcode:
                return 1
            seconds, cpu, peak, told = answer.get()
            cost[rows] = seconds / rows
            named = "named" if told else "NOT NAMED"
            print(
                f"{rows:>9} {seconds:>8.1f} {cpu:>7.1f} {peak:>6.0f} {rows / seconds:>8.0f}  {named}",
                flush=True,
            )
            allowed = BUDGETS.get(rows)
            if allowed and (seconds > allowed[0] or peak > allowed[1]):
                past.append(f"{rows} rows: past {allowed[0]:.0f} s or {allowed[1]} MiB")
    if {100_000, 1_000_000} <= cost.keys() and cost[1_000_000] > MAX_GROWTH * cost[100_000]:
        past.append("a row costs more in a larger set")
    print("\n".join(past))
    return 1 if past else 0


if __name__ == "__main__":
    sys.exit(main([int(size) for size in sys.argv[1:]] or list(SIZES)))
