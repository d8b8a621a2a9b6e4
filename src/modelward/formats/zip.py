"""Zip archives, read strictly: what two readers may see differently is an anomaly.

Every member is taken from its entry in the central directory *and* from its local header; local headers
that no entry names are members too. CRCs and the flag for encryption are ignored, as torch ignores
them.
"""

from __future__ import annotations

import stat
import tempfile
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from modelward.core.errors import InputError
from modelward.formats.budget import Budget
from modelward.formats.identify import TAIL_BYTES
from modelward.formats.source import CHUNK_BYTES, BytesSource, FileSource, Slice, Source
from modelward.formats.zip_records import (
    DESCRIPTOR_SIGNATURE,
    LOCAL_SIGNATURE,
    Directory,
    Header,
    directories,
    extra_field,
    local_header,
)

STORED, DEFLATED = 0, 8
_HAS_DESCRIPTOR = 0x0008
_HARMLESS_FLAGS = 0x0806  # UTF-8 names, and how hard deflate tried
_UNICODE_PATH = 0x7075
_IN_MEMORY_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Something that readers see differently, or (`unsafe`) a name that extracting it would misuse."""

    message: str
    offset: int
    unsafe: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """One member: its name as text, its header, where its local header and its data begin (None: nowhere)."""

    name: str
    header: Header
    at: int
    start: int | None


@dataclass(slots=True)
class Archive:
    """All that was found in one file."""

    source: Source
    prefix: int = 0
    members: list[Member] = field(default_factory=list)
    anomalies: list[Anomaly] = field(default_factory=list)

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
        return archive
    archive.prefix = found[0].prefix
    if archive.prefix:
        archive.odd(f"{archive.prefix} bytes stand before the archive", 0)
    for extra in found[1:]:
        archive.odd("there is a second central directory", extra.start)
    for directory in found:
        budget.spend_members(len(directory.entries))
        for oddity in directory.oddities:
            archive.odd(oddity, directory.end_record)
        _members(archive, directory)
    _regions(archive, found[0], budget)
    _duplicates(archive)
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
    deferred = bool(local.flags & _HAS_DESCRIPTOR) and (local.compressed, local.size) == (0, 0)
    if not deferred and (local.compressed, local.size) != (entry.compressed, entry.size):
        archive.odd(f"member {name!r} has another size in its local header", at)
    if entry.flags & ~(_HAS_DESCRIPTOR | _HARMLESS_FLAGS):
        archive.odd(f"member {name!r} has the flags {entry.flags:#06x}, which some readers refuse", at)
    if entry.method == STORED and entry.compressed != entry.size:
        archive.odd(f"member {name!r} is stored and has two sizes", at)
    for header in (entry, local):
        path = extra_field(header.extra, _UNICODE_PATH)
        if path is not None and path[5:] != header.name:
            archive.odd(f"member {name!r} has a second name in its extra field", at)


def _check_name(archive: Archive, name: str, entry: Header, at: int) -> None:
    parts = name.replace("\\", "/").split("/")
    if b"\0" in entry.name:
        archive.odd(f"member {name!r} has a NUL in its name", at)
    if not name or name.startswith("/") or ".." in parts or "\\" in name or name[1:2] == ":":
        archive.odd(f"member {name!r} would be extracted to another place", at, unsafe=True)
    elif any(unicodedata.category(char) == "Cc" for char in name):
        archive.odd(f"member {name!r} has control characters in its name", at, unsafe=True)
    if stat.S_ISLNK(entry.mode):
        archive.odd(f"member {name!r} is a link", at, unsafe=True)


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
    """Members that only their local headers tell of."""
    while header := local_header(archive.source, begin, begin - archive.prefix):
        budget.spend_members(1)
        start = begin + header.length
        archive.members.append(Member(_text(header.name), header, begin, start))
        begin = start + header.compressed
        if begin > end or not header.compressed:
            return


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")


@contextmanager
def open_member(archive: Archive, member: Member, budget: Budget) -> Iterator[Source]:
    """The bytes of a member. Raises InputError where there are none or they cannot be unpacked.

    Stored data are a part of the archive's own bytes. Unpacked data lie in memory, or past 8 MiB in an
    unnamed temporary file.
    """
    header = member.header
    if member.start is None:
        raise InputError("its data are not where the central directory says")
    if header.method == STORED:
        yield Slice(archive.source, member.start, max(header.compressed, header.size))
        return
    if header.method != DEFLATED:
        raise InputError(f"it is compressed by method {header.method}, which this version does not read")
    pieces = _inflate(archive, member, budget)
    held = bytearray()
    for piece in pieces:
        held += piece
        if len(held) > _IN_MEMORY_BYTES:
            break
    else:
        yield BytesSource(bytes(held))
        return
    with tempfile.TemporaryFile() as space:
        space.write(held)
        held.clear()
        space.writelines(pieces)
        space.flush()
        yield FileSource(space.fileno(), member.name)


def _inflate(archive: Archive, member: Member, budget: Budget) -> Iterator[bytes]:
    """Unpack a member piece by piece, noting where its sizes are not what it says."""
    packed = Slice(archive.source, member.start or 0, member.header.compressed)
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    total = 0
    for chunk in packed.chunks():
        while not inflater.eof:
            try:
                piece = inflater.decompress(chunk, CHUNK_BYTES)
            except zlib.error as error:
                raise InputError(f"its compressed data are broken: {error}") from None
            total += len(piece)
            budget.spend_bytes(len(piece))
            if total > member.header.size:
                archive.odd(f"member {member.name!r} unpacks to more than its size", member.at)
                raise InputError("it unpacks to more than its size")
            yield piece
            chunk = inflater.unconsumed_tail
            if not chunk and len(piece) < CHUNK_BYTES:
                break
    if not inflater.eof or total != member.header.size or inflater.unused_data:
        archive.odd(f"member {member.name!r} does not unpack to its size", member.at)
