"""Weights of CoreML programs: blobs behind headers of 64 bytes (MILBlob, storage format 2). Data."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from modelward.formats.facts import Overflow
from modelward.formats.graph_facts import Unread
from modelward.formats.source import Source

_SENTINEL = 0xDEADBEEF
_HEADER = 64
_FAR = 1 << 50


def fits(head: bytes) -> bool:
    """Whether bytes begin with the storage's version and the first blob's mark."""
    return head[4:8] == b"\2\0\0\0" and head[64:68] == _SENTINEL.to_bytes(4, "little")


def facts(source: Source) -> Iterator[object]:
    """What is wrong with the blobs' headers."""
    count = int.from_bytes(source.read(0, 4), "little")
    at = _HEADER
    for index in range(count):
        header = source.read(at, _HEADER)
        if len(header) < _HEADER:
            yield Unread(f"it breaks off at its blob {index} of {count}")
            return
        sentinel, _, length, offset = struct.unpack_from("<IIQQ", header)
        if sentinel != _SENTINEL:
            yield Unread(f"byte {at} begins no blob")
            return
        if offset + length >= _FAR or offset < at + _HEADER:
            yield Overflow("CoreML", f"a blob lies at byte {offset}, of {length}", at)
            return
        if offset + length > source.size:
            yield Unread(f"its blob {index} breaks off")
            return
        at = (offset + length + _HEADER - 1) // _HEADER * _HEADER
