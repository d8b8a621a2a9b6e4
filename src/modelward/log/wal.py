"""The write-ahead file: what was promised but is not yet durable in the tiles.

One record per batch: the size before it, its entries, and the signed checkpoint after it, all under one
hash, so that a record is there whole or not at all.

    magic (4) | length of body, uint32 | SHA-256 of body (32) | body
    body: old size, uint64 | number of entries, uint32 | entries as in a bundle | checkpoint
    (numbers big-endian; the checkpoint is what is left)
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from itertools import pairwise

from modelward.core.errors import InputError, Rejected
from modelward.log.tiles import encode_bundle

_MAGIC = b"mwl1"
_HEAD = struct.Struct(">4sI32s")
_BODY = struct.Struct(">QI")


@dataclass(frozen=True, slots=True)
class Record:
    """A batch: `entries` follow the first `old_size`, and `checkpoint` is the signed tree after them."""

    old_size: int
    entries: tuple[bytes, ...]
    checkpoint: bytes

    def to_bytes(self) -> bytes:
        """The record as it is written."""
        body = _BODY.pack(self.old_size, len(self.entries)) + encode_bundle(self.entries) + self.checkpoint
        return _HEAD.pack(_MAGIC, len(body), hashlib.sha256(body).digest()) + body


def parse(data: bytes) -> tuple[Record, ...]:
    """The whole records of a write-ahead file.

    Its last record may be torn: it was never acknowledged, and is left out. A broken record with a whole
    one after it was once durable, so it is damage. Raises Rejected for that.
    """
    records: list[Record] = []
    at = 0
    broken = False
    while at < len(data):
        record, at = _record(data, at)
        if record is None:
            broken = True
        elif broken:
            raise Rejected("the write-ahead file was damaged", help="restore the log from a copy")
        else:
            records.append(record)
    if any(a.old_size + len(a.entries) != b.old_size for a, b in pairwise(records)):
        raise Rejected("the records of the write-ahead file do not follow each other")
    return tuple(records)


def _record(data: bytes, at: int) -> tuple[Record | None, int]:
    """The record at `at`, None if it is not whole, and where the next one would start."""
    start = at + _HEAD.size
    if start > len(data):
        return None, len(data)
    magic, length, digest = _HEAD.unpack_from(data, at)
    body = data[start : start + length]
    if magic != _MAGIC:
        return None, len(data)
    if len(body) != length or hashlib.sha256(body).digest() != digest:
        return None, start + length
    return _decode(body), start + length


def _decode(body: bytes) -> Record:
    if len(body) < _BODY.size:
        raise InputError("a record of the write-ahead file is too short")
    old_size, count = _BODY.unpack_from(body)
    entries = []
    at = _BODY.size
    for _ in range(count):
        start = at + 2
        at = start + int.from_bytes(body[start - 2 : start], "big")
        if start > len(body) or at > len(body):
            raise InputError("a record of the write-ahead file breaks off within an entry")
        entries.append(body[start:at])
    return Record(old_size, tuple(entries), body[at:])
