from __future__ import annotations

import os
from pathlib import Path

import pytest

from modelward.artifact.hashing import hash_file, hash_tree
from modelward.core.errors import InputError


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree with two files, beside a secret that no link may reach."""
    root = tmp_path / "tree"
    (root / "sub").mkdir(parents=True)
    (root / "file").write_bytes(b"content")
    (root / "sub" / "inner").write_bytes(b"inner")
    (tmp_path / "secret").write_bytes(b"secret")
    return root


def names(root: Path) -> list[str]:
    return [entry.name for entry in hash_tree(root).entries]


@pytest.mark.parametrize(
    ("place", "target"),
    [
        ("link", "file"),
        ("link", "./sub/../file"),
        ("link", "sub/..//file"),
        ("sub/link", "../file"),
        ("sub/link", "../sub/../file"),
    ],
)
def test_link_inside_the_tree_counts_as_the_file_it_points_to(tree: Path, place: str, target: str) -> None:
    (tree / place).symlink_to(target)
    entries = {entry.name: entry for entry in hash_tree(tree).entries}
    assert entries[place].digest == hash_file(tree / "file")
    assert entries[place].size == 7


def test_absolute_link_into_the_tree_and_link_to_a_link(tree: Path) -> None:
    (tree / "absolute").symlink_to(tree / "file")
    (tree / "again").symlink_to("absolute")
    assert len({entry.digest for entry in hash_tree(tree).entries if entry.name != "sub/inner"}) == 1


def test_link_to_a_directory_counts_as_its_files(tree: Path) -> None:
    (tree / "other").symlink_to("sub")
    assert names(tree) == ["file", "other/inner", "sub/inner"]


def test_the_tree_itself_may_be_named_by_a_link(tree: Path) -> None:
    link = tree.parent / "latest"
    link.symlink_to("tree")
    assert hash_tree(link) == hash_tree(tree)


@pytest.mark.parametrize(
    "target",
    [
        "../secret",
        "/etc/passwd",
        "sub/../../secret",
        "..",
        "../tree/file",  # comes back, but whoever owns the outside decides where it leads
        "/",
        "/proc/self/cwd",
        "../tree2",
    ],
)
def test_link_that_leaves_the_tree_is_refused(tree: Path, target: str) -> None:
    (tree.parent / "tree2").mkdir()
    (tree / "link").symlink_to(target)
    with pytest.raises(InputError, match="out of the tree") as caught:
        hash_tree(tree)
    assert caught.value.where == "link"
    assert caught.value.help


def test_link_that_leaves_by_way_of_a_linked_directory_is_refused(tree: Path) -> None:
    (tree / "a").mkdir()
    (tree / "a" / "up").symlink_to("../..")
    (tree / "b").symlink_to("a/up/secret")
    with pytest.raises(InputError, match="out of the tree"):
        hash_tree(tree)


def test_absolute_link_to_a_sibling_with_the_trees_name_as_prefix_is_refused(tree: Path) -> None:
    evil = tree.parent / "tree-evil"
    evil.mkdir()
    (evil / "file").write_bytes(b"evil")
    (tree / "link").symlink_to(evil / "file")
    with pytest.raises(InputError, match="out of the tree"):
        hash_tree(tree)


@pytest.mark.parametrize(
    ("links", "where"),
    [
        ({"a": "a"}, "a"),
        ({"a": "b", "b": "a"}, "a"),
        ({"sub/up": ".."}, "sub/up"),
        ({"here": "."}, "here"),
        ({"p": "sub", "sub/q": "../p"}, "p/q"),
    ],
)
def test_link_cycle_is_refused(tree: Path, links: dict[str, str], where: str) -> None:
    for place, target in links.items():
        (tree / place).symlink_to(target)
    with pytest.raises(InputError, match="circle") as caught:
        hash_tree(tree)
    assert str(caught.value.where).startswith(where)


@pytest.mark.parametrize("target", ["nothing", "sub/nothing", "file/x", "file/..", "file/"])
def test_link_that_leads_nowhere_is_refused(tree: Path, target: str) -> None:
    (tree / "link").symlink_to(target)
    with pytest.raises(InputError, match="nowhere") as caught:
        hash_tree(tree)
    assert caught.value.where == "link"


def test_link_to_a_fifo_is_refused(tree: Path) -> None:
    os.mkfifo(tree / "sub" / "pipe")
    (tree / "a").symlink_to("sub/pipe")
    with pytest.raises(InputError, match="named pipe"):
        hash_tree(tree)


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    """A Hugging Face cache entry as the Hub client lays it out."""
    entry = tmp_path / "hub" / "models--org--name"
    snapshot = entry / "snapshots" / "0123abcd"
    (snapshot / "onnx").mkdir(parents=True)
    (entry / "blobs").mkdir()
    for blob in ("aaa", "bbb"):
        (entry / "blobs" / blob).write_text(blob)
    (snapshot / "model.bin").symlink_to("../../blobs/aaa")
    (snapshot / "onnx" / "model.onnx").symlink_to("../../../blobs/bbb")
    return snapshot


def test_hugging_face_snapshot_has_the_digest_of_its_plain_copy(snapshot: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    (plain / "onnx").mkdir(parents=True)
    (plain / "model.bin").write_text("aaa")
    (plain / "onnx" / "model.onnx").write_text("bbb")
    assert hash_tree(snapshot).digest == hash_tree(plain).digest
    assert hash_tree(snapshot / "onnx").digest == hash_tree(plain / "onnx").digest


@pytest.mark.parametrize(
    "target",
    [
        "../../../secret",
        "../../../models--org--other/blobs/aaa",
        "../../refs",
        "../../blobs",
        "../../blobs/../refs/main",
        "../../blobs/sub/deep",
        "../../blobs/out",
        "../other/model.bin",
    ],
)
def test_hugging_face_snapshot_reaches_nothing_but_its_own_blobs(snapshot: Path, target: str) -> None:
    entry = snapshot.parents[1]
    for path in ("../secret", "../models--org--other/blobs/aaa", "refs/main", "blobs/sub/deep"):
        (entry / path).parent.mkdir(parents=True, exist_ok=True)
        (entry / path).write_text("x")
    (snapshot.parent / "other").mkdir()
    (snapshot.parent / "other" / "model.bin").write_text("x")
    (entry / "blobs" / "out").symlink_to("../../secret")
    (snapshot / "link").symlink_to(target)
    with pytest.raises(InputError, match="out of the tree"):
        hash_tree(snapshot)


def test_blobs_beside_an_ordinary_tree_are_outside(tmp_path: Path) -> None:
    root = tmp_path / "snapshots" / "one"
    root.mkdir(parents=True)
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs" / "aaa").write_text("aaa")
    (root / "model.bin").symlink_to("../../blobs/aaa")
    with pytest.raises(InputError, match="out of the tree"):
        hash_tree(root)
