"""The header of a 7-Zip archive: folders with their coders, and the files in them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.budget import Budget

(
    _END, _HEADER, _ARCHIVE_PROPERTIES, _ADDITIONAL, _MAIN, _FILES, _PACK, _UNPACK, _SUBSTREAMS, _SIZE, _CRC,
    _FOLDER, _CODERS_SIZE, _COUNTS, _EMPTY_STREAM, _EMPTY_FILE, _ANTI, _NAMES, _CREATED, _ACCESSED, _MODIFIED,
    _ATTRIBUTES, _COMMENT, _ENCODED,
) = range(24)  # fmt: skip
MAX_CODERS = 32


class Coder(Struct, frozen=True):
    """One method with its properties; `streams` is how many go in and come out."""

    method: bytes
    properties: bytes
    streams: tuple[int, int]


class Folder(Struct):
    """One packed stream: the coders from the packed bytes outward, its place, what comes out.

    `linear`: each takes what the one before it gives. `last` is the number of the last in the header's order.
    """

    coders: list[Coder]
    linear: bool
    last: int = 0
    checked: bool = False
    size: int = 0
    packed_at: int = 0
    packed: int = 0
    sizes: list[int] = field(default_factory=list)

    def files(self) -> Iterator[tuple[int, int]]:
        """Where each file begins in what comes out, and its size."""
        at = 0
        for size in self.sizes:
            yield at, size
            at += size


class Entry(Struct):
    """A file or a folder in the list of names."""

    name: str = ""
    has_stream: bool = True
    is_folder: bool = False
    attributes: int = 0


class Header(Struct):
    """All of it. `encoded`: it holds nothing but where the real header is packed."""

    encoded: bool = False
    folders: list[Folder] = field(default_factory=list)
    files: list[Entry] = field(default_factory=list)


class _Reader:
    """A cursor over the header."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        if count < 0 or self.at + count > len(self.data):
            raise InputError("its header breaks off")
        self.at += count
        return self.data[self.at - count : self.at]

    def byte(self) -> int:
        return self.take(1)[0]

    def number(self) -> int:
        """As many bytes follow the first as it has leading ones; its other bits are the highest."""
        first = self.byte()
        value, mask = 0, 0x80
        for place in range(8):
            if not first & mask:
                return value | (first & (mask - 1)) << 8 * place
            value |= self.byte() << 8 * place
            mask >>= 1
        return value

    def count(self, budget: Budget) -> int:
        """A number of things of which each takes some of the budget."""
        value = self.number()
        budget.spend_members(value)
        return value

    def bits(self, count: int) -> list[bool]:
        data = self.take((count + 7) // 8)
        return [bool(data[at // 8] & 0x80 >> at % 8) for at in range(count)]

    def optional_bits(self, count: int) -> list[bool]:
        return [True] * count if self.byte() else self.bits(count)

    def checksums(self, count: int) -> None:
        self.take(4 * sum(self.optional_bits(count)))


def parse(data: bytes, budget: Budget) -> Header:
    """Raises InputError where it is broken, LimitExceeded where it lists too much."""
    reader = _Reader(data)
    header = Header()
    if not data:
        return header
    kind = reader.byte()
    if kind == _ENCODED:
        header.encoded = True
        _streams(reader, header, budget)
        return header
    if kind != _HEADER:
        raise InputError("its header is of an unknown kind")
    while (kind := reader.byte()) != _END:
        if kind == _ARCHIVE_PROPERTIES:
            while reader.byte() != _END:
                reader.take(reader.number())
        elif kind == _ADDITIONAL:
            _streams(reader, Header(), budget)
        elif kind == _MAIN:
            _streams(reader, header, budget)
        elif kind == _FILES:
            _files(reader, header, budget)
        else:
            raise InputError(f"its header has a part of an unknown kind, {kind}")
    return header


def _streams(reader: _Reader, header: Header, budget: Budget) -> None:
    packed: list[tuple[int, int]] = []
    listed = False
    while (kind := reader.byte()) != _END:
        if kind == _PACK:
            packed = _pack_info(reader, budget)
        elif kind == _UNPACK:
            header.folders = _unpack_info(reader, budget)
        elif kind == _SUBSTREAMS:
            _substreams(reader, header.folders, budget)
            listed = True
        else:
            raise InputError(f"its header has streams of an unknown kind, {kind}")
    if not listed:
        for folder in header.folders:
            folder.sizes = [folder.size]
    used = 0
    for folder in header.folders:
        folder.packed_at, folder.packed = packed[used] if used < len(packed) else (0, 0)
        used += max(1, _packed_streams(folder))


def _packed_streams(folder: Folder) -> int:
    incoming = sum(coder.streams[0] for coder in folder.coders)
    outgoing = sum(coder.streams[1] for coder in folder.coders)
    return incoming - (outgoing - 1)


def _pack_info(reader: _Reader, budget: Budget) -> list[tuple[int, int]]:
    at = reader.number()
    count = reader.count(budget)
    sizes: list[int] = [0] * count
    while (kind := reader.byte()) != _END:
        if kind == _SIZE:
            sizes = [reader.number() for _ in range(count)]
        elif kind == _CRC:
            reader.checksums(count)
        else:
            raise InputError(f"its header tells of packed data what is unknown, {kind}")
    found = []
    for size in sizes:
        found.append((at, size))
        at += size
    return found


def _unpack_info(reader: _Reader, budget: Budget) -> list[Folder]:
    if reader.byte() != _FOLDER:
        raise InputError("its header has no list of folders")
    count = reader.count(budget)
    if reader.byte():
        raise InputError("its folders are told of elsewhere, which this version does not read")
    folders = [_folder(reader) for _ in range(count)]
    while (kind := reader.byte()) != _END:
        if kind == _CODERS_SIZE:
            for folder in folders:
                sizes = [reader.number() for coder in folder.coders for _ in range(coder.streams[1])]
                folder.size = sizes[folder.last] if folder.linear else max(sizes, default=0)
        elif kind == _CRC:
            for folder, checked in zip(folders, reader.optional_bits(count), strict=True):
                folder.checked = checked
                reader.take(4 * checked)
        else:
            raise InputError(f"its header tells of folders what is unknown, {kind}")
    return folders


def _folder(reader: _Reader) -> Folder:
    count = reader.number()
    if not 0 < count <= MAX_CODERS:
        raise LimitExceeded(f"a folder has {count} methods")
    coders = [_coder(reader) for _ in range(count)]
    incoming = sum(coder.streams[0] for coder in coders)
    outgoing = sum(coder.streams[1] for coder in coders)
    joints = [(reader.number(), reader.number()) for _ in range(outgoing - 1)]
    packed = incoming - len(joints)
    if packed > 1:
        for _ in range(packed):
            reader.number()
    return _in_order(coders, joints)


def _coder(reader: _Reader) -> Coder:
    flags = reader.byte()
    method = reader.take(flags & 0x0F)
    streams = (reader.number(), reader.number()) if flags & 0x10 else (1, 1)
    if max(streams) > MAX_CODERS:
        raise LimitExceeded("a method has too many streams")
    properties = reader.take(reader.number()) if flags & 0x20 else b""
    return Coder(method, properties, streams)


def _in_order(coders: list[Coder], joints: list[tuple[int, int]]) -> Folder:
    """The coders from that of the packed bytes outward: each takes what the one before it gives."""
    takes = dict(joints)  # the stream that goes into a coder -> the one that comes out of another
    if any(coder.streams != (1, 1) for coder in coders):
        return Folder(coders, linear=False)
    at = next((number for number in range(len(coders)) if number not in takes), 0)
    gives = {outgoing: incoming for incoming, outgoing in joints}
    order = [at]
    while at in gives and len(order) < len(coders):
        at = gives[at]
        order.append(at)
    linear = sorted(order) == list(range(len(coders)))
    return Folder([coders[number] for number in order] if linear else coders, linear=linear, last=order[-1])


def _substreams(reader: _Reader, folders: list[Folder], budget: Budget) -> None:
    counts = [1] * len(folders)
    kind = reader.byte()
    if kind == _COUNTS:
        counts = [reader.count(budget) for _ in folders]
        kind = reader.byte()
    for folder, count in zip(folders, counts, strict=True):
        known = [reader.number() for _ in range(count - 1)] if kind == _SIZE and count else []
        folder.sizes = [*known, max(0, folder.size - sum(known))] if count else []
    if kind == _SIZE:
        kind = reader.byte()
    while kind != _END:
        if kind != _CRC:
            raise InputError(f"its header tells of files what is unknown, {kind}")
        alone = sum(count == 1 and folder.checked for folder, count in zip(folders, counts, strict=True))
        reader.checksums(sum(counts) - alone)
        kind = reader.byte()


def _files(reader: _Reader, header: Header, budget: Budget) -> None:
    count = reader.count(budget)
    header.files = [Entry() for _ in range(count)]
    empty: list[Entry] = []
    while (kind := reader.number()) != _END:
        part = _Reader(reader.take(reader.number()))
        if kind == _EMPTY_STREAM:
            for entry, bit in zip(header.files, part.bits(count), strict=True):
                entry.has_stream, entry.is_folder = not bit, bit
            empty = [entry for entry in header.files if not entry.has_stream]
        elif kind == _EMPTY_FILE:
            for entry, bit in zip(empty, part.bits(len(empty)), strict=True):
                entry.is_folder = not bit
        elif kind == _NAMES:
            _inline(part)
            for entry in header.files:
                entry.name = _name(part)
        elif kind == _ATTRIBUTES:
            defined = part.optional_bits(count)
            _inline(part)
            for entry, bit in zip(header.files, defined, strict=True):
                entry.attributes = int.from_bytes(part.take(4), "little") if bit else 0


def _inline(part: _Reader) -> None:
    if part.byte():
        raise InputError("its names are told of elsewhere, which this version does not read")


def _name(part: _Reader) -> str:
    """UTF-16 up to a NUL."""
    end = part.at
    while (end := part.data.find(b"\0\0", end)) >= 0 and (end - part.at) % 2:
        end += 1
    if end < 0:
        raise InputError("its list of names breaks off")
    name = part.take(end - part.at).decode("utf-16-le", "replace")
    part.take(2)
    return name
