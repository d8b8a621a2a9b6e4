"""7-Zip archives, by the description of the format in the LZMA SDK (DOC/7zFormat.txt).

A folder is one packed stream that holds several files one after another. It is unpacked once and cut up.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from msgspec import Struct, field

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.budget import Budget, Expansion
from modelward.formats.compressed import (
    MAX_WINDOW_BYTES,
    Decoder,
    deflate_decoder,
    lzma_decoder,
    stream,
    zstd,
)
from modelward.formats.facts import PathEscape
from modelward.formats.members import Links, Oddity, escapes
from modelward.formats.sevenzip_header import Coder, Folder, Header, parse
from modelward.formats.source import CHUNK_BYTES, Slice, Source
from modelward.formats.unpacked import Unpacked, unpacked

MAGIC = b"7z\xbc\xaf\x27\x1c"
_START_BYTES = 32
MAX_HEADER_BYTES = 64 << 20
_LZMA2_CHUNK = 1 << 16
_LINK = 0xA000  # the kind of file in the Unix mode, which is in the upper half of the attributes

_COPY, _LZMA, _LZMA2 = b"\x00", b"\x03\x01\x01", b"\x21"
_BZIP2, _DEFLATE, _ZSTD = b"\x04\x02\x02", b"\x04\x01\x08", b"\x04\xf7\x11\x01"
_FILTERS = {
    b"\x03": lzma.FILTER_DELTA,
    b"\x04": lzma.FILTER_X86, b"\x03\x03\x01\x03": lzma.FILTER_X86,
    b"\x05": lzma.FILTER_POWERPC, b"\x03\x03\x02\x05": lzma.FILTER_POWERPC,
    b"\x06": lzma.FILTER_IA64, b"\x03\x03\x04\x01": lzma.FILTER_IA64,
    b"\x07": lzma.FILTER_ARM, b"\x03\x03\x05\x01": lzma.FILTER_ARM,
    b"\x08": lzma.FILTER_ARMTHUMB, b"\x03\x03\x07\x01": lzma.FILTER_ARMTHUMB,
    b"\x09": lzma.FILTER_SPARC, b"\x03\x03\x08\x05": lzma.FILTER_SPARC,
}  # fmt: skip
_UNREAD = {
    b"\x06\xf1\x07\x01": "AES, and encrypted",
    b"\x03\x03\x01\x1b": "BCJ2",
    b"\x03\x04\x01": "PPMd",
    b"\x04\x01\x09": "Deflate64",
    b"\x04\xf7\x11\x02": "Brotli",
    b"\x04\xf7\x11\x04": "LZ4",
    b"\x0a": "the ARM64 filter",
}


class Member(Struct, frozen=True):
    """A file: which folder holds it, where in what comes out of that. An empty one is in none."""

    name: str
    folder: int | None
    start: int = 0
    size: int = 0
    link: bool = False


class Archive(Struct):
    """All that was found in one file. `end` is where the archive ends."""

    source: Source
    header: Header
    members: list[Member] = field(default_factory=list)
    oddities: list[Oddity] = field(default_factory=list)
    end: int = 0


def read(source: Source, budget: Budget) -> Archive | None:
    """The members, or None if it does not begin like one. Raises InputError where its header is broken."""
    start = source.read(0, _START_BYTES)
    if len(start) < _START_BYTES or not start.startswith(MAGIC):
        return None
    if zlib.crc32(start[12:32]) != int.from_bytes(start[8:12], "little"):
        raise InputError("its start header is broken")
    offset = _START_BYTES + int.from_bytes(start[12:20], "little")
    length = int.from_bytes(start[20:28], "little")
    data = _header_bytes(source, offset, length)
    for _ in range(4):
        header = parse(data, budget)
        if not header.encoded:
            break
        data = _unpack_header(source, header, budget)
    else:
        raise LimitExceeded("its header is packed over and over")
    archive = Archive(source, header, end=min(source.size, offset + length))
    _members(archive)
    return archive


def _header_bytes(source: Source, offset: int, length: int) -> bytes:
    if length > MAX_HEADER_BYTES:
        raise LimitExceeded(f"its header is over {MAX_HEADER_BYTES >> 20} MiB")
    data = source.read(offset, length)
    if len(data) < length:
        raise InputError("it breaks off before its header")
    return data


def _unpack_header(source: Source, header: Header, budget: Budget) -> bytes:
    if len(header.folders) != 1 or header.folders[0].size > MAX_HEADER_BYTES:
        raise InputError("its header is packed in no known way")
    with open_folder(source, header.folders[0], budget) as content:
        if content.trouble:
            raise InputError(f"its header cannot be unpacked: {content.trouble}")
        return content.source.read(0, content.source.size)


def _members(archive: Archive) -> None:
    header = archive.header
    places = (
        (number, start, size)
        for number, folder in enumerate(header.folders)
        for start, size in folder.files()
    )
    taken: set[str] = set()
    for entry in header.files:
        place = next(places, None) if entry.has_stream else None
        if entry.is_folder and place is None:
            continue
        plain = "/".join(part for part in entry.name.split("/") if part not in ("", "."))
        if plain in taken:
            archive.oddities.append(Oddity("7-zip", f"there are two members {entry.name!r}"))
        taken.add(plain)
        link = entry.attributes >> 16 & 0xF000 == _LINK
        folder, start, size = place or (None, 0, 0)
        archive.members.append(Member(entry.name, folder, start, size, link))
    if next(places, None) is not None:
        archive.oddities.append(Oddity("7-zip", "it holds data that belong to no member"))


def placed(archive: Archive, targets: dict[str, str]) -> Iterator[PathEscape]:
    """The members that are unpacked elsewhere; `targets` are where those that are links lead."""
    links = Links()
    for name, target in targets.items():
        links.add(name, target)
    for member in archive.members:
        yield from escapes(member.name, links, target=targets.get(member.name))


@contextmanager
def open_folder(source: Source, folder: Folder, budget: Budget) -> Iterator[Unpacked]:
    """What comes out of a folder, as far as it can be unpacked."""
    packed = Slice(source, _START_BYTES + folder.packed_at, folder.packed)
    with unpacked(_unpack(packed, folder), Expansion(budget, packed.size), "") as content:
        yield content


def _unpack(packed: Source, folder: Folder) -> Iterator[bytes]:
    """The pieces of a folder, up to its size. Raises InputError where a coder is not read here."""
    pieces = _pieces(packed, folder)
    left = folder.size
    for piece in pieces:
        yield piece[:left]
        left -= min(left, len(piece))
        if not left:
            return
    if left:
        raise InputError("its compressed data break off")


def _pieces(packed: Source, folder: Folder) -> Iterator[bytes]:
    coders = [coder for coder in folder.coders if coder.method != _COPY]
    for coder in coders:
        if coder.streams != (1, 1) or coder.method in _UNREAD:
            name = _UNREAD.get(coder.method, f"a method of several streams, {coder.method.hex()}")
            raise InputError(f"it is compressed by {name}, which this version does not read")
    if not folder.linear:
        raise InputError("its methods are joined in a way that this version does not read")
    filters = []
    while coders and coders[-1].method in _FILTERS:  # the first takes the packed bytes
        filters.append(_filter(coders.pop()))
    pieces = _unfiltered(packed, coders, folder.size)
    return _filtered(pieces, filters) if filters else pieces


def _unfiltered(packed: Source, coders: list[Coder], size: int) -> Iterator[bytes]:
    if not coders:
        return packed.chunks()
    method, properties = coders[0].method, coders[0].properties
    if len(coders) > 1:
        raise InputError("its methods are joined in a way that this version does not read")
    if method == _LZMA:
        _check_window(int.from_bytes(properties[1:5], "little"))
        return stream(lzma_decoder(properties, size), packed, 0)
    if method == _LZMA2:
        return _lzma2(packed, properties)
    if method == _BZIP2:
        return _repeated(bz2.BZ2Decompressor, packed)
    if method == _DEFLATE:
        return stream(deflate_decoder(), packed, 0)
    if method == _ZSTD:
        return zstd(packed, 0)
    raise InputError(f"it is compressed by method {method.hex()}, which this version does not read")


def _repeated(make: Callable[[], Decoder], packed: Source) -> Iterator[bytes]:
    """bzip2 streams in a row, as several threads write them."""
    at = 0
    while at < packed.size:
        at = yield from stream(make(), packed, at)


def _lzma2(packed: Source, properties: bytes) -> Iterator[bytes]:
    bits = properties[0] if properties else 41
    size = (2 | bits & 1) << bits // 2 + 11
    _check_window(size)
    return _raw(packed.chunks(), [{"id": lzma.FILTER_LZMA2, "dict_size": max(size, 4096)}])


def _check_window(size: int) -> None:
    if size > MAX_WINDOW_BYTES:
        raise LimitExceeded(f"unpacking it takes over {MAX_WINDOW_BYTES >> 20} MiB of memory")


def _filtered(pieces: Iterator[bytes], filters: list[dict[str, int]]) -> Iterator[bytes]:
    """Undo filters, which liblzma does only for LZMA2: the pieces are made such, of uncompressed chunks."""

    def chunks() -> Iterator[bytes]:
        kind = 1  # the first clears the window
        for piece in pieces:
            for at in range(0, len(piece), _LZMA2_CHUNK):
                part = piece[at : at + _LZMA2_CHUNK]
                yield bytes([kind]) + (len(part) - 1).to_bytes(2, "big") + part
                kind = 2
        yield b"\0"

    return _raw(chunks(), [*filters, {"id": lzma.FILTER_LZMA2, "dict_size": _LZMA2_CHUNK}])


def _raw(chunks: Iterator[bytes], filters: list[dict[str, int]]) -> Iterator[bytes]:
    try:
        decoder = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters)
        for chunk in chunks:
            data = chunk
            while not decoder.eof:
                yield decoder.decompress(data, CHUNK_BYTES)
                data = b""
                if decoder.needs_input:
                    break
    except (lzma.LZMAError, ValueError) as error:
        raise InputError(f"its compressed data are broken: {error}") from None


def _filter(coder: Coder) -> dict[str, int]:
    kind = _FILTERS[coder.method]
    if kind == lzma.FILTER_DELTA:
        return {"id": kind, "dist": (coder.properties[0] if coder.properties else 0) + 1}
    return {"id": kind}
