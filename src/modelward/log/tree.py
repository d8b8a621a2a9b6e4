"""A log's tree as it is stored, read without trust in the files.

The right edge (one partial tile per level) is in memory and was checked against a signed root; every other
tile is checked against its parent when it is read, and every entry against its leaf hash. So whatever comes
out of a `Tree` is covered by that root, and memory does not grow with the log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from modelward.core import merkle
from modelward.core.errors import InputError, Rejected
from modelward.log import tiles
from modelward.log.disk import Disk
from modelward.log.tiles import LEVELS_PER_TILE, WIDTH, Tile

#: Tiles kept after they were read: 16 KiB each.
CACHED_TILES = 256

#: Reads a full tile: (level, index, hash at its top) -> tile.
FullTile = Callable[[int, int, bytes], Tile]


def tile_reader(disk: Disk) -> FullTile:
    """Reads of full tiles, each checked against its top hash, the recent ones kept."""

    @lru_cache(CACHED_TILES)
    def read(level: int, index: int, top: bytes) -> Tile:
        tile = Tile(read_tile(disk, level, index, WIDTH))
        if tile.width != WIDTH or tile.hash(LEVELS_PER_TILE, 0) != top:
            raise Rejected(
                "this tile was changed: it does not hash to its parent",
                where=str(disk.root / tiles.tile_name(level, index)),
                help="modelward log audit",
            )
        return tile

    return read


class Tree:
    """The first `size` entries of a log. Never changes; `grown` gives the next one."""

    def __init__(self, disk: Disk, size: int, edges: Sequence[Tile], full: FullTile | None = None) -> None:
        self.size = size
        self.edges = tuple(edges)
        self._disk = disk
        self._full = full or tile_reader(disk)
        self._open_bundle: bytes | None = None

    @classmethod
    def load(cls, disk: Disk, size: int) -> Tree:
        """Read the right edge of the tree of `size`. The caller compares its root with a signed one.

        Raises InputError for files that are missing or malformed.
        """
        edges = []
        for level in range(levels_of(size)):
            index, width = divmod(size >> (LEVELS_PER_TILE * level), WIDTH)
            data = read_tile(disk, level, index, width) if width else b""
            edges.append(Tile(data))
        return cls(disk, size, edges)

    def on(self, disk: Disk) -> Tree:
        """The same tree, read from another disk."""
        return Tree(disk, self.size, self.edges)

    def tile(self, level: int, index: int) -> Tile:
        """A tile, partial at the right edge. Raises Rejected if its file was changed."""
        if index == self.size >> (LEVELS_PER_TILE * (level + 1)):
            return self.edges[level]
        return self._full(level, index, self.hash(LEVELS_PER_TILE * (level + 1), index))

    def hash(self, level: int, index: int) -> bytes:
        """The hash of the complete subtree of 2**level entries that starts at entry index * 2**level."""
        tile_level, row = divmod(level, LEVELS_PER_TILE)
        shift = LEVELS_PER_TILE - row
        return self.tile(tile_level, index >> shift).hash(row, index & ((1 << shift) - 1))

    def range_hash(self, start: int, stop: int) -> bytes:
        """The hash of a range of entries as `core.merkle` names them."""
        return merkle.fold([self.hash(*subtree) for subtree in merkle.subtrees(start, stop)])

    def root(self, size: int | None = None) -> bytes:
        """The root over the first `size` entries, by default all. Raises InputError past the end."""
        size = self._up_to(self.size if size is None else size)
        return self.range_hash(0, size) if size else merkle.EMPTY_ROOT

    def inclusion_proof(self, index: int, size: int) -> list[bytes]:
        """The proof of entry `index` in the tree of `size`. Raises InputError if there is none."""
        if not 0 <= index < self._up_to(size):
            raise InputError(f"there is no entry {index} in a tree of {size}")
        return [self.range_hash(*part) for part in merkle.inclusion_ranges(index, size)]

    def consistency_proof(self, old: int, new: int) -> list[bytes]:
        """The proof that the tree of `new` extends the tree of `old`. Raises InputError past the end."""
        if not 0 <= old <= self._up_to(new):
            raise InputError(f"a tree of {old} is not a prefix of a tree of {new}")
        return [self.range_hash(*part) for part in merkle.consistency_ranges(old, new)]

    def entries(self, start: int, stop: int) -> Iterator[bytes]:
        """Entries from `start` up to `stop`, each checked against its leaf hash.

        Raises InputError past the end, Rejected for an entry that was changed.
        """
        if not 0 <= start <= self._up_to(stop):
            raise InputError(f"there are no entries from {start} up to {stop}")
        for index in range(start // WIDTH, -(-stop // WIDTH)):
            hashes = self.tile(0, index)
            first = index * WIDTH
            for offset, entry in enumerate(self.bundle(index)):
                if first + offset >= stop:
                    break
                if hashes.hash(0, offset) != merkle.leaf_hash(entry):
                    raise Rejected(
                        f"entry {first + offset} was changed: it is not what the log's tree holds",
                        where=str(self._disk.root),
                        help="modelward log audit",
                    )
                if first + offset >= start:
                    yield entry

    def bundle(self, index: int) -> list[bytes]:
        """The entries of one bundle as the file has them, unchecked. Raises InputError if it is short."""
        width = min(WIDTH, self.size - index * WIDTH)
        where = str(self._disk.root / tiles.bundle_name(index, width))
        try:
            entries = list(tiles.decode_bundle(read_bundle(self._disk, index, width)))[:width]
        except InputError as error:
            raise InputError(error.message, where=where, help="modelward log audit") from None
        if len(entries) < width:
            raise InputError(
                f"the bundle holds {len(entries)} of {width} entries", where=where, help="modelward log audit"
            )
        return entries

    def grown(self, entries: Sequence[bytes]) -> tuple[Tree, dict[str, bytes]]:
        """The tree with `entries` added, and the files (name -> content) that it needs and this one lacks."""
        files: dict[str, bytes] = {}
        size = self.size + len(entries)
        edges = []
        carried = b"".join(map(merkle.leaf_hash, entries))
        for level in range(levels_of(size)):
            edge = self.edges[level].copy() if level < len(self.edges) else Tile()
            index = self.size >> (LEVELS_PER_TILE * (level + 1))
            tops = b""
            while carried:
                room = tiles.TILE_BYTES - len(edge.rows[0])
                edge.extend(carried[:room])
                carried = carried[room:]
                files[tiles.tile_name(level, index, edge.width)] = edge.data
                if edge.width == WIDTH:
                    tops += edge.hash(LEVELS_PER_TILE, 0)
                    edge = Tile()
                    index += 1
            edges.append(edge)
            carried = tops
        tree = Tree(self._disk, size, edges, self._full)
        tree._open_bundle = self._bundles(entries, files)
        return tree, files

    def _bundles(self, entries: Sequence[bytes], files: dict[str, bytes]) -> bytes:
        """Put the bundles that `entries` fill into `files`; returns the last, still open one."""
        index, width = divmod(self.size, WIDTH)
        if self._open_bundle is None:
            self._open_bundle = tiles.encode_bundle(self.bundle(index)) if width else b""
        bundle = self._open_bundle
        done = 0
        while done < len(entries):
            part = entries[done : done + WIDTH - width]
            bundle += tiles.encode_bundle(part)
            done += len(part)
            width += len(part)
            files[tiles.bundle_name(index, width)] = bundle
            if width == WIDTH:
                index, width, bundle = index + 1, 0, b""
        return bundle

    def _up_to(self, size: int) -> int:
        if not 0 <= size <= self.size:
            raise InputError(f"the log has {self.size} entries, not {size}")
        return size


def levels_of(size: int) -> int:
    """How many levels of tiles a tree of `size` has."""
    return -(-size.bit_length() // LEVELS_PER_TILE)


def read_tile(disk: Disk, level: int, index: int, width: int) -> bytes:
    """The first `width` hashes of a tile: from the partial tile, or from the full one that took its place.

    Unchecked. Raises InputError if the file is missing or too short.
    """
    names = (tiles.tile_name(level, index, width), tiles.tile_name(level, index))
    data = _read_first(disk, names, tiles.TILE_BYTES)
    wanted = width * merkle.HASH_BYTES
    if len(data) < wanted:
        raise _damaged(disk, names[0], "is cut short")
    return data[:wanted]


def read_bundle(disk: Disk, index: int, width: int) -> bytes:
    """An entry bundle of `width` entries, or the full one that took its place.

    Unchecked. Raises InputError if the file is missing.
    """
    names = (tiles.bundle_name(index, width), tiles.bundle_name(index))
    return _read_first(disk, names, tiles.MAX_BUNDLE_BYTES)


def _read_first(disk: Disk, names: Sequence[str], limit: int) -> bytes:
    """The first of `names` that is there. Raises InputError."""
    for name in names:
        try:
            return disk.read(name, limit)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise _damaged(disk, name, f"cannot be read: {error.strerror}") from error
    raise _damaged(disk, names[0], "is missing")


def _damaged(disk: Disk, name: str, problem: str) -> InputError:
    return InputError(
        f"this file of the log {problem}", where=str(disk.root / name), help="modelward log audit"
    )
