"""A dataset that grows by batches: its ordered root, and the proof that each goes on from the former one.

Only the right edge of the tree is kept, so that a batch costs no more than its own rows, however many came
before. The root is that of a snapshot of all batches together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from modelward.core import merkle
from modelward.core.digest import Digest
from modelward.core.errors import InputError


@dataclass(frozen=True, slots=True)
class Growth:
    """The tree over all rows so far: how many, and its complete subtrees from left to right."""

    rows: int = 0
    complete: tuple[bytes, ...] = ()

    @classmethod
    def parse(cls, rows: int, complete: Sequence[str]) -> Growth:
        """From hexadecimal. Raises InputError."""
        try:
            found = cls(rows, tuple(bytes.fromhex(text) for text in complete))
            merkle.Frontier(rows, found.complete)
        except ValueError:
            raise InputError("the tree of the batches is damaged") from None
        return found

    @property
    def root(self) -> Digest:
        """The ordered root over all rows."""
        return Digest("sha256", merkle.Frontier(self.rows, self.complete).root().hex())

    def extended(self, leaves: Sequence[bytes]) -> tuple[Growth, list[bytes]]:
        """The tree with more leaves, and the hashes that prove that it goes on from this one (RFC 9162)."""
        size = self.rows + len(leaves)
        frontier = merkle.Frontier(self.rows, self.complete)
        for level, index in merkle.cover(self.rows, size):
            start = (index << level) - self.rows
            frontier.add(merkle.root(leaves[start : start + (1 << level)]), level)
        proof = [
            self._hash(leaves, start, stop) for start, stop in merkle.consistency_ranges(self.rows, size)
        ]
        return Growth(size, tuple(frontier.complete)), proof

    def _hash(self, leaves: Sequence[bytes], start: int, stop: int) -> bytes:
        """The hash of a range of the new tree: one of this tree's subtrees, or all of new leaves."""
        if start >= self.rows:
            return merkle.root(leaves[start - self.rows : stop - self.rows])
        ends, at = {}, 0
        for hashed, (level, _) in zip(self.complete, merkle.subtrees(0, self.rows), strict=True):
            ends[at, at + (1 << level)] = hashed
            at += 1 << level
        return ends[start, stop]
