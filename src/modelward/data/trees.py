"""The two trees of a snapshot, hashed in parts that come from anywhere.

The tree over a dataset is cut into chunks, whose hashes the index keeps: so a proof hashes one chunk, and the
rest it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from modelward.core import merkle
from modelward.core.digest import Digest
from modelward.core.merkle import HASH_BYTES
from modelward.data.digesting import leaf_hashes, parents

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.uint8]

#: Leaves of a chunk, unless there would be over MAX_CHUNKS.
CHUNK = 4096
MAX_CHUNKS = 1 << 16
#: Rows of a row group of an index, unless its chunks are larger; fewer where its digests pass GROUP_BYTES.
GROUP = 1 << 16
GROUP_BYTES = 1 << 28

#: Complete subtrees of a range of leaves, from left to right: (level, hash).
Nodes = list[tuple[int, bytes]]


def chunk_of(rows: int) -> int:
    """The leaves of a chunk where there are so many rows: a power of two."""
    chunk = CHUNK
    while chunk * MAX_CHUNKS < rows:
        chunk *= 2
    return chunk


def group_of(rows: int, columns: int) -> int:
    """The rows of a row group of an index of so many rows and columns: chunks, whole."""
    group = GROUP
    while group > CHUNK and group * HASH_BYTES * columns > GROUP_BYTES:
        group //= 2
    return max(group, chunk_of(rows))


def subtrees(leaves: Matrix, start: int) -> Nodes:
    """The subtrees that `merkle.cover` names, of leaf hashes from leaf `start` on."""
    left: Nodes = []
    right: Nodes = []
    level = 0
    while len(leaves):
        if start & 1:
            left.append((level, leaves[0].tobytes()))
            leaves, start = leaves[1:], start + 1
        if len(leaves) & 1:
            right.append((level, leaves[-1].tobytes()))
            leaves = leaves[:-1]
        leaves, start, level = parents(leaves), start >> 1, level + 1
    return left + right[::-1]


class Leaves(NamedTuple):
    """Some leaves of a tree: what each holds (lines of `width` bytes), from the start of a chunk on.

    `shards` says where the leaves of each shard among them begin in the shard's own tree, and how many they
    are; empty where the tree of the shard is that of the whole.
    """

    data: bytes
    width: int
    chunk: int
    shards: tuple[tuple[int, int], ...] = ()


def hash_leaves(leaves: Leaves) -> tuple[list[Nodes], list[Nodes]]:
    """The subtrees of each chunk, and of each shard."""
    lines = np.frombuffer(leaves.data, np.uint8).reshape(-1, leaves.width)
    hashes = leaf_hashes(lines)
    chunks = [subtrees(hashes[at : at + leaves.chunk], 0) for at in range(0, len(hashes), leaves.chunk)]
    shards, at = [], 0
    for start, count in leaves.shards:
        shards.append(subtrees(hashes[at : at + count], start))
        at += count
    return chunks, shards


class Tree:
    """A tree that is put together from its chunks, in order."""

    def __init__(self) -> None:
        self._frontier = merkle.Frontier()
        self.chunks: list[bytes] = []

    def add(self, chunk: Nodes) -> None:
        """Add the next chunk; only the last may be smaller than the others."""
        self.chunks.append(merkle.fold([node for _, node in chunk]))
        self.extend(chunk)

    def extend(self, nodes: Nodes) -> None:
        """Add the next leaves."""
        for level, node in nodes:
            self._frontier.add(node, level)

    @property
    def root(self) -> Digest:
        """The root so far."""
        return Digest("sha256", self._frontier.root().hex())


def root_of(chunks: Sequence[bytes]) -> Digest:
    """The root over all chunks of a tree."""
    return Digest("sha256", merkle.root(chunks).hex())


def range_hash(chunks: Sequence[bytes], chunk: int, start: int, stop: int, leaves: Any) -> bytes:
    """The hash of a range of leaves as in `merkle.inclusion_ranges`.

    `leaves(start, stop)` gives the leaf hashes within one chunk. The tree ends with its last chunk.
    """
    if start // chunk == (stop - 1) // chunk and (start % chunk or stop % chunk):
        return merkle.root([line.tobytes() for line in leaves(start, stop)])
    return merkle.root(chunks[start // chunk : -(-stop // chunk)])
