"""A real cluster on this machine: a scheduler and two workers, each a process, one killed in the middle."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from modelward.core.errors import InputError
from modelward.data import pieces, places
from modelward.data.engine import Engine, Inline, connect
from modelward.data.index import Options
from modelward.data.snapshot import take
from modelward.data.verify import verify

pytest.importorskip("distributed", reason="needs the extra cluster")

WORKER = [
    "distributed.cli.dask_worker",
    "--nthreads",
    "1",
    "--no-nanny",
    "--no-dashboard",
    "--death-timeout",
    "60",
]


def started(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", module, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


class Cluster:
    """The processes of a cluster."""

    def __init__(self, directory: Path) -> None:
        file = directory / "scheduler.json"
        place = ("--scheduler-file", str(file))
        self.processes = [started("distributed.cli.dask_scheduler", *place, "--port", "0", "--no-dashboard")]
        self.workers = [
            started(*WORKER, *place, "--local-directory", str(directory / f"w{number}")) for number in (1, 2)
        ]
        self.processes += self.workers
        for _ in range(600):
            if file.exists() and file.stat().st_size:
                break
            time.sleep(0.05)
        self.address: str = json.loads(file.read_text())["address"]

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    found = Cluster(tmp_path_factory.mktemp("cluster"))
    yield found
    found.stop()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    tree.mkdir()
    chance = random.Random(4)
    for number in range(6):
        rows = [
            {"id": 1000 * number + at, "text": chance.randbytes(60).hex(), "user": f"u{at % 7}"}
            for at in range(1500)
        ]
        if number % 2:
            (tree / f"{number}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        else:
            pq.write_table(pa.Table.from_pylist(rows), tree / f"{number}.parquet", row_group_size=500)
    return tree


def joined(engine: Any, count: int) -> None:
    engine._client.wait_for_workers(count, timeout=60)
    engine.workers = count


def test_a_cluster_with_a_worker_killed_gives_the_bytes_that_one_process_gives(
    cluster: Cluster, data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pieces, "PIECE_BYTES", 8000)  # here: where the pieces are cut
    options = Options(contributor=("user",))
    alone = take(data, "d", options, engine=Inline())
    found = places.find(data)
    assert sum(len(pieces.cut(found, part, 2)) for part in found.parts) > 50
    with connect(cluster.address) as engine:
        joined(engine, 2)
        killer = threading.Timer(0.3, lambda: os.kill(cluster.workers[0].pid, signal.SIGKILL))
        killer.start()
        spread = take(data, "d", options, engine=Slow(engine))
        killer.join()
        assert cluster.workers[0].wait(10) == -signal.SIGKILL
        assert spread == alone
        assert spread.digest == alone.digest
        place = tmp_path / "i.parquet"
        alone.write(place)
        changed = data / "3.jsonl"
        changed.write_text(changed.read_text().replace('"user": "u3"', '"user": "u9"', 1))
        (row,) = verify(data, place, engine=engine).changed
        assert (row.after.shard, row.columns) == ("3.jsonl", ("user",))


class Slow:
    """An engine whose items come slowly, so that there is a middle."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.workers = engine.workers

    def map(self, function: Any, items: Any) -> Any:
        return self._engine.map(function, (item for item in items if time.sleep(0.01) is None))


def test_errors_of_a_cluster_name_the_row(cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"a": 1}\n{"a": }\n')
    with connect(cluster.address) as engine, pytest.raises(InputError) as caught:
        take(tmp_path / "x.jsonl", "d", engine=engine)
    assert caught.value.where == "x.jsonl: line 2"
