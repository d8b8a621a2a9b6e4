"""core.merkle against the vectors of certificate-transparency, a literal RFC 9162 tree, and pymerkle."""

from __future__ import annotations

import hashlib

import pymerkle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelward.core import merkle
from modelward.core.errors import Rejected

# The reference leaves, roots and proofs that the certificate-transparency implementations share.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = [  # (index, size, proof)
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
CONSISTENCY = [  # (old size, new size, proof)
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]

leaf_lists = st.lists(st.binary(max_size=8), min_size=1, max_size=80)


def hashes_of(leaves: list[bytes]) -> list[bytes]:
    return [merkle.leaf_hash(leaf) for leaf in leaves]


def rfc_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162 section 2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + rfc_root(leaves[:k]) + rfc_root(leaves[k:])).digest()


def test_empty_root_is_the_hash_of_nothing() -> None:
    assert merkle.root([]) == merkle.EMPTY_ROOT == hashlib.sha256().digest()
    assert merkle.Frontier().root() == merkle.EMPTY_ROOT


def test_reference_roots() -> None:
    hashes = hashes_of(LEAVES)
    frontier = merkle.Frontier()
    for size, expected in enumerate(ROOTS, 1):
        frontier.append(hashes[size - 1])
        assert merkle.root(hashes[:size]).hex() == expected
        assert frontier.root().hex() == expected


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_reference_inclusion_proofs(index: int, size: int, proof: list[str]) -> None:
    hashes = hashes_of(LEAVES)[:size]
    made = merkle.inclusion_proof(hashes, index)
    assert [value.hex() for value in made] == proof
    merkle.verify_inclusion(hashes[index], index, size, made, bytes.fromhex(ROOTS[size - 1]))


@pytest.mark.parametrize(("old", "new", "proof"), CONSISTENCY)
def test_reference_consistency_proofs(old: int, new: int, proof: list[str]) -> None:
    made = merkle.consistency_proof(hashes_of(LEAVES)[:new], old)
    assert [value.hex() for value in made] == proof
    merkle.verify_consistency(old, bytes.fromhex(ROOTS[old - 1]), new, bytes.fromhex(ROOTS[new - 1]), made)


def test_all_proofs_of_small_trees_verify_and_no_other_index_does() -> None:
    hashes = hashes_of([bytes([i]) for i in range(33)])
    for size in range(1, 34):
        root = merkle.root(hashes[:size])
        for index in range(size):
            proof = merkle.inclusion_proof(hashes[:size], index)
            merkle.verify_inclusion(hashes[index], index, size, proof, root)
            for other in {index - 1, index + 1, size}:
                with pytest.raises(Rejected):
                    merkle.verify_inclusion(hashes[index], other, size, proof, root)
        for old in range(size + 1):
            proof = merkle.consistency_proof(hashes[:size], old)
            merkle.verify_consistency(old, merkle.root(hashes[:old]), size, root, proof)


@given(leaf_lists)
@settings(max_examples=60, deadline=None)
def test_root_agrees_with_the_text_of_the_rfc(leaves: list[bytes]) -> None:
    assert merkle.root(hashes_of(leaves)) == rfc_root(leaves)


@given(leaf_lists, st.data())
@settings(max_examples=60, deadline=None)
def test_second_implementation_agrees(leaves: list[bytes], data: st.DataObject) -> None:
    oracle = pymerkle.InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        oracle.append_entry(leaf)
    hashes = hashes_of(leaves)
    assert merkle.root(hashes) == oracle.get_root()

    index = data.draw(st.integers(0, len(leaves) - 1))
    theirs = oracle.prove_inclusion(index + 1)
    assert theirs.path[1:] == merkle.inclusion_proof(hashes, index)
    assert theirs.path[0] == hashes[index]

    old = data.draw(st.integers(1, len(leaves)))
    mine = merkle.consistency_proof(hashes, old)
    proof = oracle.prove_consistency(old, len(leaves))
    pymerkle.verify_consistency(oracle.get_root(old), oracle.get_root(), proof)
    merkle.verify_consistency(old, oracle.get_root(old), len(leaves), oracle.get_root(), mine)


@given(leaf_lists, st.data())
@settings(max_examples=80, deadline=None)
def test_changed_proof_is_rejected(leaves: list[bytes], data: st.DataObject) -> None:
    hashes = hashes_of(leaves)
    root = merkle.root(hashes)
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = merkle.inclusion_proof(hashes, index)
    mutants = [[*proof, root], [root, *proof], proof[:-1] if proof else [root]]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        mutants.append([*proof[:at], merkle.leaf_hash(b"forged"), *proof[at + 1 :]])
        mutants.append([*proof[:at], proof[at][:-1], *proof[at + 1 :]])
    for mutant in mutants:
        with pytest.raises(Rejected):
            merkle.verify_inclusion(hashes[index], index, len(leaves), mutant, root)


@given(leaf_lists, leaf_lists, st.data())
@settings(max_examples=80, deadline=None)
def test_rewritten_history_is_rejected(old: list[bytes], more: list[bytes], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(old) - 1))
    rewritten = [*old[:at], old[at] + b"!", *old[at + 1 :], *more]
    hashes = hashes_of(rewritten)
    proof = merkle.consistency_proof(hashes, len(old))
    old_root = merkle.root(hashes_of(old))
    for attempt in (proof, [], [*proof, old_root], proof[:-1], proof[::-1]):
        with pytest.raises(Rejected):
            merkle.verify_consistency(len(old), old_root, len(hashes), merkle.root(hashes), attempt)


def test_shrunk_log_is_rejected() -> None:
    hashes = hashes_of(LEAVES)
    with pytest.raises(Rejected, match="cannot extend"):
        merkle.verify_consistency(8, merkle.root(hashes), 7, merkle.root(hashes[:7]), [])


def test_same_size_with_another_root_is_rejected() -> None:
    hashes = hashes_of(LEAVES)
    with pytest.raises(Rejected, match="different roots"):
        merkle.verify_consistency(8, merkle.root(hashes), 8, merkle.root(hashes[::-1]), [])


def test_empty_tree_with_a_made_up_root_is_rejected() -> None:
    with pytest.raises(Rejected, match="empty"):
        merkle.verify_consistency(0, b"x" * 32, 8, bytes.fromhex(ROOTS[7]), [])


def test_inner_node_is_never_taken_for_a_leaf() -> None:
    hashes = hashes_of(LEAVES)
    inner = hashes[0] + hashes[1]
    proof = merkle.inclusion_proof(hashes, 0)[1:]
    with pytest.raises(Rejected):
        merkle.verify_inclusion(merkle.leaf_hash(inner), 0, 4, proof, merkle.root(hashes))


def test_ranges_outside_the_tree_are_refused() -> None:
    for index, size in ((0, 0), (1, 1), (-1, 4)):
        with pytest.raises(ValueError, match="not in a tree"):
            merkle.inclusion_ranges(index, size)
    for old, new in ((2, 1), (-1, 1)):
        with pytest.raises(ValueError, match="not a prefix"):
            merkle.consistency_ranges(old, new)


@given(st.integers(1, 1 << 62), st.data())
@settings(max_examples=100, deadline=None)
def test_ranges_cover_the_tree_at_any_size(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    ranges = merkle.inclusion_ranges(index, size)
    assert len(ranges) <= merkle.MAX_PROOF_HASHES
    covered = sum(stop - start for start, stop in ranges)
    assert covered == size - 1
    for start, stop in ranges:
        parts = merkle.subtrees(start, stop)
        assert sum(1 << level for level, _ in parts) == stop - start
        assert parts[0][1] << parts[0][0] == start


def test_frontier_resumes_from_its_hashes() -> None:
    hashes = hashes_of([bytes([i]) for i in range(50)])
    for size in range(50):
        first = merkle.Frontier()
        for value in hashes[:size]:
            first.append(value)
        again = merkle.Frontier(size, first.complete)
        again.append(hashes[size])
        assert again.root() == merkle.root(hashes[: size + 1])
    with pytest.raises(ValueError, match="complete subtrees"):
        merkle.Frontier(3, [hashes[0]])


@given(st.integers(1, 40), st.sets(st.integers(0, 39), min_size=1, max_size=4))
def test_several_leaves_are_proved_together(size: int, numbers: set[int]) -> None:
    chosen = {number % size for number in numbers}
    leaves = [merkle.leaf_hash(bytes([number])) for number in range(size)]
    root = merkle.root(leaves)
    proof = [merkle.root(leaves[start:stop]) for start, stop in merkle.ranges_beside(chosen, size)]
    proved = {number: leaves[number] for number in chosen}
    merkle.verify_together(proved, size, proof, root)
    single = [len(merkle.inclusion_ranges(number, size)) for number in chosen]
    assert len(proof) <= sum(single)
    with pytest.raises(Rejected, match="too long"):
        merkle.verify_together(proved, size, [*proof, root], root)
    if proof:
        with pytest.raises(Rejected, match="too short"):
            merkle.verify_together(proved, size, proof[1:], root)
        other = [*proof[:-1], merkle.leaf_hash(b"other")]
        with pytest.raises(Rejected, match="not in the tree with this root"):
            merkle.verify_together(proved, size, other, root)


def test_together_at_least_one_leaf_is_proved_and_each_is_in_the_tree() -> None:
    leaf = merkle.leaf_hash(b"a")
    for leaves, size in (({}, 1), ({}, 0), ({1: leaf}, 1), ({-1: leaf}, 1)):
        with pytest.raises(Rejected, match="is not in a tree of"):
            merkle.verify_together(leaves, size, [leaf], leaf)
    with pytest.raises(Rejected, match="no tree is so large"):
        merkle.verify_together({0: leaf}, 1 << 65, [leaf], leaf)
    with pytest.raises(ValueError, match="not in a tree of 1"):
        merkle.ranges_beside({1}, 1)


@given(st.lists(st.binary(min_size=1, max_size=2), max_size=40), st.data())
def test_ranges_hashed_apart_make_the_tree(leaves: list[bytes], data: st.DataObject) -> None:
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(leaves)), max_size=4)))
    frontier = merkle.Frontier()
    for start, stop in zip([0, *cuts], [*cuts, len(leaves)], strict=True):
        for level, index in merkle.cover(start, stop):
            frontier.add(merkle.root(hashes[index << level : (index + 1) << level]), level)
    assert frontier.size == len(leaves)
    assert frontier.root() == merkle.root(hashes)


def test_a_subtree_is_added_only_where_one_can_begin() -> None:
    frontier = merkle.Frontier()
    frontier.append(merkle.leaf_hash(b"a"))
    with pytest.raises(ValueError, match="begins at leaf 1"):
        frontier.add(bytes(32), 1)
