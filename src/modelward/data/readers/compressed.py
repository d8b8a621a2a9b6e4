"""Compressed shards (`rows.csv.gz`, `rows.jsonl.zst`): unpacked as they are read, never all at once.

What unpacks to far more than it is, or to more than any shard should be, is refused. So are a file that is
not what its name says, one that is cut off, and bytes after its end.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any

from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded
from modelward.data.readers.shard import Batch, OpenShard
from modelward.data.readers.streams import Raw
from modelward.formats.compressed import HEAD_BYTES, Compressed, detect
from modelward.formats.source import CHUNK_BYTES, Source

#: Suffix of the file's name, in lower case -> what `formats.compressed` calls it.
CODECS = {
    ".gz": "gzip",
    ".bz2": "bzip2",
    ".xz": "xz",
    ".zst": "zstd",
    ".zstd": "zstd",
    ".lz4": "lz4",
    ".tgz": "gzip",
}
#: What a shard may unpack to: so much, and past FREE_BYTES so many times its size.
MAX_UNPACKED_BYTES = 256 << 30
MAX_RATIO = 250
FREE_BYTES = 100 << 20

Inner = Callable[[OpenShard, Mapping[str, str]], Generator[Batch, None, None]]


def codec_of(name: str) -> str | None:
    """The codec that a file's name promises."""
    return CODECS.get(PurePosixPath(name).suffix.lower())


def read(
    shard: OpenShard, types: Mapping[str, str], *, codec: str, inner: Inner
) -> Generator[Batch, None, None]:
    """Read what is packed in a shard with `inner`. Raises InputError, LimitExceeded naming file and row."""
    with unpacked(shard, codec) as inside:
        yield from inner(inside, types)


@contextmanager
def unpacked(shard: OpenShard, codec: str) -> Iterator[OpenShard]:
    """What is packed in a shard, as a shard. Raises InputError, LimitExceeded when it is read."""
    inside = OpenShard(shard.name, _Unpacked(shard, codec))
    try:
        yield inside
    finally:
        inside.close()


class _Unpacked(Raw):
    """What is packed in a shard, as a stream of its own."""

    def __init__(self, shard: OpenShard, codec: str) -> None:
        self.size = shard.size * MAX_RATIO  # at most: what rows are measured by
        self._packed = shard.size
        self._out = 0
        self._pieces = _pieces(shard, codec)
        self._piece = memoryview(b"")

    def readinto(self, buffer: Any) -> int:
        while not self._piece:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._spend(len(piece))
            self._piece = memoryview(piece)
        view = memoryview(buffer).cast("B")
        count = min(len(view), len(self._piece))
        view[:count] = self._piece[:count]
        self._piece = self._piece[count:]
        return count

    def _spend(self, count: int) -> None:
        self._out += count
        if self._out > MAX_UNPACKED_BYTES:
            raise LimitExceeded(f"it unpacks to over {MAX_UNPACKED_BYTES >> 30} GiB")
        if self._out > FREE_BYTES and self._out > MAX_RATIO * self._packed:
            raise LimitExceeded(
                f"it unpacks to over {MAX_RATIO} times its size", help="unpack it yourself if you trust it"
            )

    def finish(self, name: str) -> Digest:
        raise io.UnsupportedOperation("the digest is that of the packed file")


def _pieces(shard: OpenShard, codec: str) -> Iterator[bytes]:
    source = _Forward(shard)
    found = detect(source)
    if found is None or found.codec.name != codec:
        raise InputError(f"this is not {codec} data, as its name says", help="give it the name of what it is")
    yield from found.pieces()
    _check_end(source, found)


def _check_end(source: Source, found: Compressed) -> None:
    at = found.end
    while rest := source.read(at, CHUNK_BYTES):
        if rest.strip(b"\0"):
            raise InputError("something stands after the end of the compressed data", help="pack it again")
        at += len(rest)


class _Forward(Source):
    """A stream as a source: reads go forward, back a little, or back to one of the last heads."""

    _KEPT = 4 * CHUNK_BYTES

    def __init__(self, shard: OpenShard) -> None:
        self.size = shard.size
        self._stream = shard.stream
        self._held = bytearray()
        self._start = 0
        self._heads: dict[int, bytes] = {}

    def read(self, offset: int, length: int) -> bytes:
        """See `Source.read`."""
        at = offset - self._start
        if offset in self._heads and 0 <= length <= HEAD_BYTES:
            return self._heads[offset][:length]
        if at < 0 or length < 0:
            raise InputError("its compressed data lead backwards")
        missing = at + length - len(self._held)
        if missing > 0:
            self._held += self._stream.read(missing)
        data = bytes(self._held[at : at + length])
        if length == HEAD_BYTES:
            self._heads = dict(list(self._heads.items())[-3:]) | {offset: data}
        surplus = at - self._KEPT
        if surplus > self._KEPT:
            del self._held[:surplus]
            self._start += surplus
        return data
