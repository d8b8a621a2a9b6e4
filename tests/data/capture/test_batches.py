from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from modelward.artifact.hashing import digest_of
from modelward.core import atomic
from modelward.core.errors import InputError, Rejected
from modelward.data import proof
from modelward.data.collect import Capture, Limits, Settings, Stamp
from modelward.data.declaration import Declaration, Source
from modelward.data.ledger import Fact, Unsigned
from modelward.data.snapshot import take

SETTINGS = Settings(
    "feedback", Declaration(source=Source(uri="https://app.example/feedback")), limits=Limits(rows=3)
)
ANN = Stamp("ann", "app")


def filled(directory: Path, batches: int = 3) -> None:
    with Capture(directory, SETTINGS) as capture:
        for number in range(batches):
            capture.add([{"text": f"{number} {row}"} for row in range(3)], ANN)
        capture.seal()


def statements(directory: Path, number: int) -> list[Any]:
    lines = (directory / "batches" / f"{number:08}.statements.jsonl").read_bytes().splitlines()
    return [json.loads(line) for line in lines]


def test_a_batch_is_a_snapshot_with_custody_that_goes_on_from_the_former(tmp_path: Path) -> None:
    filled(tmp_path)
    for number in (1, 2, 3):
        snapshot, custody = statements(tmp_path, number)
        shard = tmp_path / "rows" / f"{number:08}.jsonl"
        assert {snapshot["subject"][0]["digest"]["sha256"], digest_of(shard).value} == {
            digest_of(shard).value
        }
        assert (snapshot["predicate"]["rows"], custody["predicate"]["operation"]) == (3, "collect")
        grows = custody["predicate"]["grows"]
        assert (grows["batch"], grows["whole"]["rows"]) == (number, 3 * number)
        assert ("former" in grows) == (number > 1)
        if number > 1:
            assert grows["former"] == statements(tmp_path, number - 1)[1]["predicate"]["grows"]["whole"]
            found = proof.parse((tmp_path / "batches" / f"{number:08}.proof.json").read_bytes())
            found.check()
            assert [str(root.root) for root in found.roots] == [
                grows["whole"]["rowsRoot"],
                grows["former"]["rowsRoot"],
            ]


def test_the_whole_is_the_snapshot_of_all_shards_together(tmp_path: Path) -> None:
    filled(tmp_path)
    with take(tmp_path / "rows", "feedback") as index, Capture(tmp_path) as capture:
        last = capture.sealed[-1]
        assert (index.rows, index.rows_root) == (last.whole_rows, last.whole_root)
        whole = statements(tmp_path, 3)[1]["predicate"]["grows"]["whole"]
        assert (str(index.subject), str(index.rows_root)) == (whole["digest"], whole["rowsRoot"])
        capture.audit()


def test_a_shard_cannot_be_written_by_accident(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    assert (tmp_path / "rows" / "00000001.jsonl").stat().st_mode & 0o222 == 0


def tamper_row(directory: Path) -> None:
    shard = directory / "rows" / "00000002.jsonl"
    text = shard.read_text().replace("1 0", "9 9")
    shard.unlink()
    shard.write_text(text)


def swap_batches(directory: Path) -> None:
    one, two = (directory / "rows" / f"0000000{number}.jsonl" for number in (1, 2))
    first, second = one.read_bytes(), two.read_bytes()
    for path, data in ((one, second), (two, first)):
        path.unlink()
        path.write_bytes(data)


def smuggle_shard(directory: Path) -> None:
    (directory / "rows" / "00000004.jsonl").write_text('{"text":"mine"}\n')


def rewrite_history(directory: Path) -> None:
    """Change a batch and its receipt, but not those that go on from it."""
    tamper_row(directory)
    path = directory / "batches" / "00000002.json"
    receipt = json.loads(path.read_bytes())
    with take(directory / "rows" / "00000002.jsonl", "feedback") as index:
        receipt |= {
            "subject": str(index.subject),
            "rowsRoot": str(index.rows_root),
            "setRoot": str(index.set_root),
        }
    path.write_text(json.dumps(receipt))


@pytest.mark.parametrize("attack", [tamper_row, swap_batches, smuggle_shard, rewrite_history])
def test_tampering_with_sealed_batches_is_named(tmp_path: Path, attack: Callable[[Path], None]) -> None:
    filled(tmp_path)
    attack(tmp_path)
    with Capture(tmp_path) as capture, pytest.raises(Rejected) as caught:
        capture.audit()
    assert caught.value.where is not None
    assert "0000000" in caught.value.where


def test_a_lost_receipt_is_said(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / "batches" / "00000002.json").unlink()
    with pytest.raises(InputError, match="receipt is missing"):
        Capture(tmp_path)
    (tmp_path / "batches" / "00000002.json").write_text('{"batch": 2}')
    with pytest.raises(InputError, match="receipt is damaged"):
        Capture(tmp_path)


class Killed(BaseException):
    """What stands for SIGKILL: no handler may do anything about it."""


class Recorded(Unsigned):
    """Remembers all that was ever published, as a log does."""

    def __init__(self) -> None:
        self.published: list[bytes] = []
        self.die = False

    def record(self, facts: Sequence[Fact]) -> Sequence[bytes]:
        if self.die:
            raise Killed
        lines = super().record(facts)
        self.published += lines
        return lines


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", range(8))
def test_a_sealing_killed_at_any_step_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, when: str
) -> None:
    ledger = Recorded()
    with Capture(tmp_path, SETTINGS, ledger) as capture:
        for number in range(2):
            capture.add([{"text": f"{number} {row}"} for row in range(3)], ANN)
        steps = iter(range(100))
        replace = os.replace

        def killing(source: Any, target: Any) -> None:
            number = next(steps)
            if number == step and when == "before":
                raise Killed
            replace(source, target)
            if number == step:
                raise Killed

        monkeypatch.setattr(atomic.os, "replace", killing)
        with pytest.raises(Killed):
            capture.seal()
        monkeypatch.undo()
    with Capture(tmp_path, ledger=ledger) as capture:
        capture.seal()
        assert [batch.rows for batch in capture.sealed] == [3, 3]
        capture.audit()
    shards = sorted((tmp_path / "rows").iterdir())
    texts = [json.loads(line)["text"] for path in shards for line in path.read_text().splitlines()]
    assert texts == [f"{number} {row}" for number in range(2) for row in range(3)]
    assert len(set(ledger.published)) == 4, "the same statements, though they may be published twice"
    assert list((tmp_path / "journal").iterdir()) == [tmp_path / "journal" / "00000003.journal"]
    assert not list((tmp_path / "batches").glob(".*"))


def test_a_ledger_that_fails_leaves_the_batch_for_later(tmp_path: Path) -> None:
    ledger = Recorded()
    ledger.die = True
    with Capture(tmp_path, SETTINGS, ledger) as capture:
        capture.add([{"text": str(row)} for row in range(3)], ANN)
        with pytest.raises(Killed):
            capture.seal()
        capture.add([{"text": "more"}], ANN)
        ledger.die = False
        assert [batch.rows for batch in capture.seal()] == [3]
