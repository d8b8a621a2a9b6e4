"""Bytes are hashed where they stay."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded, Rejected
from modelward.deploy.memory import MemorySource, open_file, read_verified

DATA = bytes(range(256)) * 20_000  # several reads


def read(path: Path, digest: Digest | None = None, max_bytes: int | None = None) -> memoryview:
    descriptor = open_file(path, "model")
    try:
        return read_verified(descriptor, "model", digest or Digest.sha256(DATA), max_bytes)
    finally:
        os.close(descriptor)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model"
    path.write_bytes(DATA)
    return path


def test_the_bytes_are_those_of_the_file_and_read_only(file: Path) -> None:
    view = read(file)
    assert view == DATA
    assert view.readonly


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert read(tmp_path / "empty", Digest.sha256(b"")).nbytes == 0


def test_writing_to_the_file_later_changes_nothing(file: Path) -> None:
    view = read(file)
    with file.open("r+b") as stream:
        stream.write(b"evil" * 1000)
    assert view == DATA


def test_cutting_the_file_off_later_is_no_crash(file: Path) -> None:
    view = read(file)
    os.truncate(file, 0)
    assert view == DATA


def test_other_bytes(file: Path) -> None:
    with pytest.raises(Rejected, match="not those that were released"):
        read(file, Digest.sha256(b"other"))


def test_more_bytes_than_were_released_are_not_read(file: Path) -> None:
    os.truncate(file, 1 << 43)  # sparse: reading it would take days and all memory
    with pytest.raises(Rejected, match="more than all of the release"):
        read(file, max_bytes=len(DATA))


def test_a_file_that_does_not_fit_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "vast"
    path.touch()
    try:
        os.truncate(path, (1 << 63) - 1)
    except OSError:
        os.truncate(path, 1 << 43)
    limited = (
        "import resource, sys; from pathlib import Path\n"
        "from modelward.deploy.memory import open_file, read_verified\n"
        "from modelward.core.digest import Digest\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 32, 1 << 32))\n"
        "try: read_verified(open_file(Path(sys.argv[1]), 'm'), 'm', Digest.sha256(b''))\n"
        "except Exception as error: print(type(error).__name__)\n"
    )
    run = subprocess.run([sys.executable, "-c", limited, path], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == LimitExceeded.__name__


def fifo(path: Path) -> None:
    os.mkfifo(path)


def directory(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("make", [fifo, directory])
def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "odd")
    with pytest.raises(InputError, match="not a file"):
        read(tmp_path / "odd")


def test_a_link_is_refused(file: Path) -> None:
    (file.parent / "link").symlink_to(file)
    with pytest.raises(Rejected, match="is a link"):
        read(file.parent / "link")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read it"):
        read(tmp_path / "missing")


def test_a_file_is_in_memory_once(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from modelward.deploy.memory import open_file, read_verified\n"
        "from modelward.core.digest import Digest\n"
        "def peak(): return int(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])\n"
        "before = peak()\n"
        "view = read_verified(open_file(Path(sys.argv[1]), 'm'), 'm', Digest.parse(sys.argv[2]))\n"
        "print((peak() - before) * 1024 / view.nbytes)\n"
    )
    path = tmp_path / "large"
    path.write_bytes(DATA * 20)
    digest = str(Digest.sha256(DATA * 20))
    command = [sys.executable, "-c", program, path, digest]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert 0.9 < float(run.stdout) < 1.1


def test_a_buffer_reads_as_a_source() -> None:
    source = MemorySource(memoryview(b"abcdef"))
    assert (source.size, source.read(2, 3), source.read(4, 9), source.read(2, -1)) == (6, b"cde", b"ef", b"")
