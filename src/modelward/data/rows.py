"""Row digests and the trees over them. Normative text: docs/data.md, "Row digests"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import islice

from modelward.core import merkle
from modelward.core.digest import Digest
from modelward.data.cells import DIGEST_BYTES, encode

#: Rows hashed into one node before the tree over all of them sees it. A power of two.
_CHUNK = 4096


def row_digests(names: Sequence[str], columns: Sequence[Sequence[bytes | None]], rows: int) -> list[bytes]:
    """The digest of each row: hash of the sorted (column, cell digest) pairs of its cells that are not null.

    `names` are distinct; `columns` holds the cell digests of each, `rows` of them.
    """
    if not names:
        return [sha256(_frame(0)).digest()] * rows
    order = sorted(range(len(names)), key=lambda index: names[index])
    heads = [encode(names[index]) for index in order]
    sorted_columns = [columns[index] for index in order]
    full = _frame(sum(map(len, heads)) + DIGEST_BYTES * len(heads))
    result = []
    for cells in zip(*sorted_columns, strict=True):
        if None in cells:
            pairs = [head + cell for head, cell in zip(heads, cells, strict=True) if cell is not None]
            payload = b"".join(pairs)
            result.append(sha256(_frame(len(payload)) + payload).digest())
        else:
            row = [full]
            for head, cell in zip(heads, cells, strict=True):
                row += (head, cell)
            result.append(sha256(b"".join(row)).digest())
    return result


def _frame(length: int) -> bytes:
    return b"r" + length.to_bytes(8, "big")


class RowTree:
    """The ordered RFC 6962 tree over row digests, held in O(log n) memory."""

    def __init__(self) -> None:
        self._chunks = merkle.Frontier()
        self._open: list[bytes] = []

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes."""
        rest = iter(leaves)
        while True:
            self._open += islice(rest, _CHUNK - len(self._open))
            if len(self._open) < _CHUNK:
                return
            self._chunks.append(merkle.root(self._open))
            self._open.clear()

    def root(self) -> Digest:
        """The root over everything added."""
        # The root of the last, smaller chunk stands where an odd last node would: at the right edge.
        chunks = merkle.Frontier(self._chunks.size, self._chunks.complete)
        if self._open:
            chunks.append(merkle.root(self._open))
        return Digest("sha256", chunks.root().hex())


def leaf_hashes(digests: Iterable[bytes]) -> list[bytes]:
    """The leaf hash of each row digest."""
    return [sha256(b"\x00" + digest).digest() for digest in digests]


def set_root(counted: Iterable[tuple[bytes, int]]) -> Digest:
    """The set digest: the root over (row digest, count) pairs, given sorted by row digest."""
    tree = RowTree()
    tree.extend(_set_leaves(counted))
    return tree.root()


def _set_leaves(counted: Iterable[tuple[bytes, int]]) -> Iterator[bytes]:
    for digest, count in counted:
        yield sha256(b"\x00" + digest + count.to_bytes(8, "big")).digest()
