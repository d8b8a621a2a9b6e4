"""How many entries a second the log takes durably: `python benchmarks/log.py`.

64 threads in one process append one entry each, wait until it is durable, and make its inclusion proof; a
few of the proofs are verified. The measure of the disk is a bare loop of write and fdatasync beside
it. Needs a real disk in TMPDIR. Exit code 1 under the budget.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from modelward.core import merkle
from modelward.log.audit import audit
from modelward.log.note import NoteKey
from modelward.log.sequencer import Log

THREADS = 64
ENTRIES = 32_768
BULK = 200_000
ROUNDS = 3
MIN_APPENDS = 3000

ORIGIN = "example.com/benchmark"


def entry(number: int) -> bytes:
    """As large as a registry's entry."""
    return b'{"key":"%064x","statement":"sha256:%064x","subject":"dirHash:%064x","type":"https://x/v1"}' % (
        (number,) * 3
    )


def fdatasync_milliseconds(folder: Path) -> float:
    """The median time of appending 16 KiB durably, with nothing around it."""
    path = folder / "bare"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    times = []
    for _ in range(300):
        began = time.perf_counter()
        os.write(descriptor, bytes(16384))
        os.fdatasync(descriptor)
        times.append(time.perf_counter() - began)
    os.close(descriptor)
    path.unlink()
    return statistics.median(times) * 1000


def concurrent(log: Log) -> tuple[float, list[float]]:
    """Appends a second of THREADS callers, and how long each append took with its proof."""
    waits: list[float] = []

    def work(worker: int) -> None:
        for number in range(worker, ENTRIES, THREADS):
            data = entry(number)
            began = time.perf_counter()
            index = log.append(data)
            size = log.size
            proof = log.inclusion_proof(index, size)
            waits.append(time.perf_counter() - began)
            if number % 1000 < THREADS:
                merkle.verify_inclusion(merkle.leaf_hash(data), index, size, proof, log.root(size))

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(THREADS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ENTRIES / (time.perf_counter() - began), sorted(waits)


def alone(log: Log, count: int = 500) -> float:
    """Appends a second of one caller."""
    began = time.perf_counter()
    for number in range(count):
        log.append(entry(number))
    return count / (time.perf_counter() - began)


def bulk_and_audit(folder: Path, key: Ed25519PrivateKey) -> tuple[float, float]:
    """Entries a second of large appends, and of an audit of the whole log."""
    began = time.perf_counter()
    with Log.create(folder, ORIGIN, key) as log:
        for start in range(0, BULK, 20_000):
            log.append_all([entry(number) for number in range(start, start + 20_000)])
    written = BULK / (time.perf_counter() - began)
    began = time.perf_counter()
    report = audit(folder, NoteKey(ORIGIN, key.public_key().public_bytes_raw()))
    if not report.ok:
        raise SystemExit(f"the benchmark's log is damaged: {report.problems}")
    return written, BULK / (time.perf_counter() - began)


def main() -> int:
    """Measure, print a table, and say whether the budget holds."""
    key = Ed25519PrivateKey.generate()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sync = fdatasync_milliseconds(folder)
        rates = []
        for number in range(ROUNDS):
            with Log.create(folder / str(number), ORIGIN, key) as log:
                rate, waits = concurrent(log)
                rates.append(rate)
        with Log.create(folder / "alone", ORIGIN, key) as log:
            single = alone(log)
        written, audited = bulk_and_audit(folder / "bulk", key)
    rate = statistics.median(rates)
    print(f"| append 16 KiB + fdatasync, nothing else | {sync:.2f} ms |")
    print(f"| {THREADS} callers, each append durable, with its proof | {rate:,.0f} appends/s |")
    print(f"| the same, median and 99th percentile of one append | {_ms(waits, 0.5)}, {_ms(waits, 0.99)} |")
    print(f"| one caller | {single:,.0f} appends/s |")
    print(f"| appends of 20,000 entries at once | {written:,.0f} entries/s |")
    print(f"| audit of {BULK:,} entries | {audited:,.0f} entries/s |")
    print(f"| budget | {MIN_APPENDS:,} appends/s |")
    return 0 if rate >= MIN_APPENDS else 1


def _ms(ordered: list[float], share: float) -> str:
    return f"{ordered[int(len(ordered) * share)] * 1000:.1f} ms"


if __name__ == "__main__":
    sys.exit(main())
