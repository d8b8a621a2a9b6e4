"""What an Arrow IPC file declares, checked before pyarrow allocates anything for it.

In the stream format messages follow each other; in the file format its footer says where they are, and must
name each batch once.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.flatbuffer import Buffer, Table
from modelward.formats.source import BytesSource, Source

MAGIC = b"ARROW1"
#: What one record batch, and what all dictionaries together, may unpack to.
MAX_BATCH_BYTES = 512 << 20
#: Rows of one batch; of nulls they need no bytes.
MAX_BATCH_ROWS = 64 << 20

_MAX_METADATA = 16 << 20
_CONTINUATION = b"\xff\xff\xff\xff"
_SCHEMA, _DICTIONARY, _BATCH = 1, 2, 3
_BLOCK = struct.Struct("<qi4xq")
_BUFFER = struct.Struct("<qq")


class _Block(NamedTuple):
    at: int
    metadata: int
    body: int


def is_file(source: Source) -> bool:
    """Whether this is the file format, not the stream format."""
    return source.read(0, 6) == MAGIC


def check(source: Source) -> int:
    """The number of rows. Raises InputError, LimitExceeded if the declarations are odd or too large."""
    rows = dictionaries = 0
    for block, message in _in_file(source) if is_file(source) else _in_stream(source):
        kind = message.number(1, 1)
        if kind in (_DICTIONARY, _BATCH):
            size, count = _spent(source, block, message, kind)
            if kind == _BATCH:
                rows += count
            else:
                dictionaries += size
            if max(size, dictionaries) > MAX_BATCH_BYTES:
                raise LimitExceeded(
                    f"a record batch or its dictionaries are over {MAX_BATCH_BYTES >> 20} MiB",
                    help="write the file in smaller batches",
                )
        elif kind != _SCHEMA:
            raise InputError(f"it holds a message of kind {kind}, which is no rows")
    return rows


def _in_stream(source: Source) -> Iterator[tuple[_Block, Table]]:
    at = 0
    while (found := _message(source, at)) is not None:
        yield found
        block = found[0]
        at = block.at + block.metadata + block.body
    if source.read(at + 8, 1):
        raise InputError(f"something stands after the end of the stream, at byte {at + 8}")


def _in_file(source: Source) -> Iterator[tuple[_Block, Table]]:
    """The messages that the footer names."""
    end = 0
    for block in sorted(_footer(source)):
        found = _message(source, block.at) if block.at >= end else None
        if found is None or found[0] != block:
            raise InputError(f"its footer names no message at byte {block.at}", help="write the file again")
        yield found
        end = block.at + block.metadata + block.body


def _message(source: Source, at: int) -> tuple[_Block, Table] | None:
    """The message at `at`, or None at the end of the stream."""
    head = source.read(at, 8)
    if not head and at:
        return None
    if len(head) < 8 or head[:4] != _CONTINUATION:
        raise InputError(f"byte {at} is no message of Arrow (0.15 or later)")
    length = int.from_bytes(head[4:], "little")
    if length == 0:
        return None
    if length > _MAX_METADATA:
        raise LimitExceeded(f"the metadata at byte {at} are over {_MAX_METADATA >> 20} MiB")
    metadata = source.read(at + 8, length)
    message = Buffer(BytesSource(metadata)).root()
    body = message.number(3, 8, signed=True)
    if body < 0 or at + 8 + length + body > source.size:
        raise InputError(f"it is cut off in the message at byte {at}")
    return _Block(at, 8 + length, body), message


def _spent(source: Source, block: _Block, message: Table, kind: int) -> tuple[int, int]:
    """How many bytes and rows a batch unpacks to."""
    header = message.table(2)
    batch = header.table(1) if header and kind == _DICTIONARY else header
    if batch is None:
        raise InputError(f"the message at byte {block.at} holds nothing")
    size, rows = block.body, batch.number(0, 8, signed=True)
    start, count = batch.vector(1, 16)
    lengths = [batch.buffer.number(start + 16 * index, 8, signed=True) for index in range(count)]
    if not 0 <= rows <= MAX_BATCH_ROWS or any(not 0 <= length <= MAX_BATCH_BYTES for length in lengths):
        raise LimitExceeded(f"the batch at byte {block.at} declares over {MAX_BATCH_ROWS} rows")
    if batch.table(3) is None:  # not compressed
        return size, rows
    start, count = batch.vector(2, 16)
    body = block.at + block.metadata
    for index in range(count):
        offset, length = _BUFFER.unpack(batch.buffer.read(start + 16 * index, 16))
        if length:
            unpacked = int.from_bytes(source.read(body + offset, 8), "little", signed=True)
            size += max(unpacked, 0)
    return size, rows


def _footer(source: Source) -> list[_Block]:
    """The dictionaries and the batches that the footer names."""
    tail = source.read(max(source.size - 10, 0), 10)
    length = int.from_bytes(tail[:4], "little", signed=True)
    if tail[4:] != MAGIC or not 0 < length <= min(_MAX_METADATA, source.size):
        raise InputError("it has no footer; it is cut off")
    footer = Buffer(BytesSource(source.read(source.size - 10 - length, length))).root()
    return [*_blocks(footer, 2), *_blocks(footer, 3)]


def _blocks(footer: Table, field: int) -> list[_Block]:
    start, count = footer.vector(field, _BLOCK.size)
    return [
        _Block(*_BLOCK.unpack(footer.buffer.read(start + _BLOCK.size * index, _BLOCK.size)))
        for index in range(count)
    ]
