from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelward.core.errors import Conflict, InputError, UsageError
from modelward.data.collect import Capture, Limits, Settings, Stamp
from modelward.data.declaration import Declaration, Source

DECLARATION = Declaration(source=Source(uri="https://app.example/feedback", channel="feedback"))
SETTINGS = Settings("feedback", DECLARATION)
ANN = Stamp("ann", "app")


@pytest.fixture
def capture(tmp_path: Path) -> Iterator[Capture]:
    with Capture(tmp_path / "c", SETTINGS) as opened:
        yield opened


def sealed_rows(directory: Path) -> list[dict[str, str]]:
    return [
        json.loads(line)
        for path in sorted((directory / "rows").iterdir())
        for line in path.read_text().splitlines()
    ]


def test_rows_are_stamped_with_who_whence_and_when(capture: Capture, tmp_path: Path) -> None:
    assert capture.add([{"text": "hi"}, {"text": "yo", "score": 5}], ANN) == 2
    assert capture.extend([({"text": "x"}, Stamp("bob", "form")), ({}, ANN)]) == 4
    (batch,) = capture.seal(everything=True)
    assert (batch.number, batch.rows, batch.whole_rows) == (1, 4, 4)
    rows = sealed_rows(tmp_path / "c")
    times = [row.pop("_time") for row in rows]
    assert times == sorted(times)
    assert rows == [
        {"text": "hi", "_contributor": "ann", "_source": "app"},
        {"text": "yo", "score": 5, "_contributor": "ann", "_source": "app"},
        {"text": "x", "_contributor": "bob", "_source": "form"},
        {"_contributor": "ann", "_source": "app"},
    ]


def test_a_bad_row_keeps_all_of_its_call_out_and_no_other(capture: Capture, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="are stamps") as caught:
        capture.add([{"text": "good"}, {"text": "bad", "_contributor": "ann"}], Stamp("eve", "app"))
    assert caught.value.where == "row 2"
    with pytest.raises(InputError, match="mixes kinds"):
        capture.add([{"n": 1}, {"n": "1"}], Stamp("eve", "app"))
    capture.add([{"n": "one"}], ANN)
    capture.seal(everything=True)
    assert [row["_contributor"] for row in sealed_rows(tmp_path / "c")] == ["ann"]


def test_time_never_goes_back(capture: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for moment in ("2026-11-22T09:14:05.000000Z", "2026-11-22T09:14:01.000000Z"):
        monkeypatch.setattr("modelward.data.capture.stamps.moment", lambda moment=moment: moment)
        capture.add([{}], ANN)
    capture.seal(everything=True)
    assert {row["_time"] for row in sealed_rows(tmp_path / "c")} == {"2026-11-22T09:14:05.000000Z"}


def test_threads_share_writes_and_lose_nothing(capture: Capture, tmp_path: Path) -> None:
    def send(name: str) -> None:
        for number in range(50):
            capture.add([{"n": number}, {"n": number}], Stamp(name, "app"))

    threads = [threading.Thread(target=send, args=(f"u{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    capture.seal(everything=True)
    rows = sealed_rows(tmp_path / "c")
    for number in range(8):
        mine = [row["n"] for row in rows if row["_contributor"] == f"u{number}"]
        assert mine == [n for n in range(50) for _ in range(2)]


@pytest.mark.parametrize("limits", [Limits(rows=2), Limits(bytes=200)])
def test_a_batch_ends_at_its_rows_or_bytes(tmp_path: Path, limits: Limits) -> None:
    with Capture(tmp_path, Settings("feedback", DECLARATION, limits=limits)) as capture:
        for _ in range(2):
            capture.add([{"text": "x" * 50}] * 2, ANN)
        assert [batch.rows for batch in capture.seal()] == [2, 2]
        assert capture.open_rows == 0


def test_a_batch_ends_at_its_age(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("modelward.data.collect.time.monotonic", lambda: clock[0])
    with Capture(tmp_path, Settings("feedback", DECLARATION, limits=Limits(age=60))) as capture:
        clock[0] += 1000
        capture.add([{}], ANN)  # age counts from the first row
        assert capture.seal() == []
        clock[0] += 61
        assert [batch.rows for batch in capture.seal()] == [1]
        clock[0] += 61
        assert capture.seal() == [], "a batch without rows is none"


def test_the_open_batch_is_there_at_the_next_start(tmp_path: Path) -> None:
    with Capture(tmp_path, SETTINGS) as capture:
        capture.add([{"n": 1}], ANN)
    with Capture(tmp_path) as capture:
        assert capture.open_rows == 1
        with pytest.raises(InputError, match="mixes kinds"):
            capture.add([{"n": "x"}], ANN)
        assert capture.add([{"n": 2}], ANN) == 2
        capture.seal(everything=True)
    with Capture(tmp_path, SETTINGS) as capture:
        assert (capture.open_rows, capture.sealed[-1].rows) == (0, 2)
        with pytest.raises(InputError, match="mixes kinds"):
            capture.add([{"n": "x"}], ANN)
        assert capture.add([{"n": 3}], ANN) == 3


def test_a_row_as_deep_as_is_taken_can_be_read_again(tmp_path: Path) -> None:
    deep: object = "x"
    for _ in range(100):
        deep = [deep]
        with Capture(tmp_path, SETTINGS) as capture:
            try:
                capture.add([{"deep": deep}], ANN)
            except InputError:
                break
            tmp_path = tmp_path / "next"
    with Capture(tmp_path.parent) as capture:
        capture.seal(everything=True)


def test_two_processes_cannot_collect_at_once(capture: Capture, tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="another process"):
        Capture(tmp_path / "c")


def test_what_it_was_begun_with_stays(capture: Capture, tmp_path: Path) -> None:
    capture.close()
    with pytest.raises(Conflict, match="begun with another"):
        Capture(tmp_path / "c", Settings("other", DECLARATION))
    with pytest.raises(InputError, match="is closed"):
        capture.add([{}], ANN)


@pytest.mark.parametrize(
    "settings", [None, Settings("x", Declaration()), Settings("x", DECLARATION, columns={"a": "text"})]
)
def test_a_capture_says_what_it_is(tmp_path: Path, settings: Settings | None) -> None:
    with pytest.raises(UsageError):
        Capture(tmp_path / "new", settings)
    with pytest.raises(UsageError):
        Limits(rows=0)


def test_after_a_failed_write_nothing_more_is_taken(
    capture: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture.add([{"n": 1}], ANN)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("modelward.data.capture.journal.os.fdatasync", full)
    with pytest.raises(InputError, match="No space left"):
        capture.add([{"n": 2}], ANN)
    monkeypatch.undo()
    with pytest.raises(InputError, match="No space left"):
        capture.add([{"n": 3}], ANN)
    capture.close()
    with Capture(tmp_path / "c") as again:
        assert again.add([{"n": 4}], ANN) >= 2


def test_a_missing_journal_is_said(tmp_path: Path) -> None:
    with Capture(tmp_path, Settings("feedback", DECLARATION, limits=Limits(rows=1))) as capture:
        for number in range(3):
            capture.add([{"n": number}], ANN)
    (tmp_path / "journal" / "00000002.journal").unlink()
    with pytest.raises(InputError, match="journal is missing"):
        Capture(tmp_path)


CHILD = """
import sys, threading
from pathlib import Path
from modelward.data.collect import Capture, Stamp
capture = Capture(Path(sys.argv[1]))
lock = threading.Lock()
def send(thread):
    number = 0
    while True:
        name = f"{sys.argv[2]}-{thread}-{number}"
        capture.add([{"id": name + "a"}, {"id": name + "b"}], Stamp("u", "app"))
        with lock:
            print(name, flush=True)
        number += 1
print("ready", flush=True)
for thread in range(3):
    threading.Thread(target=send, args=(thread,), daemon=True).start()
while True:
    capture.seal()
"""


def test_sigkill_loses_nothing_acknowledged_and_invents_nothing(tmp_path: Path) -> None:
    directory = tmp_path / "c"
    Capture(directory, Settings("feedback", DECLARATION, limits=Limits(rows=40))).close()
    chance = random.Random(4)
    acknowledged: list[str] = []
    for run in range(4):
        arguments = [sys.executable, "-c", CHILD, directory, str(run)]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            timer = threading.Timer(chance.uniform(0.05, 0.6), child.kill)
            timer.start()
            acknowledged += child.stdout.read().split("\n")[:-1]
            timer.join()
    with Capture(directory) as capture:
        capture.seal(everything=True)
        capture.audit()
    ids = [row["id"] for row in sealed_rows(directory)]
    assert len(ids) == len(set(ids)), "a row is there twice"
    assert {name + half for name in acknowledged for half in "ab"} <= set(ids)
    sent: dict[str, list[int]] = {}
    for name in ids:
        origin, _, number = name[:-1].rpartition("-")
        sent.setdefault(origin, []).append(int(number))
    for numbers in sent.values():  # in order, both rows of a call or neither, and only the last unanswered
        assert numbers == [number for number in range(len(numbers) // 2) for _ in range(2)]
    unanswered = {name[:-1] for name in ids} - set(acknowledged)
    assert len(unanswered) <= 4 * 3
    assert acknowledged


def test_the_journal_is_durable_before_add_returns(
    capture: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    real = os.fdatasync

    def noting(descriptor: int) -> None:
        real(descriptor)
        synced.append(os.fstat(descriptor).st_size)

    monkeypatch.setattr("modelward.data.capture.journal.os.fdatasync", noting)
    capture.add([{"n": 1}], ANN)
    assert synced == [(tmp_path / "c" / "journal" / "00000001.journal").stat().st_size]
