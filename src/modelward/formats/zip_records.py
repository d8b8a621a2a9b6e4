"""The records of a zip file (APPNOTE 4.3), parsed as they stand."""

from __future__ import annotations

import struct

from msgspec import Struct

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.source import Source

LOCAL_SIGNATURE = b"PK\x03\x04"
CENTRAL_SIGNATURE = b"PK\x01\x02"
END_SIGNATURE = b"PK\x05\x06"
END64_SIGNATURE = b"PK\x06\x06"
LOCATOR64_SIGNATURE = b"PK\x06\x07"
DESCRIPTOR_SIGNATURE = b"PK\x07\x08"

END_BYTES = 22
COMMENT_ODDITY = "the end record's comment does not end with the file"
MAX_DIRECTORY_BYTES = 64 << 20

_LOCAL = struct.Struct("<4s2x2H8x2L2H")
_CENTRAL = struct.Struct("<4sxB2x2H8x2L3H4x2L")
_END = struct.Struct("<4s6xH2LH")
_END64 = struct.Struct("<4s28x3Q")
_MARK32 = 0xFFFFFFFF
_MARK16 = 0xFFFF


class Header(Struct, frozen=True):
    """A member as its local header or its entry in the central directory tells it.

    `offset` is that of the local header, relative to where the archive begins; `length` is that of this
    header.
    """

    name: bytes
    flags: int
    method: int
    compressed: int
    size: int
    offset: int
    length: int
    extra: bytes
    mode: int = 0


class Directory(Struct, frozen=True):
    """One central directory: where it lies, where the archive begins, where the end record lies.

    `file_end` is where the end record and its comment end, and the archive with them.
    """

    start: int
    end: int
    prefix: int
    end_record: int
    file_end: int
    entries: tuple[Header, ...]
    oddities: tuple[str, ...] = ()


def local_header(source: Source, at: int, offset: int) -> Header | None:
    """The local header at `at`, if there is one."""
    head = source.read(at, _LOCAL.size)
    if len(head) < _LOCAL.size or not head.startswith(LOCAL_SIGNATURE):
        return None
    _, flags, method, compressed, size, name_length, extra_length = _LOCAL.unpack(head)
    rest = source.read(at + _LOCAL.size, name_length + extra_length)
    if len(rest) < name_length + extra_length:
        return None
    extra = rest[name_length:]
    size, compressed, _ = _wide(extra, size, compressed, 0)
    length = _LOCAL.size + len(rest)
    return Header(rest[:name_length], flags, method, compressed, size, offset, length, extra)


def extra_field(extra: bytes, wanted: int) -> bytes | None:
    """The first extra field of a kind."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == wanted:
            return extra[at + 4 : at + 4 + length]
        at += 4 + length
    return None


def _wide(extra: bytes, size: int, compressed: int, offset: int) -> tuple[int, int, int]:
    """Sizes and offset with the zip64 field in place of those that are marked."""
    field = extra_field(extra, 1)
    values = [value for (value,) in struct.iter_unpack("<Q", field[: len(field) // 8 * 8])] if field else []
    size, compressed, offset = (
        values.pop(0) if value == _MARK32 and values else value for value in (size, compressed, offset)
    )
    return size, compressed, offset


def directories(source: Source, tail_bytes: int) -> list[Directory]:
    """Every central directory that some reader may find, the one that most find first.

    Readers search the end record backward from the end; some ask that its comment ends with the file. What
    they make of leading bytes differs: some take the offsets as they are, some from where the archive must
    begin. Raises InputError.
    """
    start = max(0, source.size - tail_bytes)
    tail = source.read(start, tail_bytes)
    found: list[Directory] = []
    at = tail.rfind(END_SIGNATURE, 0)
    last = True
    while at >= 0 and len(found) < 8:
        for directory in _at_end_record(source, start + at, last=last):
            if all((directory.start, directory.prefix) != (other.start, other.prefix) for other in found):
                found.append(directory)
        at, last = tail.rfind(END_SIGNATURE, 0, at), False
    return found


def _at_end_record(source: Source, record: int, *, last: bool) -> list[Directory]:
    """The directories that one end record may mean. One that is not the last must fit the end of the file."""
    head = source.read(record, END_BYTES)
    if len(head) < END_BYTES:
        return []
    _, count, size, offset, comment = _END.unpack(head)
    after, oddities = record, []
    if record + END_BYTES + comment != source.size:
        if not last:
            return []
        oddities.append(COMMENT_ODDITY)
    wide = _end64(source, record)
    if wide is not None:
        narrow = (count, size, offset)
        after, (count, size, offset) = wide
        marks = (_MARK16, _MARK32, _MARK32)
        if any(a not in (b, m) for a, b, m in zip(narrow, (count, size, offset), marks, strict=True)):
            oddities.append("the zip64 end record contradicts the end record")
    elif _MARK32 in (size, offset):
        return []
    starts = {after - size: after - size - offset, offset: 0}
    found = []
    for start, prefix in starts.items():
        if start < 0 or prefix < 0 or start + size > record:
            continue
        entries = _entries(source, start, size)
        if entries is not None and (entries or not count):
            notes = [*oddities, *([] if len(entries) == count else ["the end record counts other entries"])]
            if start + size != after:
                notes.append("there are bytes between the central directory and the end record")
            last_byte = min(source.size, record + END_BYTES + comment)
            found.append(
                Directory(start, start + size, prefix, record, last_byte, tuple(entries), tuple(notes))
            )
    return found


def _end64(source: Source, record: int) -> tuple[int, tuple[int, int, int]] | None:
    """The zip64 end record before an end record: where it lies, and its (count, size, offset)."""
    locator = source.read(record - 20, 20) if record >= 20 else b""
    if not locator.startswith(LOCATOR64_SIGNATURE):
        return None
    (pointed,) = struct.unpack_from("<Q", locator, 8)
    for at in (record - 20 - _END64.size, pointed):
        head = source.read(at, _END64.size) if at >= 0 else b""
        if len(head) == _END64.size and head.startswith(END64_SIGNATURE):
            _, count, size, offset = _END64.unpack(head)
            return at, (count, size, offset)
    return None


def _entries(source: Source, start: int, size: int) -> list[Header] | None:
    """The entries of the central directory at `start`, or None if there is none."""
    if size > MAX_DIRECTORY_BYTES:
        raise LimitExceeded(f"its central directory is over {MAX_DIRECTORY_BYTES >> 20} MiB")
    data = source.read(start, size)
    found: list[Header] = []
    at = 0
    while at < len(data):
        if len(data) - at < _CENTRAL.size or data[at : at + 4] != CENTRAL_SIGNATURE:
            return None if not found else _broken()
        _, system, flags, method, compressed, full, *lengths, attributes, offset = _CENTRAL.unpack_from(
            data, at
        )
        name_length, extra_length, comment_length = lengths
        begin = at + _CENTRAL.size
        at = begin + name_length + extra_length + comment_length
        if at > len(data):
            return _broken()
        name = data[begin : begin + name_length]
        extra = data[begin + name_length : begin + name_length + extra_length]
        full, compressed, offset = _wide(extra, full, compressed, offset)
        mode = attributes >> 16 if system == 3 else 0
        found.append(Header(name, flags, method, compressed, full, offset, at - begin, extra, mode))
    return found


def _broken() -> list[Header]:
    raise InputError("its central directory is broken")
