"""Cutting a dataset into pieces that workers read on their own, each row exactly once.

A Parquet file is cut between rows, CSV, JSON Lines and text after line ends, others not at all. A cut after a
line end in a quoted cell is found out: the piece before it then ends inside quotes, which is an error, and a
part with an error is read again in one piece. So pieces give the rows of the whole, or nothing.

What the pieces read is compared, block by block, with what was hashed (`Witness`).
"""

from __future__ import annotations

import io
import os
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.core.progress import Progress, Silent
from modelward.data.arrow import pyarrow
from modelward.data.places import Dataset
from modelward.data.readers.layout import Part
from modelward.data.readers.shard import OpenShard, opened
from modelward.data.readers.streams import HashingFile, Raw, changed

#: A piece is about so many bytes of a file; a part below twice that is not cut.
PIECE_BYTES = 24 << 20
#: Blocks by which pieces and the hash of the whole are compared.
BLOCK = 256 << 10

_KEPT_BLOCKS = 64
_MAX_LINE = 1 << 20
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Piece:
    """Some rows of a part of `dataset`: all; or by row or byte number, from `start` up to `stop`.

    `size` is in bytes of the file. Of a piece that is not all, `file` is where the part lies, and `key` that
    of the tags of its blocks.
    """

    dataset: Dataset
    part: Part
    size: int
    file: Path | None = None
    start: int = 0
    stop: int = 0
    key: bytes = field(default=b"", repr=False)

    @property
    def whole(self) -> bool:
        """Whether it is the whole part."""
        return self.file is None


def cut(dataset: Dataset, part: Part, workers: int) -> list[Piece]:
    """The pieces of a part, in order, for so many workers."""
    whole = [Piece(dataset.alone(part), part, part.size)]
    file = dataset.path_of(part)
    if workers < 2 or part.size < 2 * PIECE_BYTES or not part.cut or file is None:
        return whole
    try:
        edges = _row_edges(file, part.size, workers) if part.cut == "rows" else _line_edges(file, part.size)
    except (OSError, ValueError, pyarrow().ArrowException):
        return whole  # read in one piece, it says what is wrong with it
    spans = list(pairwise(edges))
    if len(spans) < 2:
        return whole
    light = dataset.alone(part)
    size = part.size // len(spans)
    key = secrets.token_bytes(32)
    return [Piece(light, part, size, file.absolute(), start, stop, key) for start, stop in spans]


def _row_edges(file: Path, size: int, workers: int) -> list[int]:
    """Row numbers to cut at: between row groups, and within those that are large."""
    arrow = pyarrow()
    metadata = arrow.parquet.read_metadata(os.fspath(file))
    rows = metadata.num_rows
    each = max(1, rows * PIECE_BYTES // max(size, 1))  # rows of a piece
    edges, end = [0], 0
    for group in range(metadata.num_row_groups):
        begin, end = end, end + metadata.row_group(group).num_rows
        if end - begin >= 2 * each:  # whoever reads a part of a group decodes what is before it
            parts = min(workers, (end - begin) // each)
            edges += [begin + (end - begin) * at // parts for at in range(1, parts + 1)]
        elif end - edges[-1] >= each:
            edges.append(end)
    if edges[-1] != rows:
        edges.append(rows)
    if sorted(set(edges)) != edges:
        raise ValueError("no rows")
    return edges


def _line_edges(file: Path, size: int) -> list[int]:
    """Byte numbers to cut at: after line ends."""
    edges = [0]
    with file.open("rb") as stream:
        for at in range(PIECE_BYTES, size - PIECE_BYTES // 2, PIECE_BYTES):
            stream.seek(at)
            line = stream.readline(_MAX_LINE)
            if line.endswith(b"\n") and stream.tell() > edges[-1]:
                edges.append(stream.tell())
    return [*edges, size]


# --- reading one piece ------------------------------------------------------------------------------------


@contextmanager
def open_piece(piece: Piece, progress: Progress | None = None) -> Iterator[tuple[OpenShard, Witness | None]]:
    """Open a piece for the reader of its part. A cut one comes with what it saw of the file."""
    if piece.file is None:
        with piece.dataset.open(piece.part, progress or Silent()) as shard:
            yield shard, None
        return
    witness = Witness(piece.file, piece.key)
    by_rows = piece.part.cut == "rows"
    raw = witness if by_rows else _Lines(witness, piece)
    with opened(piece.part.name, lambda: raw) as shard:
        shard.span = (piece.start, piece.stop) if by_rows else None
        yield shard, witness
        if witness.changed():
            raise changed(piece.part.name)


class Witness(Raw):
    """A file that is read at random, by whole blocks, and remembers the tag of each."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._tag = tags(key)
        self._file = HashingFile(path, Silent())
        self.size = self._file.size
        self._at = 0
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self.seen: dict[int, bytes] = {}

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """See `io.RawIOBase`."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """See `io.RawIOBase`."""
        return self._at

    def readinto(self, buffer: object) -> int:
        """See `io.RawIOBase`."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        number, skip = divmod(self._at, BLOCK)
        block = self._block(number)[skip : skip + len(view)]
        view[: len(block)] = block
        self._at += len(block)
        return len(block)

    def _block(self, number: int) -> bytes:
        block = self._kept.get(number)
        if block is not None:
            self._kept.move_to_end(number)
            return block
        block = self._file.read_at(number * BLOCK, BLOCK)
        if not block:
            return block
        tag = self._tag(block)
        if self.seen.setdefault(number, tag) != tag:
            raise InputError("the file changed while it was read")
        self._kept[number] = block
        if len(self._kept) > _KEPT_BLOCKS:
            self._kept.popitem(last=False)
        return block

    def finish(self, name: str) -> Digest:
        """There is none: others see the rest of the file."""
        raise InputError("a piece has no digest", where=name)

    def changed(self) -> bool:
        """See `Raw`."""
        return self._file.changed()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


class _Lines(Raw):
    """The lines of one piece, below the first line of the file where the format needs that.

    Raises InputError where the piece may not be what it is in the whole.
    """

    def __init__(self, witness: Witness, piece: Piece) -> None:
        self.size = witness.size
        self._witness = witness
        self._end = min(piece.stop, witness.size)
        header = _header(witness) if piece.part.cut == "header" else b""
        if piece.start:
            witness.seek(piece.start - 1)
            if witness.read(1) != b"\n" or witness.read(len(_BOM)) == _BOM:
                raise InputError("a piece may not begin with a line", where=piece.part.name)
        witness.seek(piece.start)
        self._pending = memoryview(header if piece.start else b"")

    def readinto(self, buffer: object) -> int:
        """See `io.RawIOBase`."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        if self._pending:
            count = min(len(view), len(self._pending))
            view[:count] = self._pending[:count]
            self._pending = self._pending[count:]
            return count
        count = min(len(view), self._end - self._witness.tell())
        return self._witness.readinto(view[:count]) if count > 0 else 0

    def finish(self, name: str) -> Digest:
        """See `Witness`."""
        return self._witness.finish(name)

    def changed(self) -> bool:
        """See `Raw`."""
        return self._witness.changed()

    def close(self) -> None:
        """Close the file."""
        self._witness.close()
        super().close()


def _header(witness: Witness) -> bytes:
    """The first line, if it is certain that it is the header and all of it. Raises InputError."""
    witness.seek(0)
    line = witness.read(min(BLOCK, witness.size)) or b""
    line, end, _ = line.partition(b"\n")
    if not end or b'"' in line or not line.removeprefix(_BOM).strip(b"\r\n"):
        raise InputError("the header may not be one line")
    return line + end


# --- hashing the whole ------------------------------------------------------------------------------------


def tags(key: bytes) -> Callable[[bytes], bytes]:
    """Tags blocks with GMAC (16 bytes), under a key of one reading of one file, which nobody else knows.

    So whoever writes to the file meanwhile cannot make two contents with one tag. It runs ten times as fast
    as SHA-256. The tags stay with us: that is why one nonce is enough.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher = AESGCM(key)
    return lambda block: cipher.encrypt(bytes(12), b"", block)


def hash_blocks(piece: Piece) -> tuple[Digest, list[bytes]]:
    """The SHA-256 of the file of a piece, and the tags of its blocks, from one reading. Raises InputError."""
    tag, path = tags(piece.key), piece.file or Path()
    blocks = []
    with opened(path.name, lambda: HashingFile(path, Silent())) as shard:
        while block := shard.stream.read(BLOCK):
            blocks.append(tag(block))
        return shard.digest(), blocks


def agree(seen: dict[int, bytes], blocks: list[bytes]) -> bool:
    """Whether a piece saw the blocks that were hashed."""
    return all(number < len(blocks) and blocks[number] == tag for number, tag in seen.items())
