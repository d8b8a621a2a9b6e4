"""log.tree: proofs from tiles equal proofs from leaves, and a changed file never gives an answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelward.core import merkle
from modelward.core.errors import InputError, ModelwardError, Rejected
from modelward.log.disk import Disk
from modelward.log.tree import Tree

SIZE = 70_000


def entry(index: int) -> bytes:
    return b"entry %d" % index


LEAVES = [merkle.leaf_hash(entry(index)) for index in range(SIZE)]


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Disk:
    """The example of the specification: a tree of 70,000, in three levels of tiles."""
    disk = Disk(tmp_path_factory.mktemp("tree"))
    tree = Tree(disk, 0, ())
    for start in range(0, SIZE, 4096):
        tree, files = tree.grown([entry(index) for index in range(start, min(start + 4096, SIZE))])
        for name, data in files.items():
            disk.write(name, data)
    return disk


def test_tree_of_70000_has_the_tiles_of_the_specification(disk: Disk) -> None:
    root = disk.root / "tile"
    assert len([path for path in (root / "0").iterdir() if path.is_file()]) == 273
    assert (root / "0" / "273.p" / "112").stat().st_size == 112 * 32
    assert (root / "1" / "000").stat().st_size == 8192
    assert (root / "1" / "001.p" / "17").stat().st_size == 17 * 32
    assert (root / "2" / "000.p" / "1").stat().st_size == 32
    assert (root / "entries" / "273.p" / "112").is_file()
    assert not (root / "3").exists()


def test_root_from_tiles_is_the_root(disk: Disk) -> None:
    tree = Tree.load(disk, SIZE)
    assert tree.root() == merkle.root(LEAVES)
    assert Tree.load(disk, 0).root() == merkle.EMPTY_ROOT


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_proofs_from_tiles_verify(disk: Disk, data: st.DataObject) -> None:
    tree = Tree.load(disk, SIZE)
    size = data.draw(st.integers(1, SIZE))
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(0, size))
    root = tree.root(size)
    merkle.verify_inclusion(LEAVES[index], index, size, tree.inclusion_proof(index, size), root)
    merkle.verify_consistency(old, tree.root(old), size, root, tree.consistency_proof(old, size))


def test_proofs_from_tiles_are_those_from_leaves(disk: Disk) -> None:
    tree = Tree.load(disk, SIZE)
    for size in (1, 2, 255, 256, 257, 511, 513, 1000):
        assert tree.root(size) == merkle.root(LEAVES[:size])
        for index in {0, 1, size // 2, size - 1} & set(range(size)):
            assert tree.inclusion_proof(index, size) == merkle.inclusion_proof(LEAVES[:size], index)
            assert tree.consistency_proof(index, size) == merkle.consistency_proof(LEAVES[:size], index)


def test_entries_come_back(disk: Disk) -> None:
    tree = Tree.load(disk, SIZE)
    for start, stop in ((0, 0), (0, 1), (250, 520), (69_990, SIZE), (SIZE, SIZE)):
        assert list(tree.entries(start, stop)) == [entry(index) for index in range(start, stop)]


@given(st.lists(st.integers(0, 700), max_size=6))
@settings(max_examples=25, deadline=None)
def test_growing_in_any_steps_gives_the_same_tree(steps: list[int]) -> None:
    tree = Tree(Disk(Path("never-read")), 0, ())
    for step in steps:
        tree, files = tree.grown([entry(tree.size + offset) for offset in range(step)])
        assert bool(files) == bool(step)
    assert tree.size == sum(steps)
    assert [edge.data for edge in tree.edges] == [
        edge.data
        for edge in Tree(Disk(Path("never-read")), 0, ())
        .grown([entry(index) for index in range(tree.size)])[0]
        .edges
    ]


@pytest.mark.parametrize("bad", [(-1, 1), (1, 0), (0, SIZE + 1), (SIZE + 1, SIZE + 2)])
def test_places_outside_the_log_are_refused(disk: Disk, bad: tuple[int, int]) -> None:
    tree = Tree.load(disk, SIZE)
    with pytest.raises(InputError):
        list(tree.entries(*bad))
    with pytest.raises(InputError):
        tree.consistency_proof(*bad)
    with pytest.raises(InputError):
        tree.inclusion_proof(SIZE, SIZE)


def flip(path: Path, at: int = 0) -> bytes:
    """Change one bit of a file; returns what it was."""
    before = path.read_bytes()
    path.write_bytes(before[:at] + bytes([before[at] ^ 1]) + before[at + 1 :])
    return before


@pytest.mark.parametrize("name", ["tile/0/000", "tile/1/000"])
def test_changed_tile_gives_no_proof(disk: Disk, name: str) -> None:
    before = flip(disk.root / name, 40)
    try:
        with pytest.raises(Rejected, match="this tile was changed") as caught:
            Tree.load(disk, SIZE).inclusion_proof(3, SIZE)
        assert caught.value.where == str(disk.root / name)
    finally:
        (disk.root / name).write_bytes(before)


def test_changed_entry_is_not_returned(disk: Disk) -> None:
    path = disk.root / "tile/entries/001"
    before = flip(path, 5)
    try:
        tree = Tree.load(disk, SIZE)
        with pytest.raises(Rejected, match="entry 256 was changed"):
            list(tree.entries(256, 257))
        assert list(tree.entries(255, 256)) == [entry(255)]
    finally:
        path.write_bytes(before)


@pytest.mark.parametrize("name", ["tile/0/001", "tile/entries/001", "tile/0/273.p/112"])
@pytest.mark.parametrize("damage", ["missing", "empty", "short", "directory"])
def test_damaged_file_is_named(disk: Disk, name: str, damage: str) -> None:
    path = disk.root / name
    before = path.read_bytes()
    path.unlink()
    if damage == "directory":
        path.mkdir()
    elif damage != "missing":
        path.write_bytes(b"" if damage == "empty" else before[:-1])
    try:
        with pytest.raises(ModelwardError) as caught:
            list(Tree.load(disk, SIZE).entries(256, 512))
        assert caught.value.where == str(path)
    finally:
        if damage == "directory":
            path.rmdir()
        path.write_bytes(before)


def test_full_tile_stands_for_a_partial_one(disk: Disk) -> None:
    tree = Tree.load(disk, 300)  # tile/0/001.p/44 was never written, tile/0/001 was
    assert tree.root() == merkle.root(LEAVES[:300])
    assert list(tree.entries(290, 300)) == [entry(index) for index in range(290, 300)]
