"""Object headers: the messages that make up a group, a dataset or a named type."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.hdf5.file import Fields, File

MAX_MESSAGES = 100_000
DATASPACE, LINK_INFO, DATATYPE, LINK, EXTERNAL_FILES, LAYOUT = 0x01, 0x02, 0x03, 0x06, 0x07, 0x08
FILTERS, ATTRIBUTE, CONTINUATION, SYMBOL_TABLE, ATTRIBUTE_INFO = 0x0B, 0x0C, 0x10, 0x11, 0x15
_SHARED = 0x02
_TIMES, _PHASES, _ORDER = 0x20, 0x10, 0x04


class Message(Struct, frozen=True):
    """One message: its type, whether its body is a reference to a shared one, and its body."""

    type: int
    shared: bool
    body: bytes
    at: int

    def fields(self, file: File) -> Fields:
        """The body's fields."""
        return Fields(self.body, file)


def messages(file: File, address: int | None) -> Iterator[Message]:
    """The messages of the object header at an address, through all continuations. Raises InputError."""
    if address is None:
        raise InputError("the HDF5 file names an object without an address")
    first = file.block(address, 6).data
    todo: list[tuple[int, int]]
    if first[:4] == b"OHDR":
        flags = first[5]
        head = file.block(
            address, 6 + 16 * bool(flags & _TIMES) + 4 * bool(flags & _PHASES) + (1 << (flags & 3))
        )
        width = 1 << (flags & 3)
        length = int.from_bytes(head.data[-width:], "little")
        todo, modern = [(address + len(head.data), length)], True
    elif first[0] == 1:
        head = file.block(address, 16)
        length = int.from_bytes(head.data[8:12], "little")
        todo, modern, flags = [(address + 16, length)], False, 0
    else:
        raise InputError(f"the HDF5 file has no object header at {address}")
    seen: set[int] = set()
    count = 0
    while todo:
        at, length = todo.pop(0)
        if at in seen:
            raise InputError("an HDF5 object header goes in a circle")
        seen.add(at)
        fields = file.block(at, length)
        later = len(seen) > 1 and modern
        if later:
            if fields.bytes(4) != b"OCHK":
                raise InputError(f"the HDF5 file has no OCHK at {at}")
            fields.data = fields.data[:-4]
        for message in _block(fields, at, modern, bool(flags & _ORDER)):
            count += 1
            if count > MAX_MESSAGES:
                raise LimitExceeded(f"an HDF5 object has over {MAX_MESSAGES} messages")
            if message.type == CONTINUATION:
                body = message.fields(file)
                target, size = body.address(), body.size()
                if target is not None:
                    todo.append((target, size))
            else:
                yield message


def _block(fields: Fields, at: int, modern: bool, ordered: bool) -> Iterator[Message]:
    head = (6 if ordered else 4) if modern else 8
    while fields.left >= head:
        kind = fields.number(1 if modern else 2)
        size = fields.number(2)
        flags = fields.number(1)
        fields.bytes(head - (4 if modern else 5))
        begin = fields.at
        yield Message(kind, bool(flags & _SHARED), fields.bytes(size), at + begin)


def shared_body(file: File, message: Message, kind: int) -> bytes:
    """The body of a message that another object holds. Raises InputError where it cannot be found."""
    if not message.shared:
        return message.body
    fields = message.fields(file)
    version, where = fields.number(1), fields.number(1)
    if version == 1:
        fields.bytes(6)
    if version == 3 and where == 1:
        raise InputError("the HDF5 file keeps a message in a table of shared messages, which is not read")
    for found in messages(file, fields.address()):
        if found.type == kind and not found.shared:
            return found.body
    raise InputError("the HDF5 file shares a message that is not there")
