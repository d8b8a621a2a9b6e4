"""The links of a group: of the old kind (B-tree, local heap), as messages, or dense (fractal heap)."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from modelward.core.errors import InputError
from modelward.formats.hdf5.dense import heap_objects
from modelward.formats.hdf5.file import Fields, File
from modelward.formats.hdf5.messages import LINK, LINK_INFO, SYMBOL_TABLE, Message

MAX_LEVELS = 64
_HARD, _SOFT, _EXTERNAL = 0, 1, 64
_CACHED_SOFT = 2


class Link(Struct, frozen=True):
    """A name in a group: of an object at `address`, or of something in `file`; a soft link is neither."""

    name: str
    address: int | None = None
    file: str | None = None
    target: str = ""
    kind: int = _HARD


def links(file: File, message: Message) -> Iterator[Link]:
    """The links that a message of a group holds or leads to. Raises InputError."""
    fields = message.fields(file)
    if message.type == LINK:
        yield link(fields)
    elif message.type == SYMBOL_TABLE:
        tree, heap = fields.address(), fields.address()
        if tree is not None:
            yield from _symbols(file, tree, local_heap(file, heap))
    elif message.type == LINK_INFO:
        fields.bytes(1)
        if fields.number(1) & 1:
            fields.bytes(8)
        heap, index = fields.address(), fields.address()
        if heap is not None:
            for data in heap_objects(file, heap, index):
                yield link(Fields(data, file))


def link(fields: Fields) -> Link:
    """One link message."""
    if fields.number(1) != 1:
        raise InputError("the HDF5 file has a link of an unknown version")
    flags = fields.number(1)
    kind = fields.number(1) if flags & 8 else _HARD
    fields.bytes(8 * bool(flags & 4) + bool(flags & 16))
    name = fields.bytes(fields.number(1 << (flags & 3))).decode("utf-8", "backslashreplace")
    if kind == _HARD:
        return Link(name, fields.address())
    value = Fields(fields.bytes(fields.number(2)), fields.file)
    if kind == _EXTERNAL:
        value.bytes(1)
        return Link(name, file=value.text(), target=value.text(), kind=kind)
    return Link(name, target=value.data.decode("utf-8", "backslashreplace"), kind=kind)


def local_heap(file: File, address: int | None) -> Fields:
    """The data of a local heap: names by offset. Raises InputError."""
    width = file.length_bytes
    head = file.block(address, 8 + 2 * width + file.offset_bytes, b"HEAP")
    head.bytes(4)
    size = head.size()
    head.size()
    return file.block(head.address(), size)


def heap_text(heap: Fields, offset: int) -> str:
    """A name in a local heap. Raises InputError."""
    if offset >= len(heap.data):
        raise InputError("the HDF5 file has a name outside its heap")
    return Fields(heap.data, heap.file, offset).text()


def tree_entries(file: File, root: int, kind: int, key_bytes: int) -> Iterator[tuple[bytes, int]]:
    """The keys and addresses in the leaves of a version 1 B-tree. Raises InputError."""
    seen: set[int] = set()
    todo = [(root, MAX_LEVELS)]
    while todo:
        address, levels = todo.pop()
        if address in seen or levels == 0:
            raise InputError("a B-tree of the HDF5 file goes in a circle")
        seen.add(address)
        head = file.block(address, 8 + 2 * file.offset_bytes, b"TREE")
        found, level, count = head.number(1), head.number(1), head.number(2)
        if found != kind:
            raise InputError("the HDF5 file has a B-tree of the wrong kind")
        width = key_bytes + file.offset_bytes
        entries = file.block(address + len(head.data), count * width + key_bytes)
        children = []
        for _ in range(count):
            key, child = entries.bytes(key_bytes), entries.address()
            if child is not None:
                children.append((key, child))
        if level:
            todo += [(child, levels - 1) for _, child in reversed(children)]
        else:
            yield from children


def _symbols(file: File, tree: int, heap: Fields) -> Iterator[Link]:
    for _, node in tree_entries(file, tree, 0, file.length_bytes):
        head = file.block(node, 8, b"SNOD")
        head.bytes(2)
        count = head.number(2)
        entries = file.block(node + 8, count * (2 * file.offset_bytes + 24))
        for _ in range(count):
            name, address = entries.number(file.offset_bytes), entries.address()
            cached = entries.number(4)
            entries.bytes(4)
            scratch = entries.bytes(16)
            if cached == _CACHED_SOFT:
                target = heap_text(heap, int.from_bytes(scratch[:4], "little"))
                yield Link(heap_text(heap, name), target=target, kind=_SOFT)
            else:
                yield Link(heap_text(heap, name), address)
