"""The index of a TensorFlow checkpoint: a table of LevelDB's form, of where each tensor lies in its shards.

tensorflow/core/lib/io/table and protobuf/tensor_bundle.proto. The shards are nothing but the tensors' bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from posixpath import basename, dirname, join

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.facts import Overflow
from modelward.formats.graph_facts import Unread
from modelward.formats.protobuf import BYTES, VARINT, Message, signed
from modelward.formats.source import BytesSource, Source
from modelward.formats.tensorflow_shape import MAX_RANK, WIDTHS, dimensions

MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")
_FOOTER_BYTES = 48
_TRAILER_BYTES = 5
_MAX_BLOCK_BYTES = 64 << 20
_MAX_ENTRIES = 2_000_000
_FAR = 1 << 50


def facts(source: Source, name: str, siblings: frozenset[str]) -> Iterator[object]:
    """What is wrong with an index. Raises InputError, LimitExceeded."""
    footer = source.read(source.size - _FOOTER_BYTES, _FOOTER_BYTES)
    at = _varint(footer, _varint(footer, 0)[1])[1]
    offset, at = _varint(footer, at)
    size, _ = _varint(footer, at)
    entries = 0
    for _, handle in _block(source, offset, size):
        begin, at = _varint(handle, 0)
        length, _ = _varint(handle, at)
        for key, value in _block(source, begin, length):
            entries += 1
            if entries > _MAX_ENTRIES:
                raise LimitExceeded(f"it has over {_MAX_ENTRIES} entries")
            if key:
                yield from _entry(key, value)
            else:
                yield from _shards(value, name, siblings)


def _block(source: Source, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """The keys and values of a block, whose keys share beginnings with the ones before."""
    if size > _MAX_BLOCK_BYTES:
        raise LimitExceeded(f"it has a block of {size} bytes")
    data = source.read(offset, size + _TRAILER_BYTES)
    if len(data) < size + _TRAILER_BYTES or size < 4:
        raise InputError(f"its block at byte {offset} breaks off")
    if data[size]:
        raise InputError(f"its block at byte {offset} is compressed, which this version does not read")
    end = size - 4 - 4 * int.from_bytes(data[size - 4 : size], "little")
    key, at = b"", 0
    while at < end:
        shared, at = _varint(data, at)
        unshared, at = _varint(data, at)
        length, at = _varint(data, at)
        if shared > len(key) or at + unshared + length > end:
            raise InputError(f"its block at byte {offset} is broken")
        key = key[:shared] + data[at : at + unshared]
        at += unshared
        yield key, data[at : at + length]
        at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 64:
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
        shift += 7
    raise InputError("it has a broken number")


def _shards(value: bytes, name: str, siblings: frozenset[str]) -> Iterator[object]:
    """BundleHeaderProto: how many shards there are, each of which must be beside the index."""
    message = Message(BytesSource(value))
    count = 1
    for entry in message.fields():
        if entry[:2] == (1, VARINT):
            count = entry.value
    if not 0 < count < 100_000:
        yield Overflow("TensorFlow checkpoint", f"it says that it has {count} shards")
    elif len(siblings) > 1:
        prefix = basename(name).removesuffix(".index")
        for index in range(count):
            shard = f"{prefix}.data-{index:05}-of-{count:05}"
            if join(dirname(name), shard) not in siblings:
                yield Unread(f"the shard {shard[:80]!r} is not there")
                return


def _entry(key: bytes, value: bytes) -> Iterator[object]:
    """BundleEntryProto: a tensor's type, shape and place."""
    message = Message(BytesSource(value))
    kind = offset = size = 0
    dims: list[int] = []
    sliced = False
    for entry in message.fields():
        if entry[:2] == (2, BYTES):
            dims = dimensions(message.child(entry))
        elif entry.number == 7:
            sliced = True
        elif entry.wire == VARINT:
            if entry.number == 1:
                kind = entry.value
            elif entry.number == 4:
                offset = signed(entry.value)
            elif entry.number == 5:
                size = signed(entry.value)
    where = f"tensor {key[:80].decode('utf-8', 'backslashreplace')!r}"
    if len(dims) > MAX_RANK:
        yield Overflow("TensorFlow checkpoint", f"{where} has over {MAX_RANK} dimensions")
        return
    width = WIDTHS.get(kind)
    needed = math.prod(dims) * (width or 0)
    if min([offset, size, *dims]) < 0 or offset + size >= _FAR or needed >= 1 << 63:
        yield Overflow("TensorFlow checkpoint", f"the size or place of {where} overflows")
    elif width and not sliced and needed > size:
        yield Overflow("TensorFlow checkpoint", f"{where} needs {needed} bytes and has {size}")
