from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelward.artifact.blobs import DirectoryBlobs
from modelward.core.errors import InputError, Rejected

KEY = "sha256/ab/abcd"


@pytest.fixture
def blobs(tmp_path: Path) -> DirectoryBlobs:
    return DirectoryBlobs(tmp_path / "new" / "store")


def test_blob_is_written_whole_and_read_only(blobs: DirectoryBlobs) -> None:
    blobs.write(KEY, [b"con", b"tent"], 7)
    assert b"".join(blobs.read(KEY)) == b"content"
    assert (blobs.root / KEY).stat().st_mode & 0o777 == 0o444
    assert blobs.holds(KEY, 7)
    assert blobs.exists(KEY)
    assert list(blobs.list_keys()) == [KEY]


def test_store_that_was_never_written_is_empty(blobs: DirectoryBlobs) -> None:
    assert list(blobs.list_keys()) == []
    assert not blobs.holds(KEY, 0)
    assert not blobs.exists(KEY)
    blobs.delete(KEY)
    with pytest.raises(FileNotFoundError):
        next(blobs.read(KEY))


def test_source_that_fails_halfway_leaves_nothing(blobs: DirectoryBlobs) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise InputError("the source broke")

    with pytest.raises(InputError, match="broke"):
        blobs.write(KEY, chunks(), 8)
    assert list(blobs.list_keys()) == []


def test_every_write_is_synced_before_its_name_appears(
    blobs: DirectoryBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order on disk: content, then name, then the directories that lead to it."""
    acts: list[str] = []
    fsync, replace = os.fsync, os.replace

    def seen_fsync(descriptor: int) -> None:
        acts.append("sync " + os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}"))[:5])
        fsync(descriptor)

    def seen_replace(source: str, target: str) -> None:
        acts.append("rename")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", seen_fsync)
    monkeypatch.setattr(os, "replace", seen_replace)
    blobs.write(KEY, [b"x"], 1)
    assert acts[-3:] == ["sync .abcd", "rename", "sync ab"]
    assert acts[:-3][-2:] == ["sync store", "sync sha25"]


def test_size_that_differs_is_not_held(blobs: DirectoryBlobs) -> None:
    blobs.write(KEY, [b"truncat"], 7)
    assert not blobs.holds(KEY, 8)


@pytest.mark.parametrize("kind", ["fifo", "link", "directory"])
def test_blob_that_is_no_regular_file_is_neither_held_nor_read(blobs: DirectoryBlobs, kind: str) -> None:
    path = blobs.root / KEY
    path.parent.mkdir(parents=True)
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to("/etc/passwd")
    else:
        path.mkdir()
    assert not blobs.holds(KEY, path.lstat().st_size)
    with pytest.raises((Rejected, InputError)):
        list(blobs.read(KEY))


def test_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="cannot write") as caught:
        DirectoryBlobs(tmp_path / "file").write(KEY, [b"x"], 1)
    assert str(caught.value.where).endswith(KEY)
