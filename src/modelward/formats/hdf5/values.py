"""Attributes: their datatypes, and the values of those that are text or bytes."""

from __future__ import annotations

from msgspec import Struct

from modelward.core.errors import InputError
from modelward.formats.hdf5.dense import heap_objects
from modelward.formats.hdf5.file import Fields, File
from modelward.formats.hdf5.messages import DATASPACE, DATATYPE, Message, shared_body

INTEGER, STRING, OPAQUE, COMPOUND, REFERENCE, VARIABLE, ARRAY = 0, 3, 5, 6, 7, 9, 10
MAX_VALUE_BYTES = 64 << 20
MAX_COLLECTIONS = 16


class Datatype(Struct, frozen=True):
    """A type: its class, bytes per element, whether it is variable-length text, its element's type."""

    kind: int
    size: int
    text: bool = False
    base: Datatype | None = None

    @property
    def bytes_like(self) -> bool:
        """Whether one element, or a row of them, is text or raw bytes."""
        base = self.base
        inner = base is not None and base.size == 1
        return self.kind in (STRING, OPAQUE) or (self.kind == VARIABLE and (self.text or inner))


class Named(Struct, frozen=True):
    """An attribute: its name, and its value where that is one text or row of bytes."""

    name: str
    value: bytes | None


def datatype(fields: Fields, depth: int = 0) -> Datatype:
    """A datatype message, as far as it matters here. Raises InputError."""
    kind = fields.number(1) & 15
    bits = fields.number(3)
    size = fields.number(4)
    if kind == VARIABLE and depth < 4 and fields.left >= 8:
        return Datatype(kind, size, text=bits & 15 == 1, base=datatype(fields, depth + 1))
    return Datatype(kind, size)


def elements(fields: Fields) -> int:
    """How many elements a dataspace has."""
    version, rank = fields.number(1), fields.number(1)
    fields.bytes(1)
    if version == 1:
        fields.bytes(5)
        null = False
    else:
        null = fields.number(1) == 2
    count = 0 if null else 1
    for _ in range(rank):
        count *= fields.size()
    return count


def attributes(file: File, message: Message) -> list[Named]:
    """The attributes that an Attribute Info message leads to. Raises InputError."""
    fields = message.fields(file)
    fields.bytes(1)
    if fields.number(1) & 1:
        fields.bytes(2)
    heap, index = fields.address(), fields.address()
    if heap is None:
        return []
    return [attribute(Fields(data, file)) for data in heap_objects(file, heap, index)]


def attribute(fields: Fields) -> Named:
    """One attribute message. Raises InputError."""
    file = fields.file
    version, flags = fields.number(1), fields.number(1)
    if version not in (1, 2, 3):
        raise InputError("the HDF5 file has an attribute of an unknown version")
    widths = [fields.number(2) for _ in range(3)]
    if version == 3:
        fields.bytes(1)
    parts = []
    for width in widths:
        parts.append(fields.bytes(width))
        if version == 1:
            fields.bytes(min(-width % 8, fields.left))
    name = parts[0].partition(b"\0")[0].decode("utf-8", "backslashreplace")
    bodies = [
        shared_body(file, Message(kind, bool(version > 1 and flags & flag), part, 0), kind)
        for kind, flag, part in ((DATATYPE, 1, parts[1]), (DATASPACE, 2, parts[2]))
    ]
    kind = datatype(Fields(bodies[0], file))
    count = elements(Fields(bodies[1], file))
    return Named(name, _value(fields, kind, count))


def _value(fields: Fields, kind: Datatype, count: int) -> bytes | None:
    """The value if it is one text, or one row of bytes."""
    if count == 0 or not (kind.bytes_like or (kind.size == 1 and kind.kind == INTEGER)):
        return None
    if kind.kind == VARIABLE:
        return variable(fields) if count == 1 else None
    if kind.kind == INTEGER:
        return fields.bytes(count) if 1 < count <= MAX_VALUE_BYTES else None
    if count != 1:
        return None
    value = fields.bytes(kind.size)
    return value.partition(b"\0")[0] if kind.kind == STRING and value[:1] != b"\x80" else value


def variable(fields: Fields) -> bytes:
    """A variable-length element, from its global heap. Raises InputError."""
    length, address, index = fields.number(4), fields.address(), fields.number(4)
    if not length or not address:
        return b""
    return global_object(fields.file, address, index)[:length]


def global_object(file: File, address: int, index: int) -> bytes:
    """An object of a global heap collection. Raises InputError."""
    if address not in file.collections:
        if len(file.collections) >= MAX_COLLECTIONS:
            file.collections.clear()
        file.collections[address] = _collection(file, address)
    data, places = file.collections[address]
    if index not in places:
        raise InputError("the HDF5 file refers to an object that its heap does not have")
    begin, length = places[index]
    return data[begin : begin + length]


def _collection(file: File, address: int) -> tuple[bytes, dict[int, tuple[int, int]]]:
    head = file.block(address, 8 + file.length_bytes, b"GCOL")
    head.bytes(4)
    heap = file.block(address, head.size())
    heap.at = len(head.data)
    places: dict[int, tuple[int, int]] = {}
    while heap.left >= 8 + file.length_bytes:
        index = heap.number(2)
        heap.bytes(6)
        length = heap.size()
        if index == 0:
            break
        places[index] = (heap.at, length)
        heap.bytes(length)
        heap.bytes(min(-length % 8, heap.left))
    return heap.data, places
