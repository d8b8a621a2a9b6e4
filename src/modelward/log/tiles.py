"""The stored form of a log: hash tiles and entry bundles, 256 to a file.

Source: https://c2sp.org/tlog-tiles. Names are relative to the log's directory, so that a web server can
serve it as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from modelward.core import merkle
from modelward.core.errors import InputError, LimitExceeded

WIDTH = 256
LEVELS_PER_TILE = 8
TILE_BYTES = WIDTH * merkle.HASH_BYTES

#: The length prefix of an entry is a uint16.
MAX_ENTRY_BYTES = 0xFFFF
MAX_BUNDLE_BYTES = WIDTH * (2 + MAX_ENTRY_BYTES)

_HASH = merkle.HASH_BYTES


def tile_name(level: int | str, index: int, width: int = WIDTH) -> str:
    """The file of tile `index` at `level` (a number, or `entries`), partial if `width` is below 256."""
    path = f"{index % 1000:03d}"
    while index >= 1000:
        index //= 1000
        path = f"x{index % 1000:03d}/{path}"
    partial = f".p/{width}" if width < WIDTH else ""
    return f"tile/{level}/{path}{partial}"


def bundle_name(index: int, width: int = WIDTH) -> str:
    """The file of entry bundle `index`, partial if `width` is below 256."""
    return tile_name("entries", index, width)


def partials_name(full_name: str) -> str:
    """The directory that holds the partial forms of the full tile or bundle `full_name`."""
    return f"{full_name}.p"


def is_partial(name: str) -> bool:
    """Whether a name is that of a partial tile or bundle."""
    return name.rpartition("/")[0].endswith(".p")


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Entries as they stand in a bundle. Raises LimitExceeded for one over 65535 bytes."""
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise LimitExceeded(f"a log entry is at most {MAX_ENTRY_BYTES} bytes, not {len(entry)}")
        parts += (len(entry).to_bytes(2, "big"), entry)
    return b"".join(parts)


def decode_bundle(data: bytes) -> Iterator[bytes]:
    """The entries of a bundle. Raises InputError where it breaks off."""
    at = 0
    while at < len(data):
        start = at + 2
        at = start + int.from_bytes(data[start - 2 : start], "big")
        if start > len(data) or at > len(data):
            raise InputError("an entry bundle breaks off within an entry")
        yield data[start:at]


class Tile:
    """Up to 256 consecutive hashes, with all rows of nodes above them.

    `rows[0]` are the tile's own hashes, `rows[8]` the one at the top of a full tile.
    """

    __slots__ = ("rows",)

    def __init__(self, hashes: bytes = b"") -> None:
        self.rows = [bytearray() for _ in range(LEVELS_PER_TILE + 1)]
        self.extend(hashes)

    @property
    def width(self) -> int:
        """How many hashes of its own the tile has."""
        return len(self.rows[0]) // _HASH

    @property
    def data(self) -> bytes:
        """The tile as it is stored."""
        return bytes(self.rows[0])

    def copy(self) -> Tile:
        """Another tile with the same hashes."""
        other = Tile()
        other.rows = [row[:] for row in self.rows]
        return other

    def extend(self, hashes: bytes) -> None:
        """Add hashes on the right. Raises InputError if they do not fit."""
        if len(hashes) % _HASH or len(self.rows[0]) + len(hashes) > TILE_BYTES:
            raise InputError(f"a tile holds at most {WIDTH} hashes of {_HASH} bytes")
        self.rows[0] += hashes
        sha256 = hashlib.sha256
        for below, row in zip(self.rows, self.rows[1:], strict=False):
            for at in range(2 * len(row), len(below) - 2 * _HASH + 1, 2 * _HASH):
                row += sha256(b"\x01" + below[at : at + 2 * _HASH]).digest()

    def hash(self, row: int, offset: int) -> bytes:
        """The node at `offset` of row `row`. Raises InputError where there is none."""
        value = bytes(self.rows[row][offset * _HASH : (offset + 1) * _HASH])
        if len(value) != _HASH:
            raise InputError("a tile is narrower than its tree")
        return value
