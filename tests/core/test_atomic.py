from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from modelward.core import atomic


def test_file_appears_with_its_mode_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "file"
    atomic.write_bytes(path, b"content", mode=0o600)
    assert path.read_bytes() == b"content"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_error_leaves_the_old_content_and_no_temporary_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    atomic.write_bytes(path, b"old")

    def fail_halfway() -> None:
        with atomic.replacing(path) as stream:
            stream.write(b"new")
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        fail_halfway()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    atomic.write_bytes(path, b"old")
    with atomic.replacing(path) as stream:
        stream.write(b"new")
        stream.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


def test_killed_writer_leaves_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "file"
    atomic.write_bytes(path, b"old")
    program = (
        "import os, signal, sys; from pathlib import Path; from modelward.core import atomic\n"
        "with atomic.replacing(Path(sys.argv[1])) as stream:\n"
        "    stream.write(b'new'); stream.flush(); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    run = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert run.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"


def test_link_is_replaced_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"precious")
    path = tmp_path / "file"
    path.symlink_to(outside)
    atomic.write_bytes(path, b"new")
    assert outside.read_bytes() == b"precious"
    assert not path.is_symlink()


def test_name_as_long_as_the_file_system_allows(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    atomic.write_bytes(path, b"content")
    assert path.read_bytes() == b"content"


def test_directories_are_made_once_and_may_exist(tmp_path: Path) -> None:
    for _ in range(2):
        atomic.make_directories(tmp_path / "a" / "b" / "c")
    assert (tmp_path / "a" / "b" / "c").is_dir()


def test_file_in_the_way_of_a_directory_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(OSError, match="a"):
        atomic.write_bytes(tmp_path / "a" / "file", b"content")
    assert os.listdir(tmp_path) == ["a"]


def test_error_names_the_file_and_not_its_temporary_name(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError) as caught:
        atomic.write_bytes(tmp_path, b"x")
    assert caught.value.filename == str(tmp_path)
    with pytest.raises(OSError, match=r"No such|denied|not permitted") as caught_too:
        atomic.write_bytes(Path("/proc/none"), b"x")
    assert caught_too.value.filename == "/proc/none"


@pytest.mark.parametrize("linked", [True, False])
def test_a_copy_appears_whole_and_the_source_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, linked: bool
) -> None:
    if not linked:
        monkeypatch.setattr(os, "link", _no_links)
    (tmp_path / "source").write_bytes(b"new")
    (tmp_path / "to").mkdir()
    (tmp_path / "to" / "file").write_bytes(b"old")
    atomic.copy(tmp_path / "source", tmp_path / "to" / "file", mode=0o640)
    assert (tmp_path / "to" / "file").read_bytes() == (tmp_path / "source").read_bytes() == b"new"
    assert (tmp_path / "to" / "file").stat().st_mode & 0o777 == 0o640
    assert [path.name for path in (tmp_path / "to").iterdir()] == ["file"]
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError):  # noqa: PT011
        atomic.copy(tmp_path / "source", tmp_path / "taken")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source", "taken", "to"]


def _no_links(*_: object) -> None:
    raise OSError(18, "Invalid cross-device link")
