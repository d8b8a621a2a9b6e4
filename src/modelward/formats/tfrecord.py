"""TFRecord: records of bytes with their lengths and checksums, as in TensorBoard's event files. Data."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from modelward.core.errors import LimitExceeded
from modelward.formats.graph_facts import Unread
from modelward.formats.source import Source

_POLYNOMIAL = 0x82F63B78
_MAX_RECORDS = 50_000_000


@cache
def _table() -> tuple[int, ...]:
    found = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
        found.append(value)
    return tuple(found)


def _masked_crc(data: bytes) -> int:
    """CRC-32C of a length, turned and shifted as TensorFlow stores it."""
    table, crc = _table(), 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def begins(head: bytes) -> bool:
    """Whether bytes begin with a length and its checksum."""
    return len(head) >= 12 and _masked_crc(head[:8]) == int.from_bytes(head[8:12], "little")


def is_events(source: Source) -> bool:
    """Whether the first record is that of an event file: `brain.Event:2`."""
    return b"brain.Event:" in source.read(12, 64)


def facts(source: Source) -> Iterator[Unread]:
    """Whether the records reach to the end. Raises LimitExceeded."""
    at = count = 0
    while at < source.size:
        head = source.read(at, 12)
        if not begins(head):
            yield Unread(f"byte {at} begins no record")
            return
        at += 12 + int.from_bytes(head[:8], "little") + 4
        count += 1
        if count > _MAX_RECORDS:
            raise LimitExceeded(f"it has over {_MAX_RECORDS} records")
    if at > source.size:
        yield Unread("its last record breaks off")
