"""A log after a crash at each of its writes.

Killed: a real process dies by SIGKILL before, in the middle of, or after one primitive write. This file is
its own harness: run as a script, it forks one child per case.
Power cut: what was not made durable is lost, emptied, cut in half or kept, in any mixture.
Failing: the write fails (or fails although it reached the disk) and the process lives on.

After each: every acknowledged entry is there, the batch in flight is whole or absent, the log extends every
checkpoint it ever answered with, its files pass the audit, and it can be appended to.
"""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from modelward.core import merkle
from modelward.core.errors import InputError
from modelward.log import recovery, sequencer
from modelward.log.audit import audit
from modelward.log.checkpoint import SignedCheckpoint
from modelward.log.disk import Disk
from modelward.log.note import NoteKey
from modelward.log.sequencer import Log

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ORIGIN = "example.com/log"
KEY = NoteKey(ORIGIN, PRIVATE.public_key().public_bytes_raw())
START = 250

#: The batches that the cases append, across the edge of a tile.
BATCHES = [3, 5, 1, 2]

Fault = Callable[["FaultyDisk", str, Callable[[], None], Callable[[], None]], None]


def entry(index: int) -> bytes:
    return b"entry %d" % index


class FaultyDisk(Disk):
    """A disk that calls `fault` in place of its write number `at`, with the write whole and half done."""

    def __init__(self, root: Path, at: int | None, fault: Fault | None = None) -> None:
        super().__init__(root)
        self.at = at
        self.fault = fault
        self.count = 0

    def _step(self, kind: str, whole: Callable[[], None], half: Callable[[], None]) -> None:
        self.count += 1
        if self.count == self.at and self.fault is not None:
            self.fault(self, kind, whole, half)
        else:
            whole()

    def write(self, name: str, data: bytes) -> None:
        def half() -> None:
            (self.root / ".new").write_bytes(data[: len(data) // 2])

        self._step("write", lambda: Disk.write(self, name, data), half)

    def append(self, name: str, data: bytes) -> None:
        half = data[: len(data) // 2]
        self._step("append", lambda: Disk.append(self, name, data), lambda: Disk.append(self, name, half))

    def sync(self, names: Iterable[str]) -> None:
        names = list(names)
        half = names[: len(names) // 2]
        self._step("sync", lambda: Disk.sync(self, names), lambda: Disk.sync(self, half))

    def truncate(self, name: str) -> None:
        self._step("truncate", lambda: Disk.truncate(self, name), lambda: None)

    def remove(self, name: str) -> None:
        def half() -> None:
            for path in sorted((self.root / name).iterdir())[::2]:
                path.unlink()

        self._step("remove", lambda: Disk.remove(self, name), half)


class Story:
    """Appends BATCHES to a log and remembers what it was told: acknowledged sizes and checkpoints."""

    def __init__(self, journal: Callable[[str], object]) -> None:
        self.journal = journal

    def run(self, disk: Disk) -> None:
        log = Log.open(disk.root, PRIVATE, disk=disk)
        for number, count in enumerate(BATCHES):
            first = log.size
            log.append_all([entry(first + offset) for offset in range(count)])
            self.journal(json.dumps([log.size, log.checkpoint().decode()]))
            if number == 2:
                log.close()
        log.close()


def check(directory: Path, told: list[tuple[int, str]]) -> None:
    """All that must hold after a crash, of a reader first, then of the reopened log."""
    reader = Log.open(directory)
    with Log.open(directory, PRIVATE) as log:
        assert log.checkpoint() == reader.checkpoint()
        assert not (directory / "wal").stat().st_size
        sizes = [START]
        for count in BATCHES:
            sizes.append(sizes[-1] + count)
        acknowledged = max((size for size, _ in told), default=START)
        assert log.size >= acknowledged, "an acknowledged entry is gone"
        assert log.size in sizes, "a batch was torn"
        assert log.size <= sizes[sizes.index(acknowledged) + 1] if acknowledged < sizes[-1] else True
        for seen in (reader, log):
            assert list(seen.entries()) == [entry(index) for index in range(log.size)]
        for _, text in told:
            old = SignedCheckpoint.parse(text.encode()).verify(KEY)
            proof = log.consistency_proof(old.size)
            merkle.verify_consistency(old.size, old.root, log.size, log.root(), proof)
            assert audit(directory, KEY, text.encode()).problems == ()
        assert audit(directory, KEY).problems == ()
        assert log.append(b"after") == log.size - 1
    assert audit(directory, KEY).problems == ()


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Memory, where there is some: these tests make thousands of files durable, and judge by content."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed log of START entries."""
    directory = tmp_path_factory.mktemp("template") / "log"
    with Log.create(directory, ORIGIN, PRIVATE) as log:
        log.append_all([entry(index) for index in range(START)])
    return directory


def writes_of(template: Path, scratch: Path) -> int:
    """How many primitive writes the story makes."""
    shutil.copytree(template, scratch)
    disk = FaultyDisk(scratch, None)
    Story(lambda line: None).run(disk)
    return disk.count


# --- killed -----------------------------------------------------------------------------------------------


def kill_before(disk: FaultyDisk, kind: str, whole: Callable[[], None], half: Callable[[], None]) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_after(disk: FaultyDisk, kind: str, whole: Callable[[], None], half: Callable[[], None]) -> None:
    whole()
    os.kill(os.getpid(), signal.SIGKILL)


def kill_within(disk: FaultyDisk, kind: str, whole: Callable[[], None], half: Callable[[], None]) -> None:
    half()
    os.kill(os.getpid(), signal.SIGKILL)


KILLS: dict[str, Fault] = {"before": kill_before, "after": kill_after, "within": kill_within}


def harness(root: Path) -> None:
    """Fork a child for every case that stands in `root/cases`, and wait for it."""
    for case in json.loads((root / "cases").read_text()):
        directory, how, at = root / case[0], case[1], case[2]
        child = os.fork()
        if child == 0:
            with (directory / "told").open("ab", buffering=0) as told:
                Story(lambda line, told=told: told.write(line.encode() + b"\n")).run(
                    FaultyDisk(directory / "log", at, KILLS[how])
                )
            os._exit(0)
        _, status = os.waitpid(child, 0)
        (directory / "ended").write_text(str(-os.WTERMSIG(status) if os.WIFSIGNALED(status) else status))


def run_harness(root: Path, cases: list[tuple[str, str, int]]) -> None:
    (root / "cases").write_text(json.dumps(cases))
    subprocess.run([sys.executable, __file__, str(root)], check=True, timeout=120)


def told_in(directory: Path) -> list[tuple[int, str]]:
    told = directory / "told"
    lines = told.read_text().splitlines() if told.exists() else []
    return [tuple(json.loads(line)) for line in lines]


@pytest.mark.parametrize("how", KILLS)
def test_killed_at_any_write_loses_nothing(template: Path, tmp_path: Path, how: str) -> None:
    cases = []
    for at in range(1, writes_of(template, tmp_path / "count") + 1):
        shutil.copytree(template, tmp_path / f"case{at}" / "log")
        cases.append((f"case{at}", how, at))
    run_harness(tmp_path, cases)
    for name, _, _ in cases:
        assert (tmp_path / name / "ended").read_text() == "-9"
        check(tmp_path / name / "log", told_in(tmp_path / name))


@pytest.mark.parametrize("how", KILLS)
def test_killed_during_recovery_loses_nothing(template: Path, tmp_path: Path, how: str) -> None:
    """The log has two batches in its write-ahead file; each write of the recovery is killed."""
    crashed = tmp_path / "crashed"
    shutil.copytree(template, crashed)
    log = Log.open(crashed, PRIVATE)
    told = []
    for count in BATCHES[:2]:
        log.append_all([entry(log.size + offset) for offset in range(count)])
        told.append((log.size, log.checkpoint().decode()))
    assert (crashed / "wal").stat().st_size
    counting = tmp_path / "counting"
    shutil.copytree(crashed, counting)
    disk = FaultyDisk(counting, None)
    Log.open(counting, PRIVATE, disk=disk)
    cases = []
    for at in range(1, disk.count + 1):
        shutil.copytree(crashed, tmp_path / f"case{at}" / "log")
        cases.append((f"case{at}", how, at))
    run_harness(tmp_path, cases)
    for name, _, _ in cases:
        assert (tmp_path / name / "ended").read_text() == "-9"
        check(tmp_path / name / "log", told)


# --- power cut --------------------------------------------------------------------------------------------


class PowerCut(BaseException):
    """The machine stops here."""


class VolatileDisk(FaultyDisk):
    """A disk that knows what of its content would survive a power cut."""

    def __init__(self, root: Path, at: int | None) -> None:
        super().__init__(root, at, self._cut)
        self.durable = self._content()

    @staticmethod
    def _cut(disk: FaultyDisk, kind: str, whole: Callable[[], None], half: Callable[[], None]) -> None:
        if kind in ("append", "write", "remove"):
            whole()  # it reached the cache; `lose` decides what reached the disk
        raise PowerCut

    def _content(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in self.root.rglob("*")
            if path.is_file()
        }

    def append(self, name: str, data: bytes) -> None:
        super().append(name, data)
        self.durable[name] = (self.root / name).read_bytes()

    def sync(self, names: Iterable[str]) -> None:
        names = list(names)
        super().sync(names)
        self.durable |= {name: (self.root / name).read_bytes() for name in names}

    def truncate(self, name: str) -> None:
        super().truncate(name)
        self.durable[name] = b""

    def lose(self, choice: Callable[[], str]) -> None:
        """Give every file that is not durable the fate that `choice` says."""
        now = self._content()
        for name in sorted(now.keys() | self.durable.keys()):
            old, new = self.durable.get(name), now.get(name)
            fate = choice() if old != new else "new"
            # A record that was being appended is cut, but never what stood before it.
            keep = len(old or b"") if name == "wal" else 0
            left = {
                "old": old,
                "new": new,
                "empty": None if new is None else new[:keep],
                "half": None if new is None else new[: keep + (len(new) - keep) // 2],
                "zeros": None if new is None else new[:keep] + bytes(len(new) - keep),
            }[fate]
            path = self.root / name
            if left is None:
                path.unlink(missing_ok=True)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(left)


FATES = ["old", "new", "empty", "half", "zeros"]


@pytest.mark.parametrize("fate", [*FATES, "mixed"])
def test_power_cut_at_any_write_loses_nothing(template: Path, tmp_path: Path, fate: str) -> None:
    chance = random.Random(fate)
    for at in range(1, writes_of(template, tmp_path / "count") + 1):
        directory = tmp_path / f"case{at}"
        shutil.copytree(template, directory)
        disk = VolatileDisk(directory, at)
        told: list[tuple[int, str]] = []
        with pytest.raises(PowerCut):
            Story(lambda line, told=told: told.append(tuple(json.loads(line)))).run(disk)
        disk.lose(lambda: chance.choice(FATES) if fate == "mixed" else fate)
        check(directory, told)


def test_reader_after_a_power_cut_sees_acknowledged_entries_that_only_the_wal_has(
    template: Path, tmp_path: Path
) -> None:
    directory = tmp_path / "log"
    shutil.copytree(template, directory)
    disk = VolatileDisk(directory, None)
    log = Log.open(directory, PRIVATE, disk=disk)
    log.append_all([entry(START + offset) for offset in range(10)])
    disk.lose(lambda: "old")
    before = {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}
    reader = Log.open(directory)
    assert list(reader.entries(START)) == [entry(START + offset) for offset in range(10)]
    assert {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()} == before


# --- failing ----------------------------------------------------------------------------------------------


def fail_before(disk: FaultyDisk, kind: str, whole: Callable[[], None], half: Callable[[], None]) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def fail_after(disk: FaultyDisk, kind: str, whole: Callable[[], None], half: Callable[[], None]) -> None:
    whole()
    raise OSError(errno.EIO, "Input/output error")


def fail_within(disk: FaultyDisk, kind: str, whole: Callable[[], None], half: Callable[[], None]) -> None:
    half()
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("fault", [fail_before, fail_after, fail_within])
def test_failed_write_is_reported_and_the_log_goes_on(template: Path, tmp_path: Path, fault: Fault) -> None:
    failures = []
    for at in range(1, writes_of(template, tmp_path / "count") + 1):
        directory = tmp_path / f"case{at}"
        shutil.copytree(template, directory)
        disk = FaultyDisk(directory, at, fault)
        log = None
        acknowledged: set[bytes] = set()
        told = []
        for number in range(12):
            batch = [b"%d.%d" % (number, offset) for offset in range(1 + number % 3)]
            try:
                log = log or Log.open(directory, PRIVATE, disk=disk)
                log.append_all(batch)
                acknowledged.update(batch)
                told.append(log.checkpoint())
                if number == 5:
                    log.close()
            except InputError as error:
                failures.append(f"{error.where}: {error.message.partition(':')[0]}")
        assert log is not None
        log.close()
        found = list(Log.open(directory).entries(START))
        assert acknowledged <= set(found)
        assert len(found) == len(set(found))
        for number in range(12):
            batch = [b"%d.%d" % (number, offset) for offset in range(1 + number % 3)]
            assert [item for item in found if item in batch] in ([], batch), "a batch was torn"
        for signed in told:
            assert audit(directory, KEY, signed).problems == ()
    assert len(failures) >= 10
    assert all(text.endswith("the log could not be written") for text in failures)


def test_flush_keeps_the_write_ahead_file_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencer, "WAL_BYTES", 4096)
    directory = tmp_path / "log"
    log = Log.create(directory, ORIGIN, PRIVATE)
    largest = 0
    for index in range(300):
        log.append(entry(index) * 10)
        largest = max(largest, (directory / "wal").stat().st_size)
    assert 0 < largest < 3 * 4096
    assert len(list(directory.rglob("*"))) < 700
    assert not (directory / "tile/0/000.p").exists()
    assert not (directory / "tile/entries/000.p").exists()


def test_many_files_are_made_durable_in_between(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencer, "PENDING_FILES", 8)
    disk = VolatileDisk(tmp_path, None)
    Log.create(tmp_path, ORIGIN, PRIVATE)
    log = Log.open(tmp_path, PRIVATE, disk=disk)
    for index in range(30):
        log.append(entry(index))
    assert len(log._pending) <= 10
    disk.lose(lambda: "old")
    assert Log.open(tmp_path).size == 30


def test_write_ahead_file_that_lost_acknowledged_entries_is_refused(template: Path, tmp_path: Path) -> None:
    directory = tmp_path / "log"
    shutil.copytree(template, directory)
    log = Log.open(directory, PRIVATE)
    log.append(entry(START))
    whole = (directory / recovery.WAL).stat().st_size
    log.append(entry(START + 1))
    os.truncate(directory / recovery.WAL, whole)
    for key in (PRIVATE, None):
        with pytest.raises(recovery.Rejected, match="lost entries that were acknowledged"):
            Log.open(directory, key)


if __name__ == "__main__":
    harness(Path(sys.argv[1]))
