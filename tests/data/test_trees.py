from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.core import merkle
from modelward.data import trees
from modelward.data.digesting import leaf_hashes, matrix_of
from modelward.data.trees import Leaves, Tree, chunk_of, hash_leaves, range_hash, root_of, subtrees


def lines(count: int) -> list[bytes]:
    return [number.to_bytes(32, "big") for number in range(count)]


@given(st.integers(0, 70), st.integers(0, 70))
def test_subtrees_of_a_range_are_those_of_the_tree(start: int, count: int) -> None:
    leaves = leaf_hashes(matrix_of(lines(start + count)))
    found = subtrees(leaves[start:], start)
    assert [level for level, _ in found] == [level for level, _ in merkle.cover(start, start + count)]
    for (level, node), (_, index) in zip(found, merkle.cover(start, start + count), strict=True):
        under = leaves[index << level : (index + 1) << level]
        assert node == merkle.root([leaf.tobytes() for leaf in under])


@given(st.lists(st.integers(0, 20), max_size=6))
def test_a_tree_is_put_together_from_what_several_hashed(counts: list[int]) -> None:
    leaves = leaf_hashes(matrix_of(lines(sum(counts))))
    tree, at = Tree(), 0
    for count in counts:
        tree.extend(subtrees(leaves[at : at + count], at))
        at += count
    assert tree.root.raw == merkle.root([leaf.tobytes() for leaf in leaves])


@given(st.integers(1, 70), st.data())
def test_hashes_of_chunks_answer_for_every_range_of_a_proof(size: int, data: st.DataObject) -> None:
    leaves = leaf_hashes(matrix_of(lines(size)))
    chunks, _ = hash_leaves(Leaves(b"".join(lines(size)), 32, 8))
    tree = Tree()
    for chunk in chunks:
        tree.add(chunk)
    assert tree.root == root_of(tree.chunks)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    for start, stop in [*merkle.inclusion_ranges(index, size), *merkle.consistency_ranges(old, size)]:
        found = range_hash(tree.chunks, 8, start, stop, lambda a, b: leaves[a:b])
        assert found == merkle.root([leaf.tobytes() for leaf in leaves[start:stop]])


def test_shards_have_trees_of_their_own() -> None:
    _, (first, second) = hash_leaves(Leaves(b"".join(lines(10)), 32, 16, ((0, 3), (0, 7))))
    for nodes, part in ((first, lines(10)[:3]), (second, lines(10)[3:])):
        tree = Tree()
        tree.extend(nodes)
        assert tree.root.raw == merkle.root([merkle.leaf_hash(line) for line in part])


@pytest.mark.parametrize(
    ("rows", "chunk"), [(0, 4096), (1 << 28, 4096), ((1 << 28) + 1, 8192), (10**10, 1 << 18)]
)
def test_there_are_never_too_many_chunks(rows: int, chunk: int) -> None:
    assert chunk_of(rows) == chunk
    assert rows <= chunk * trees.MAX_CHUNKS


def test_row_groups_of_wide_indexes_are_small() -> None:
    assert [trees.group_of(10**6, columns) for columns in (1, 128, 129, 10_000)] == [
        65536,
        65536,
        32768,
        4096,
    ]
    assert trees.group_of(10**10, 1) == 1 << 18
