from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from modelward.artifact import walk as module
from modelward.artifact.walk import Tree, walk
from modelward.core.errors import InputError, LimitExceeded


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    (root / "sub" / "deep").mkdir(parents=True)
    (root / "empty").mkdir()
    for name in ("a", "sub/b", "sub/deep/c", ".hidden"):
        (root / name).write_text(name)
    return root


def names(tree: Tree) -> list[str]:
    return sorted(file.name for file in tree.files)


def test_finds_every_regular_file_hidden_ones_too(root: Path) -> None:
    with walk(root) as tree:
        assert names(tree) == [".hidden", "a", "sub/b", "sub/deep/c"]
        assert {file.name: file.stamp.size for file in tree.files}["sub/b"] == 5


@pytest.mark.parametrize(
    ("ignore", "left"),
    [
        (["a"], [".hidden", "sub/b", "sub/deep/c"]),
        (["sub/deep", ".hidden"], ["a", "sub/b"]),
        (["b", "deep"], None),
    ],
)
def test_ignored_paths_are_left_out_with_all_below_them(
    root: Path, ignore: list[str], left: list[str] | None
) -> None:
    with walk(root, ignore=ignore) as tree:
        assert names(tree) == (left or [".hidden", "a", "sub/b", "sub/deep/c"])


def test_ignored_things_may_be_of_any_kind(root: Path) -> None:
    os.mkfifo(root / "pipe")
    (root / "out").symlink_to("/etc/passwd")
    with walk(root, ignore=["pipe", "out"]) as tree:
        assert len(tree.files) == 4


def test_named_pipe_is_refused_without_waiting_for_a_writer(root: Path) -> None:
    os.mkfifo(root / "sub" / "pipe")
    with pytest.raises(InputError, match="named pipe") as caught:
        walk(root)
    assert caught.value.where == "sub/pipe"


def test_socket_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("listen")
        with pytest.raises(InputError, match="socket"):
            walk(root)


def test_device_is_refused(root: Path) -> None:
    try:
        os.mknod(root / "null", 0o600 | 0o020000, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("skipped: needs root to make a device")
    with pytest.raises(InputError, match="device"):
        walk(root)


@pytest.mark.parametrize("name", [b"a\nb", b"a\\b", b"caf\xe9", b"\x1b[31m", b"-"])
def test_name_that_a_manifest_cannot_hold_is_refused(root: Path, name: bytes) -> None:
    (root / os.fsdecode(name)).write_bytes(b"x")
    with pytest.raises(InputError) as caught:
        walk(root)
    assert caught.value.help == "rename the file"


def test_directory_with_a_bad_name_is_refused_even_if_empty(root: Path) -> None:
    (root / "a\nb").mkdir()
    with pytest.raises(InputError, match="control"):
        walk(root)


@pytest.mark.parametrize("path", ["nothing", "a"])
def test_what_is_not_a_directory_is_refused(root: Path, path: str) -> None:
    with pytest.raises(InputError, match="cannot read it"):
        walk(root / path)


def test_file_replaced_between_walk_and_open_is_noticed(root: Path) -> None:
    with walk(root) as tree:
        file = next(file for file in tree.files if file.name == "a")
        (root / "other").write_text("x")
        os.replace(root / "other", root / "a")
        with pytest.raises(InputError, match="changed"):
            tree.open(file)


def test_file_replaced_by_a_link_between_walk_and_open_is_not_followed(root: Path) -> None:
    with walk(root) as tree:
        file = next(file for file in tree.files if file.name == "a")
        (root / "a").unlink()
        (root / "a").symlink_to("/etc/passwd")
        with pytest.raises(InputError, match="cannot read it"):
            tree.open(file)


def test_directory_replaced_by_a_link_between_walk_and_open_is_noticed(root: Path) -> None:
    with walk(root) as tree:
        file = next(file for file in tree.files if file.name == "sub/b")
        (root / "sub").rename(root.parent / "moved")
        evil = root.parent / "evil"
        evil.mkdir()
        (evil / "b").write_text("sub/b")
        (root / "sub").symlink_to(evil)
        with pytest.raises(InputError, match="changed"):
            tree.open(file)
        with pytest.raises(InputError, match="changed"):
            tree.check_unchanged()


@pytest.mark.parametrize("act", ["add", "remove", "rename", "add below", "write"])
def test_what_comes_goes_or_changes_after_the_walk_is_noticed(root: Path, act: str) -> None:
    with walk(root) as tree:
        tree.check_unchanged()
        if act == "add":
            (root / "sub" / "late").write_text("x")
        elif act == "remove":
            (root / "sub" / "b").unlink()
        elif act == "rename":
            (root / "a").rename(root / "z")
        elif act == "write":
            (root / "a").write_text("other")
        else:
            (root / "empty" / "late").write_text("x")
        with pytest.raises(InputError, match="changed"):
            tree.check_unchanged()


def test_bounds_on_depth_and_number(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_DEPTH", 2)
    with pytest.raises(LimitExceeded, match="2 levels"):
        walk(root)
    monkeypatch.undo()
    monkeypatch.setattr(module, "MAX_FILES", 2)
    with pytest.raises(LimitExceeded, match="2 files"):
        walk(root)


def test_links_that_multiply_the_tree_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty levels of two links each are a billion directories."""
    monkeypatch.setattr(module, "MAX_FILES", 1000)
    root = tmp_path / "bomb"
    for level in range(30):
        (root / f"d{level}").mkdir(parents=True)
        for side in ("l", "r"):
            (root / f"d{level}" / side).symlink_to(f"../d{level + 1}")
    (root / "d30").mkdir()
    with pytest.raises(LimitExceeded):
        walk(root)


def test_no_descriptor_is_left_open(root: Path) -> None:
    before = os.listdir("/proc/self/fd")
    with walk(root):
        pass
    os.mkfifo(root / "pipe")
    with pytest.raises(InputError):
        walk(root)
    assert os.listdir("/proc/self/fd") == before


def test_what_a_tree_may_not_hold_can_be_gathered(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    for number in range(100):
        (tmp_path / f"link{number}").symlink_to("/nowhere")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "up").symlink_to("..")
    refused: dict[str, str] = {}
    with walk(tmp_path, refused=refused) as tree:
        assert [file.name for file in tree.files] == ["a"]
    assert len(refused) == 101
    assert refused["sub/up"] == "the link leads in a circle"
