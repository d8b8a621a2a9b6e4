"""Row digests and leaf hashes, one by one. Normative text: docs/data.md, "Row digests"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from modelward.data.cells import DIGEST_BYTES, encode


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


def leaf_hashes(digests: Iterable[bytes]) -> list[bytes]:
    """The leaf hash of each row digest."""
    return [sha256(b"\x00" + digest).digest() for digest in digests]
