"""Compressed streams: gzip, zlib, bzip2, xz, LZMA alone, lz4, zstd, and joblib's old `ZF` files.

A file holds one stream or several in a row, whose contents loaders join. What stands after them is left to
others to read.
"""

from __future__ import annotations

import bz2
import lzma
import re
import struct
import zlib
from collections.abc import Callable, Generator, Iterator
from typing import Protocol

from msgspec import Struct

from modelward.core.errors import InputError, LimitExceeded
from modelward.core.regex import regex
from modelward.formats.source import CHUNK_BYTES, Source

#: The largest window that is given to a decoder: xz -9 asks for 64 MiB.
MAX_WINDOW_BYTES = 128 << 20
#: Blocks of one zstd or old lz4 stream.
MAX_BLOCKS = 4_000_000

_NO_SIZE = (1 << 64) - 1
_ZFILE = regex(rb"ZF0x[0-9a-f]{1,16} *", re.IGNORECASE)
_ZFILE_HEADER = 2 + 19  # its prefix, and the longest length in hexadecimal
_SKIPPABLE = regex(rb"[\x50-\x5f]\x2a\x4d\x18")
_ZSTD = b"\x28\xb5\x2f\xfd"
_LZ4, _LZ4_OLD = b"\x04\x22\x4d\x18", b"\x02\x21\x4c\x18"
_LZ4_OLD_BLOCK = 8 << 20

Pieces = Generator[bytes, None, int]


class Decoder(Protocol):
    """What the standard library's decoders have in common."""

    @property
    def eof(self) -> bool:
        """Whether the stream has come to its end."""

    @property
    def needs_input(self) -> bool:
        """Whether it has nothing more to give without further input."""

    @property
    def unused_data(self) -> bytes | None:
        """What it was given past the end of the stream."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Up to so many bytes from what it was given."""


class _Zlib:
    """zlib's decoder, in the manner of the others.

    It gives what comes before an error first, as `gzip` does, which checks a sum after all was read.
    """

    def __init__(self, window: int) -> None:
        self._inner = zlib.decompressobj(window)
        self._full = False
        self._error: zlib.error | None = None

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._full and not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        if self._error is not None:
            raise self._error
        before, given = self._inner.copy(), self._inner.unconsumed_tail + data
        try:
            piece = self._inner.decompress(given, max_length)
        except zlib.error as error:
            self._error = error
            piece = _before_error(before, given, max_length)
        self._full = len(piece) == max_length
        return piece


def _before_error(decoder: zlib._Decompress, data: bytes, max_length: int) -> bytes:
    """What `data` gives up to the byte at which `decoder` fails."""
    found = b""
    while data and len(found) < max_length:
        part = data[: max(1, len(data) // 2)]
        before = decoder.copy()
        try:
            found += decoder.decompress(part, max_length - len(found))
            data = data[len(part) :]
        except zlib.error:
            if len(part) == 1:
                break
            decoder, data = before, part
    return found


def deflate_decoder() -> Decoder:
    """Of raw deflate, as zip and 7-zip hold it."""
    return _Zlib(-zlib.MAX_WBITS)


def xz_decoder() -> Decoder:
    """Of one xz stream."""
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_WINDOW_BYTES)


def _alone_decoder() -> Decoder:
    return lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=MAX_WINDOW_BYTES)


def lzma_decoder(properties: bytes, size: int | None) -> Decoder:
    """Of LZMA data whose five bytes of properties and size are told elsewhere; None: it has an end marker."""
    decoder = _alone_decoder()
    try:
        decoder.decompress(
            properties.ljust(5, b"\0") + struct.pack("<Q", _NO_SIZE if size is None else size), 0
        )
    except (lzma.LZMAError, struct.error) as error:
        raise InputError(f"its compressed data are broken: {error}") from None
    return decoder


def _lz4_frame() -> Decoder:
    from lz4.frame import LZ4FrameDecompressor  # type: ignore[import-untyped]

    decoder: Decoder = LZ4FrameDecompressor()
    return decoder


def stream(decoder: Decoder, source: Source, at: int) -> Pieces:
    """Unpack the one stream that begins at `at`, and return where it ends. Raises InputError."""
    try:
        while not decoder.eof:
            chunk = source.read(at, CHUNK_BYTES) if decoder.needs_input else b""
            if decoder.needs_input and not chunk:
                raise InputError("its compressed data break off")
            at += len(chunk)
            if piece := decoder.decompress(chunk, CHUNK_BYTES):
                yield piece
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, RuntimeError) as error:
        raise InputError(f"its compressed data are broken: {error}") from None
    return at - len(decoder.unused_data or b"")


class Codec(Struct, frozen=True):
    """One way of compressing. `begins` tests the first few bytes; `marked`: they can be nothing else."""

    name: str
    begins: Callable[[bytes], object]
    unpack: Callable[[Source, int], Pieces]
    marked: bool = True


def _plain(make: Callable[[], Decoder]) -> Callable[[Source, int], Pieces]:
    return lambda source, at: stream(make(), source, at)


def _begins_zlib(head: bytes) -> bool:
    """RFC 1950: deflate, a window of at most 32 KiB, no preset dictionary, and the check."""
    if len(head) < 3 or head[0] & 0x0F != 8 or head[0] > 0x78 or head[1] & 0x20:
        return False
    return (head[0] << 8 | head[1]) % 31 == 0 and head[2] & 6 != 6


def _begins_lzma(head: bytes) -> bool:
    """What joblib takes for it, or the properties, dictionary and length that liblzma takes for it."""
    if len(head) < 14 or head[0] >= 225 or head[13]:
        return False
    window, length = struct.unpack_from("<IQ", head, 1)
    usual = window >= 4096 and any(not part & (part - 1) for part in (window, window // 3) if part)
    return head.startswith(b"\x5d\0") or (head[0] > 0 and usual and (length < 1 << 38 or length == _NO_SIZE))


def _begins_gzip(head: bytes) -> bool:
    return head.startswith(b"\x1f\x8b\x08") and len(head) > 3 and head[3] < 0x20


def _zfile(source: Source, at: int) -> Pieces:
    begin = at + _ZFILE_HEADER
    if source.read(begin, 1) == b" ":
        begin += 1
    return stream(_Zlib(zlib.MAX_WBITS), source, begin)


def _lz4_frames(source: Source, at: int) -> Pieces:
    end = _skipped(source, at)
    return (yield from stream(_lz4_frame(), source, at)) if end is None else end


def _lz4_old(source: Source, at: int) -> Pieces:
    """The format of before frames: the magic, then blocks of up to 8 MiB, each with its length."""
    from lz4.block import LZ4BlockError, decompress  # type: ignore[import-untyped]

    at += 4
    for _ in range(MAX_BLOCKS):
        head = source.read(at, 4)
        length = int.from_bytes(head, "little")
        if len(head) < 4 or not 0 < length <= _LZ4_OLD_BLOCK + _LZ4_OLD_BLOCK // 255 + 16:
            return at
        block = source.read(at + 4, length)
        try:
            yield decompress(block, uncompressed_size=_LZ4_OLD_BLOCK)
        except LZ4BlockError as error:
            raise InputError(f"its compressed data are broken: {error}") from None
        at += 4 + length
    raise LimitExceeded(f"there are over {MAX_BLOCKS} compressed blocks")


def _skipped(source: Source, at: int) -> int | None:
    """Where a frame that holds no data ends, if one begins here."""
    head = source.read(at, 8)
    if len(head) < 8 or not _SKIPPABLE.match(head):
        return None
    return min(source.size, at + 8 + int.from_bytes(head[4:], "little"))


def zstd(source: Source, at: int) -> Pieces:
    """RFC 8878. A frame is fed block by block, so that each gives at most 128 KiB."""
    end = _skipped(source, at)
    if end is not None:
        return end
    from zstandard import ZstdDecompressor, ZstdError

    decoder = ZstdDecompressor(max_window_size=MAX_WINDOW_BYTES).decompressobj()
    for begin, end in _zstd_blocks(source, at):
        data = source.read(begin, end - begin)
        if len(data) < end - begin:
            raise InputError("its compressed data break off")
        try:
            if piece := decoder.decompress(data):
                yield piece
        except ZstdError as error:
            raise InputError(f"its compressed data are broken: {error}") from None
    return at if end is None else end


def _zstd_blocks(source: Source, at: int) -> Iterator[tuple[int, int]]:
    """The header of a frame, its blocks and its checksum, as ranges that follow each other."""
    flags = int.from_bytes(source.read(at + 4, 1), "little")
    single = flags >> 5 & 1
    size_bytes = (single, 2, 4, 8)[flags >> 6]
    begin = at + 5 + (1 - single) + (0, 1, 2, 4)[flags & 3] + size_bytes
    yield at, begin
    for _ in range(MAX_BLOCKS):
        head = int.from_bytes(source.read(begin, 3), "little")
        last, kind, length = head & 1, head >> 1 & 3, head >> 3
        end = begin + 3 + (1 if kind == 1 else length)
        yield begin, end
        begin = end
        if last:
            if flags & 4:
                yield begin, begin + 4
            return
    raise LimitExceeded(f"there are over {MAX_BLOCKS} compressed blocks")


_LZ4_FRAMES = Codec("lz4", lambda head: head.startswith(_LZ4) or _SKIPPABLE.match(head), _lz4_frames)
CODECS = (
    Codec("gzip", _begins_gzip, _plain(lambda: _Zlib(zlib.MAX_WBITS | 16))),
    Codec("xz", lambda head: head.startswith(b"\xfd7zXZ\0"), _plain(xz_decoder)),
    Codec("bzip2", regex(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)").match, _plain(bz2.BZ2Decompressor)),
    Codec("zstd", lambda head: head.startswith(_ZSTD) or _SKIPPABLE.match(head), zstd),
    _LZ4_FRAMES,
    Codec("lz4", lambda head: head.startswith(_LZ4_OLD), _lz4_old),
    Codec("zlib", _ZFILE.match, _zfile),
    Codec("zlib", _begins_zlib, _plain(lambda: _Zlib(zlib.MAX_WBITS)), marked=False),
    Codec("LZMA", _begins_lzma, _plain(_alone_decoder), marked=False),
)
HEAD_BYTES = 24
MAX_PADDING_BYTES = 4096  # of zeros between two streams


class Compressed:
    """The streams of one codec that a file begins with.

    `end` is where they end, and `skipped` what is in the frames of zstd and lz4 that loaders pass over, as
    (begin, end), once all are unpacked.
    """

    def __init__(self, source: Source, codec: Codec) -> None:
        self.source = source
        self.codec = codec
        self.end = 0
        self.streams = 0
        self.skipped: list[tuple[int, int]] = []

    def pieces(self) -> Iterator[bytes]:
        """The content of all streams. Raises InputError at the first that cannot be unpacked."""
        while self.codec.begins(self.source.read(self.end, HEAD_BYTES)):
            end = yield from self.codec.unpack(self.source, self.end)
            if end <= self.end:
                return
            if _SKIPPABLE.match(self.source.read(self.end, 4)):
                self.skipped.append((self.end + 8, end))
            self.streams += 1
            filled = self.source.read(end, MAX_PADDING_BYTES)
            after = end + len(filled) - len(filled.lstrip(b"\0"))
            again = self.codec.begins(self.source.read(after, HEAD_BYTES))
            self.end = after if again else end


def detect(source: Source) -> Compressed | None:
    """The codec by which a file begins. Frames that may be skipped belong to what follows them."""
    head = source.read(0, HEAD_BYTES)
    at = 0
    for _ in range(64):
        end = _skipped(source, at)
        if end is None:
            break
        at = end
    if at and source.read(at, 4) == _LZ4:
        return Compressed(source, _LZ4_FRAMES)
    codec = next((codec for codec in CODECS if codec.begins(head)), None)
    return Compressed(source, codec) if codec else None
