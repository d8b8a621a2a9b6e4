"""log.disk: what each primitive promises."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from modelward.core.errors import LimitExceeded
from modelward.log.disk import Disk


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The system calls that make things durable, in order, with what they were for."""
    made: list[str] = []

    def spy(name: str) -> None:
        real = getattr(os, name)

        def record(descriptor: int) -> None:
            made.append(f"{name} {os.readlink(f'/proc/self/fd/{descriptor}').rpartition('/')[2]}")
            real(descriptor)

        monkeypatch.setattr(os, name, record)

    spy("fsync")
    spy("fdatasync")
    return made


def test_append_is_durable_when_it_returns(tmp_path: Path, calls: list[str]) -> None:
    disk = Disk(tmp_path)
    disk.append("wal", b"ab")
    disk.append("wal", b"cd")
    assert disk.read("wal", 10) == b"abcd"
    assert calls == ["fdatasync wal", "fdatasync wal"]


def test_truncate_is_durable_when_it_returns(tmp_path: Path, calls: list[str]) -> None:
    disk = Disk(tmp_path)
    disk.append("wal", b"ab")
    disk.truncate("wal")
    assert disk.size("wal") == 0
    assert calls[-1] == "fsync wal"


def test_sync_reaches_every_directory_on_the_way(tmp_path: Path, calls: list[str]) -> None:
    disk = Disk(tmp_path)
    disk.write("tile/0/x001/000", b"a")
    assert calls == []
    disk.sync(["tile/0/x001/000"])
    assert calls[0] == "fsync 000"
    assert set(calls[1:]) == {f"fsync {name}" for name in ("x001", "0", "tile", tmp_path.name)}


def test_written_file_replaces_the_old_one_whole(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    disk.write("name", b"old")
    with (tmp_path / "name").open("rb") as reader:
        disk.write("name", b"newer")
        assert reader.read() == b"old"
    assert disk.read("name", 5) == b"newer"
    assert sorted(os.listdir(tmp_path)) == ["name"]


def test_read_is_bounded(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    disk.write("name", b"12345")
    assert disk.read("name", 5) == b"12345"
    with pytest.raises(LimitExceeded):
        disk.read("name", 4)


def test_missing_file_has_size_0_and_removing_nothing_is_no_error(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    assert disk.size("nothing") == 0
    disk.remove("nothing")


def test_lock_keeps_others_out(tmp_path: Path) -> None:
    order: list[str] = []
    waiting = threading.Event()

    def other() -> None:
        waiting.set()
        with Disk(tmp_path).locked():
            order.append("second")

    with Disk(tmp_path).locked():
        thread = threading.Thread(target=other)
        thread.start()
        assert waiting.wait(10)
        thread.join(0.05)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
