"""Zip archives, read strictly: what two readers may see differently is an anomaly.

Every member is taken from its entry in the central directory *and* from its local header; local headers
that no entry names are members too. CRCs and the flag for encryption are ignored, as torch ignores
them.
"""

from __future__ import annotations

import stat
import unicodedata
import zlib
from bz2 import BZ2Decompressor
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from msgspec import Struct, field
from msgspec.structs import replace

from modelward.core.errors import InputError
from modelward.formats.budget import Budget, Expansion
from modelward.formats.compressed import Pieces, deflate_decoder, lzma_decoder, stream, xz_decoder, zstd
from modelward.formats.facts import PathEscape
from modelward.formats.identify import TAIL_BYTES
from modelward.formats.members import Links, escapes
from modelward.formats.source import CHUNK_BYTES, BytesSource, Slice, Source
from modelward.formats.unpacked import Unpacked, unpacked
from modelward.formats.zip_records import (
    COMMENT_ODDITY,
    DESCRIPTOR_SIGNATURE,
    END_BYTES,
    LOCAL_SIGNATURE,
    Directory,
    Header,
    directories,
    extra_field,
    local_header,
)

STORED, DEFLATED = 0, 8
UNKNOWN_SIZE = 1 << 64
_HAS_END_MARKER = 0x0002
_HAS_DESCRIPTOR = 0x0008
_HARMLESS_FLAGS = 0x0806  # UTF-8 names, and how hard deflate tried
_UNICODE_PATH = 0x7075
_MAX_TARGET_BYTES = 4096  # of a link


class Anomaly(Struct, frozen=True):
    """Something that readers see differently, or (`unsafe`) a name that extracting it would misuse."""

    message: str
    offset: int
    unsafe: bool = False


class Member(Struct, frozen=True):
    """One member: its name as text, its header, where its local header and its data begin (None: nowhere)."""

    name: str
    header: Header
    at: int
    start: int | None


class Archive(Struct):
    """All that was found in one file: it begins after `prefix` bytes, its comment at `comment`."""

    source: Source
    prefix: int = 0
    comment: int = 0
    end: int = 0
    members: list[Member] = field(default_factory=list)
    anomalies: list[Anomaly] = field(default_factory=list)
    escapes: list[PathEscape] = field(default_factory=list)

    @property
    def embedded(self) -> bool:
        """Whether other bytes stand before and behind it, as where it is a value within another file."""
        return bool(self.prefix) and self.end < self.source.size

    def odd(self, message: str, offset: int, *, unsafe: bool = False) -> None:
        """Note an anomaly."""
        self.anomalies.append(Anomaly(message, offset, unsafe))


def read(source: Source, budget: Budget) -> Archive | None:
    """The members and anomalies of `source`, or None if it has no central directory and no member.

    Raises InputError where the directory is broken, LimitExceeded past the budget.
    """
    found = directories(source, TAIL_BYTES)
    archive = Archive(source)
    if not found:
        if source.read(0, 4) != LOCAL_SIGNATURE:
            return None
        archive.odd("there are members and no central directory", 0)
        _hidden(archive, 0, source.size, budget)
        archive.comment = archive.end = source.size
        _places(archive, budget)
        return archive
    archive.prefix, archive.end = found[0].prefix, found[0].file_end
    archive.comment = min(archive.end, found[0].end_record + END_BYTES)
    if archive.prefix and not archive.embedded:
        archive.odd(f"{archive.prefix} bytes stand before the archive", 0)
    for extra in found[1:]:
        archive.odd("there is a second central directory", extra.start)
    for directory in found:
        budget.spend_members(len(directory.entries))
        for oddity in directory.oddities:
            if oddity != COMMENT_ODDITY or not archive.embedded:
                archive.odd(oddity, directory.end_record)
        _members(archive, directory)
    _regions(archive, found[0], budget)
    _duplicates(archive)
    _places(archive, budget)
    return archive


def _members(archive: Archive, directory: Directory) -> None:
    seen = {(member.start, member.header.name) for member in archive.members}
    for entry in directory.entries:
        at = directory.prefix + entry.offset
        name = _text(entry.name)
        local = local_header(archive.source, at, entry.offset)
        start = at + local.length if local else None
        if (start, entry.name) in seen:
            continue
        archive.members.append(Member(name, entry, at, start))
        _check_name(archive, name, entry, at)
        if local is None:
            archive.odd(f"member {name!r} has no local header", at)
        else:
            _compare(archive, name, entry, local, at)


def _compare(archive: Archive, name: str, entry: Header, local: Header, at: int) -> None:
    if local.name != entry.name:
        archive.odd(f"member {name!r} is called {_text(local.name)!r} in its local header", at)
    if (local.method, local.flags) != (entry.method, entry.flags):
        archive.odd(f"member {name!r} has another method or other flags in its local header", at)
    sizes = ((local.compressed, entry.compressed), (local.size, entry.size))
    deferred = bool(local.flags & _HAS_DESCRIPTOR)
    if any(here != there and not (deferred and here == 0) for here, there in sizes):
        archive.odd(f"member {name!r} has another size in its local header", at)
    if entry.flags & ~(_HAS_DESCRIPTOR | _HARMLESS_FLAGS):
        archive.odd(f"member {name!r} has the flags {entry.flags:#06x}, which some readers refuse", at)
    if entry.method == STORED and entry.compressed != entry.size:
        archive.odd(f"member {name!r} is stored and has two sizes", at)
    for header in (entry, local):
        path = extra_field(header.extra, _UNICODE_PATH)
        if path is not None and path[5:] != header.name and not _is_transcribed(path, header.name):
            archive.odd(f"member {name!r} has a second name in its extra field", at)


def _is_transcribed(path: bytes, name: bytes) -> bool:
    """Whether a UTF-8 name stands beside one of an older character set, as Info-ZIP writes both."""
    return not name.isascii() and int.from_bytes(path[1:5], "little") == zlib.crc32(name)


def _check_name(archive: Archive, name: str, entry: Header, at: int) -> None:
    if b"\0" in entry.name:
        archive.odd(f"member {name!r} has a NUL in its name", at)
    elif not name:
        archive.odd("a member has no name", at, unsafe=True)
    elif any(unicodedata.category(char) == "Cc" for char in name):
        archive.odd(f"member {name!r} has control characters in its name", at, unsafe=True)


def _places(archive: Archive, budget: Budget) -> None:
    """Where members land when they are unpacked; a link's target is its content."""
    links = Links()
    targets: dict[int, str] = {}
    for number, member in enumerate(archive.members):
        if stat.S_ISLNK(member.header.mode) and member.header.size <= _MAX_TARGET_BYTES:
            with unpack_member(archive, member, budget) as content:
                target = _text(content.source.read(0, _MAX_TARGET_BYTES))
            links.add(member.name, target)
            targets[number] = target
    for number, member in enumerate(archive.members):
        archive.escapes += escapes(member.name, links, target=targets.get(number))


def _duplicates(archive: Archive) -> None:
    taken: dict[str, str] = {}
    for member in archive.members:
        folded = unicodedata.normalize("NFC", member.name.replace("\\", "/").casefold())
        key = "/".join(part for part in folded.split("/") if part not in ("", "."))
        if key in taken:
            archive.odd(f"there are two members {member.name!r}", member.at)
        taken[key] = member.name


def _regions(archive: Archive, directory: Directory, budget: Budget) -> None:
    """Walk what lies before the central directory: members, their descriptors, and nothing else."""
    at = archive.prefix
    previous: Member | None = None
    for member in sorted(archive.members, key=lambda member: member.at):
        if member.start is None:
            continue
        if member.at < at:
            archive.odd(f"member {member.name!r} overlaps another", member.at)
        elif member.at > at:
            _gap(archive, previous, at, member.at, budget)
        at = max(at, member.start + member.header.compressed)
        previous = member
    if at > directory.start:
        archive.odd("a member overlaps the central directory", directory.start)
    elif at < directory.start:
        _gap(archive, previous, at, directory.start, budget)


def _gap(archive: Archive, previous: Member | None, begin: int, end: int, budget: Budget) -> None:
    if previous is not None and previous.header.flags & _HAS_DESCRIPTOR:
        begin += _descriptor(archive.source.read(begin, min(24, end - begin)), previous.header)
    if begin < end:
        archive.odd(f"{end - begin} bytes belong to no entry of the central directory", begin)
        _hidden(archive, begin, end, budget)


def _descriptor(data: bytes, header: Header) -> int:
    """The length of the data descriptor that `data` begins with, in any of its four forms, or 0."""
    for width in (4, 8):
        if max(header.compressed, header.size) >= 1 << 8 * width:
            continue
        sizes = header.compressed.to_bytes(width, "little") + header.size.to_bytes(width, "little")
        for signature in (4, 0):
            if signature and not data.startswith(DESCRIPTOR_SIGNATURE):
                continue
            begin = signature + 4
            if data[begin : begin + 2 * width] == sizes:
                return begin + 2 * width
    return 0


def _hidden(archive: Archive, begin: int, end: int, budget: Budget) -> None:
    """Members that only their local headers tell of. One of deferred size reaches to the next header."""
    while header := local_header(archive.source, begin, begin - archive.prefix):
        budget.spend_members(1)
        start = begin + header.length
        if header.flags & _HAS_DESCRIPTOR and not header.compressed:
            length = _next_header(archive.source, start, end) - start
            header = replace(header, compressed=length, size=UNKNOWN_SIZE)
        archive.members.append(Member(_text(header.name), header, begin, start))
        begin = start + header.compressed
        if begin > end:
            return


def _next_header(source: Source, start: int, end: int) -> int:
    """Where the next local header seems to begin, or the end."""
    at = start
    while at < end:
        data = source.read(at, CHUNK_BYTES + len(LOCAL_SIGNATURE) - 1)
        found = data.find(LOCAL_SIGNATURE)
        if found >= 0:
            return min(at + found, end)
        at += CHUNK_BYTES
    return end


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")


@contextmanager
def open_member(archive: Archive, member: Member, budget: Budget) -> Iterator[Source]:
    """The bytes of a member. Raises InputError where they cannot all be had."""
    with unpack_member(archive, member, budget) as content:
        if content.trouble:
            raise InputError(content.trouble)
        yield content.source


@contextmanager
def unpack_member(archive: Archive, member: Member, budget: Budget) -> Iterator[Unpacked]:
    """The bytes of a member, as far as there are any, with the reason if that is not all."""
    header = member.header
    if member.start is None:
        yield Unpacked(BytesSource(b""), "its data are not where the central directory says")
        return
    if header.method == STORED:
        length = max(header.compressed, header.size)
        content = Slice(archive.source, member.start, length)
        yield Unpacked(content, "" if content.size == length else "it breaks off")
        return
    unpack = _METHODS.get(header.method)
    if unpack is None:
        name = _UNREAD.get(header.method, f"method {header.method}")
        yield Unpacked(BytesSource(b""), f"it is compressed by {name}, which this version does not read")
        return
    packed = Slice(archive.source, member.start, header.compressed)
    with unpacked(
        _checked(archive, member, unpack(packed, header)), Expansion(budget, packed.size), ""
    ) as content_:
        yield content_


def _checked(archive: Archive, member: Member, pieces: Pieces) -> Iterator[bytes]:
    """The pieces of a member, noting where its sizes are not what it says. Raises InputError past them."""
    size, total = member.header.size, 0
    while True:
        try:
            piece = next(pieces)
        except StopIteration as done:
            end: int = done.value
            break
        total += len(piece)
        yield piece
        if total > size:
            archive.odd(f"member {member.name!r} unpacks to more than its size", member.at)
            raise InputError("it unpacks to more than its size")
    if size != UNKNOWN_SIZE and (total != size or end != member.header.compressed):
        archive.odd(f"member {member.name!r} does not unpack to its size", member.at)


def _lzma(packed: Source, header: Header) -> Pieces:
    """APPNOTE 5.8.8: a version, the length of the properties, the properties, the data."""
    properties = packed.read(4, 5)
    size = None if header.flags & _HAS_END_MARKER else header.size
    yield from stream(lzma_decoder(properties, size), packed, 9)
    return packed.size


#: Method -> what unpacks it.
_METHODS: dict[int, Callable[[Source, Header], Pieces]] = {
    DEFLATED: lambda packed, header: stream(deflate_decoder(), packed, 0),
    12: lambda packed, header: stream(BZ2Decompressor(), packed, 0),
    14: _lzma,
    93: lambda packed, header: zstd(packed, 0),
    95: lambda packed, header: stream(xz_decoder(), packed, 0),
}
_UNREAD = {1: "Shrink", 6: "Implode", 9: "Deflate64", 97: "WavPack", 98: "PPMd", 99: "AES, and encrypted"}
