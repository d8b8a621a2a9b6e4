"""How many rows a second a capture takes durably: `python benchmarks/data_collect.py`.

Threads in one process append rows of feedback and wait until each call is durable: one row a call, as a form
sends them, and 200, as a service that gathers them does. Beside it a bare loop of write and fdatasync, the
measure of the disk. Then the batches are sealed. Needs a real disk in TMPDIR.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from pathlib import Path

from modelward.data.collect import Capture, Limits, Settings, Stamp
from modelward.data.declaration import Declaration, Source

TEXT = "the answer was right but it took three tries to get there; next time say so at once " * 2
DECLARATION = Declaration(source=Source(uri="https://app.example/feedback", channel="feedback"))
LIMITS = Limits(rows=100_000)


def collect(directory: Path, threads: int, calls: int, rows: int) -> float:
    """Seconds until `threads` threads have made `calls` calls of `rows` rows each."""
    with Capture(directory, Settings("feedback", DECLARATION, limits=LIMITS)) as capture:

        def send(thread: int) -> None:
            stamp = Stamp(f"u{thread}", "https://app.example/feedback")
            for call in range(calls):
                capture.add([{"text": TEXT, "score": call, "model": "m-7"} for _ in range(rows)], stamp)

        workers = [threading.Thread(target=send, args=(thread,)) for thread in range(threads)]
        begun = time.perf_counter()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return time.perf_counter() - begun


def seal(directory: Path) -> tuple[float, int]:
    """Seconds to seal what was collected, without signing, and how many rows that is."""
    with Capture(directory) as capture:
        begun = time.perf_counter()
        batches = capture.seal(everything=True)
        return time.perf_counter() - begun, sum(batch.rows for batch in batches)


def disk(directory: Path, seconds: float = 2.0) -> float:
    """Writes of a page made durable, a second."""
    with (directory / "bare").open("wb", buffering=0) as file:
        count, begun = 0, time.perf_counter()
        while time.perf_counter() - begun < seconds:
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            count += 1
        return count / (time.perf_counter() - begun)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        print(f"disk: {disk(directory):,.0f} durable writes/s")
        for threads, calls, rows in ((1, 1000, 1), (64, 300, 1), (8, 100, 200)):
            place = directory / f"{threads}-{rows}"
            seconds = collect(place, threads, calls, rows)
            total = threads * calls * rows
            print(f"{threads:2} threads, {rows:3} rows a call: {total / seconds:8,.0f} durable rows/s")
        seconds, total = seal(place)
        print(f"sealing: {total / seconds:,.0f} rows/s (shard, snapshot, index, proof; unsigned)")


if __name__ == "__main__":
    main()
