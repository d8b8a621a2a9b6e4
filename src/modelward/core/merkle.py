"""The Merkle tree of RFC 6962 (and RFC 9162 section 2.1), as pure functions.

The tree over n leaves splits at the largest power of two below n. So every subtree that a root or a proof
needs is a *range* of leaves, and every range is a row of *complete* subtrees, named (level, index): the
subtree of 2**level leaves that starts at leaf index * 2**level. Whoever holds complete subtree hashes
(a list of leaves, the tiles of a log) can answer everything from them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence

from modelward.core.errors import Rejected

HASH_BYTES = 32

#: The root of the tree without leaves: the hash of nothing.
EMPTY_ROOT = hashlib.sha256(b"").digest()

#: A proof longer than this is for no tree that could exist (indexes are below 2**63).
MAX_PROOF_HASHES = 64


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf that holds `data` (RFC 9162 section 2.1.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes. Builds the tree row by row: an odd last node moves up as it is."""
    if not leaf_hashes:
        return EMPTY_ROOT
    row = leaf_hashes
    while len(row) > 1:
        row = next_row(row)
    return row[0]


def next_row(row: Sequence[bytes]) -> list[bytes]:
    """The row of nodes above `row`; an odd last node moves up as it is."""
    sha256 = hashlib.sha256
    above = [
        sha256(b"\x01" + left + right).digest() for left, right in zip(row[::2], row[1::2], strict=False)
    ]
    if len(row) % 2:
        above.append(row[-1])
    return above


def fold(hashes: Sequence[bytes]) -> bytes:
    """The hash of the range whose complete subtrees, from left to right, have these hashes.

    `hashes` must not be empty.
    """
    result = hashes[-1]
    for left in reversed(hashes[:-1]):
        result = node_hash(left, result)
    return result


class Frontier:
    """A tree that grows at its right edge and keeps only that edge: O(log n) memory.

    `complete` are the hashes of its complete subtrees from left to right, one per one-bit of `size`.
    """

    __slots__ = ("complete", "size")

    def __init__(self, size: int = 0, complete: Iterable[bytes] = ()) -> None:
        self.size = size
        self.complete = list(complete)
        if size < 0 or len(self.complete) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} complete subtrees")

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash."""
        self.add(leaf, 0)

    def add(self, subtree: bytes, level: int) -> None:
        """Add the complete subtree of 2**level leaves with this hash.

        So trees that others have hashed in part are put together. Raises ValueError unless the tree so far
        ends where such a subtree can begin.
        """
        size = self.size >> level
        if size << level != self.size:
            raise ValueError(f"no subtree of 2**{level} leaves begins at leaf {self.size}")
        while size & 1:
            subtree = node_hash(self.complete.pop(), subtree)
            size >>= 1
        self.complete.append(subtree)
        self.size += 1 << level

    def root(self) -> bytes:
        """The root of the tree so far."""
        return fold(self.complete) if self.complete else EMPTY_ROOT


# --- which ranges a proof holds ---------------------------------------------------------------------------


def subtrees(start: int, stop: int) -> list[tuple[int, int]]:
    """The complete subtrees (level, index), from left to right, of the leaves from `start` up to `stop`.

    `start` must be a multiple of the largest power of two within the range, as in every range below.
    """
    found = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def cover(start: int, stop: int) -> list[tuple[int, int]]:
    """The fewest complete subtrees (level, index), from left to right, of any range of leaves.

    They are those of every tree that reaches to `stop`, so whoever adds the ranges of several workers in
    order (`Frontier.add`) gets the tree over all of them.
    """
    found = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        found.append((level, start >> level))
        start += 1 << level
    return found


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """The ranges (start, stop) whose hashes prove leaf `index` in the tree of `size`, leaf side first.

    Raises ValueError unless 0 <= index < size. (RFC 9162 section 2.1.3.1.)
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    ranges = []
    start, stop = 0, size
    while stop - start > 1:
        middle = _split(start, stop)
        if index < middle:
            ranges.append((middle, stop))
            stop = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old_size: int, new_size: int) -> list[tuple[int, int]]:
    """The ranges (start, stop) whose hashes prove that the tree of `old_size` is a prefix of `new_size`.

    Raises ValueError unless 0 <= old_size <= new_size. Nothing is to be proved about an empty or equal
    tree. (RFC 9162 section 2.1.4.1.)
    """
    if not 0 <= old_size <= new_size:
        raise ValueError(f"a tree of {old_size} is not a prefix of a tree of {new_size}")
    if old_size in (0, new_size):
        return []
    ranges = []
    start, stop = 0, new_size
    while old_size != stop:
        middle = _split(start, stop)
        if old_size <= middle:
            ranges.append((middle, stop))
            stop = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:  # else this range is the old tree, whose root the verifier has
        ranges.append((start, stop))
    return ranges[::-1]


def _split(start: int, stop: int) -> int:
    """Where a range of two or more leaves splits."""
    return start + (1 << ((stop - start - 1).bit_length() - 1))


def ranges_beside(leaves: Collection[int], size: int) -> list[tuple[int, int]]:
    """The ranges (start, stop), from left to right, whose hashes prove these leaves of a tree together.

    What the paths of several leaves share is there once. Raises ValueError for a leaf not in the tree.
    """
    if not all(0 <= leaf < size for leaf in leaves):
        raise ValueError(f"a leaf is not in a tree of {size}")
    ranges = []
    waiting = [(0, size)] if size else []
    while waiting:
        start, stop = waiting.pop()
        if not any(start <= leaf < stop for leaf in leaves):
            ranges.append((start, stop))
        elif stop - start > 1:
            middle = _split(start, stop)
            waiting += [(middle, stop), (start, middle)]
    return ranges


# --- proofs over leaves held in memory --------------------------------------------------------------------


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The proof that leaf `index` is in the tree over `leaf_hashes`. Raises ValueError if it is not."""
    return [root(leaf_hashes[start:stop]) for start, stop in inclusion_ranges(index, len(leaf_hashes))]


def consistency_proof(leaf_hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """The proof that the tree over `leaf_hashes` extends the tree of its first `old_size`.

    Raises ValueError if there are fewer leaves than that.
    """
    return [root(leaf_hashes[start:stop]) for start, stop in consistency_ranges(old_size, len(leaf_hashes))]


# --- verification -----------------------------------------------------------------------------------------


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf is at `index` of the tree of `size` with `root`. Raises Rejected.

    (RFC 9162 section 2.1.3.2.)
    """
    _check_hashes((leaf_hash, root, *proof))
    if not 0 <= index < size:
        raise Rejected(f"inclusion proof: leaf {index} is not in a tree of {size}")
    node, last, result = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            raise Rejected("inclusion proof: too long")
        if node & 1 or node == last:
            result = node_hash(sibling, result)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            result = node_hash(result, sibling)
        node >>= 1
        last >>= 1
    if last != 0:
        raise Rejected("inclusion proof: too short")
    if result != root:
        raise Rejected(f"inclusion proof: leaf {index} is not in the tree with this root")


def verify_together(leaves: Mapping[int, bytes], size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaves (number -> leaf hash), one at least, are in the tree of `size` with `root`.

    `proof` holds the hashes of `ranges_beside`. Raises Rejected.
    """
    _check_hashes((*leaves.values(), root, *proof))
    if not leaves or not all(0 <= leaf < size for leaf in leaves):
        raise Rejected(f"inclusion proof: a leaf is not in a tree of {size}")
    if size.bit_length() > MAX_PROOF_HASHES:
        raise Rejected("inclusion proof: no tree is so large")
    rest = iter(proof)

    def hash_of(start: int, stop: int) -> bytes:
        if not any(start <= leaf < stop for leaf in leaves):
            try:
                return next(rest)
            except StopIteration:
                raise Rejected("inclusion proof: too short") from None
        if stop - start == 1:
            return leaves[start]
        middle = _split(start, stop)
        left = hash_of(start, middle)
        return node_hash(left, hash_of(middle, stop))

    found = hash_of(0, size)
    if next(rest, None) is not None:
        raise Rejected("inclusion proof: too long")
    if found != root:
        raise Rejected("inclusion proof: the leaves are not in the tree with this root")


def verify_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the new tree begins with all of the old tree. Raises Rejected.

    Every tree extends the empty tree, and a tree extends itself: both with an empty proof.
    (RFC 9162 section 2.1.4.2.)
    """
    _check_hashes((old_root, new_root, *proof))
    if not 0 <= old_size <= new_size:
        raise Rejected(f"consistency proof: a tree of {new_size} cannot extend a tree of {old_size}")
    if old_size in (0, new_size):
        if old_size == 0 and old_root != EMPTY_ROOT:
            raise Rejected("consistency proof: the old tree is empty but its root is not the empty root")
        if old_size == new_size and old_root != new_root:
            raise Rejected(f"two trees of {new_size} entries have different roots")
        if proof:
            raise Rejected("consistency proof: too long")
        return
    hashes = list(proof)
    if old_size & (old_size - 1) == 0:  # the old root is itself the first node
        hashes.insert(0, old_root)
    if not hashes:
        raise Rejected("consistency proof: too short")
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node >>= 1
        last >>= 1
    old_result = new_result = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise Rejected("consistency proof: too long")
        if node & 1 or node == last:
            old_result = node_hash(sibling, old_result)
            new_result = node_hash(sibling, new_result)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            new_result = node_hash(new_result, sibling)
        node >>= 1
        last >>= 1
    if last != 0:
        raise Rejected("consistency proof: too short")
    if old_result != old_root or new_result != new_root:
        raise Rejected(
            f"the tree of {new_size} does not extend the tree of {old_size}: history was rewritten"
        )


def _check_hashes(hashes: Iterable[bytes]) -> None:
    if any(len(value) != HASH_BYTES for value in hashes):
        raise Rejected(f"a hash in a proof is {HASH_BYTES} bytes")
