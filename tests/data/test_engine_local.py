"""Processes give the results of a plain map, in order, whatever happens to them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelward.core.errors import InputError, LimitExceeded
from modelward.data.engine import Engine, connect


def doubled(number: int) -> int:
    return 2 * number


def refusing(number: int) -> int:
    raise LimitExceeded(f"{number} is too much", where="row 3", help="take less")


def process(_: int) -> int:
    time.sleep(0.05)
    return os.getpid()


def fatal_once(place: str) -> int:
    """Kills the process that it runs in, the first time."""
    path = Path(place)
    if not path.exists():
        path.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def fatal(_: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


@pytest.fixture(scope="module")
def pool() -> Iterator[Engine]:
    with connect("local:2") as found:
        yield found


def test_results_come_in_order(pool: Engine) -> None:
    assert list(pool.map(doubled, range(100))) == [2 * number for number in range(100)]
    assert list(pool.map(doubled, [])) == []


def test_work_is_done_by_several_processes(pool: Engine) -> None:
    pids = set(pool.map(process, range(8)))
    assert len(pids) == 2
    assert os.getpid() not in pids


def test_items_are_asked_for_as_there_is_room(pool: Engine) -> None:
    asked = 0

    def items() -> Iterator[int]:
        nonlocal asked
        for number in range(1000):
            asked += 1
            yield number

    results = pool.map(doubled, items())
    assert next(results) == 0
    assert asked < 20


def test_errors_come_back_whole(pool: Engine) -> None:
    with pytest.raises(LimitExceeded) as caught:
        list(pool.map(refusing, [7]))
    assert (caught.value.message, caught.value.where, caught.value.help) == (
        "7 is too much",
        "row 3",
        "take less",
    )
    assert list(pool.map(doubled, [1])) == [2]


def test_an_item_whose_worker_is_killed_is_done_again(pool: Engine, tmp_path: Path) -> None:
    places = [str(tmp_path / name) for name in "abc"]
    assert len(list(pool.map(fatal_once, places))) == 3


def test_an_item_that_kills_every_worker_is_given_up(pool: Engine) -> None:
    with pytest.raises(InputError, match="ended 3 times"):
        list(pool.map(fatal, [1]))
    assert list(pool.map(doubled, [1])) == [2]


def test_workers_import_nothing_from_the_directory_of_the_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numpy.py").write_text("raise SystemExit('owned')")
    monkeypatch.chdir(tmp_path)
    with connect("local:2") as found:
        assert list(found.map(doubled, [4])) == [8]


def test_nothing_runs_on_when_the_engine_is_closed() -> None:
    with connect("local:2") as found:
        (pid, *_) = list(found.map(process, range(2)))
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists():
            break
        time.sleep(0.02)
    assert not Path(f"/proc/{pid}").exists()
