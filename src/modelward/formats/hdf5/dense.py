"""Dense storage of links and attributes: a fractal heap, and the version 2 B-tree that lists what is in
it.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.hdf5.file import File

MAX_RECORDS = 1_000_000
_NODE_HEAD = 10  # signature, version, type, checksum
_MAX_DEPTH = 32
#: Type of B-tree -> where the heap id lies in a record.
_HEAP_ID_AT = {5: 4, 6: 8, 8: 0, 9: 0}
_HUGE_INDEX = 1


class _Heap(Struct, frozen=True):
    file: File
    id_bytes: int
    max_managed: int
    huge_index: int | None
    width: int
    first_size: int
    max_direct: int
    max_bits: int
    root: int | None
    rows: int

    def size(self, row: int) -> int:
        return self.first_size << max(0, row - 1)

    def direct_rows(self) -> int:
        return _log2(self.max_direct) - _log2(self.first_size) + 2


def heap_objects(file: File, heap_address: int, index_address: int | None) -> Iterator[bytes]:
    """Every object of a fractal heap that its index names. Raises InputError, LimitExceeded."""
    heap = _heap(file, heap_address)
    huge: dict[int, tuple[int, int]] | None = None
    for kind, record in _records(file, index_address):
        if kind not in _HEAP_ID_AT:
            raise InputError(f"an index of the HDF5 file is of type {kind}, not of links or attributes")
        begin = _HEAP_ID_AT[kind]
        identifier = record[begin : begin + heap.id_bytes]
        if len(identifier) > 1 and identifier[0] >> 4 & 3 == 1:
            huge = _huge_objects(heap) if huge is None else huge
            yield _huge(heap, identifier[1:], huge)
        else:
            yield _object(heap, identifier)


def _log2(value: int) -> int:
    return value.bit_length() - 1


def _encoded_bytes(limit: int) -> int:
    return _log2(max(limit, 1)) // 8 + 1


def _heap(file: File, address: int) -> _Heap:
    length, offset = file.length_bytes, file.offset_bytes
    fields = file.block(address, 4 + 1 + 2 + 2 + 1 + 4 + 12 * length + 3 * offset + 8, b"FRHP")
    fields.bytes(1)
    id_bytes, filtered = fields.number(2), fields.number(2)
    fields.bytes(1)
    max_managed = fields.number(4)
    fields.size()
    huge_index = fields.address()
    fields.size()
    fields.address()
    fields.bytes(8 * length)
    width = fields.number(2)
    first_size, max_direct = fields.size(), fields.size()
    max_bits = fields.number(2)
    fields.bytes(2)
    root, rows = fields.address(), fields.number(2)
    if filtered:
        raise InputError("the HDF5 file keeps names in a compressed heap, which is not read")
    if (
        not width
        or not first_size
        or first_size & (first_size - 1)
        or max_direct < first_size
        or max_bits > 64
    ):
        raise InputError("a fractal heap of the HDF5 file has sizes that cannot be")
    return _Heap(file, id_bytes, max_managed, huge_index, width, first_size, max_direct, max_bits, root, rows)


def _object(heap: _Heap, identifier: bytes) -> bytes:
    if len(identifier) < 2:
        raise InputError("the HDF5 file has a heap id that is too short")
    kind = identifier[0] >> 4 & 3
    if kind == 2:
        length = (identifier[0] & 15) + 1
        return identifier[1 : 1 + length]
    if kind != 0:
        raise InputError("the HDF5 file has a heap id of an unknown kind")
    offset_bytes = (heap.max_bits + 7) // 8
    length_bytes = min((_log2(heap.max_direct) + 7) // 8, _encoded_bytes(heap.max_managed))
    offset = int.from_bytes(identifier[1 : 1 + offset_bytes], "little")
    length = int.from_bytes(identifier[1 + offset_bytes : 1 + offset_bytes + length_bytes], "little")
    return heap.file.block(_locate(heap, offset), length).data


def _huge_objects(heap: _Heap) -> dict[int, tuple[int, int]]:
    """Where each huge object lies: key -> address and length."""
    offset, width = heap.file.offset_bytes, heap.file.offset_bytes + heap.file.length_bytes
    return {
        int.from_bytes(record[width:], "little"): (
            int.from_bytes(record[:offset], "little"),
            int.from_bytes(record[offset:width], "little"),
        )
        for kind, record in _records(heap.file, heap.huge_index)
        if kind == _HUGE_INDEX
    }


def _huge(heap: _Heap, rest: bytes, known: dict[int, tuple[int, int]]) -> bytes:
    file = heap.file
    width = file.offset_bytes + file.length_bytes
    if len(rest) >= width:  # the id itself holds address and length
        address = int.from_bytes(rest[: file.offset_bytes], "little")
        return file.block(address, int.from_bytes(rest[file.offset_bytes : width], "little")).data
    found = known.get(int.from_bytes(rest[: file.length_bytes], "little"))
    if found is None:
        raise InputError("the HDF5 file has a heap id of nothing")
    return file.block(*found).data


def _locate(heap: _Heap, offset: int) -> int:
    """The address of an offset in the heap, through its doubling table."""
    address, rows = heap.root, heap.rows
    file = heap.file
    if rows == 0:
        return (address or 0) + offset
    for _ in range(_MAX_DEPTH):
        begin = row = 0
        while row < rows and offset >= begin + heap.width * heap.size(row):
            begin += heap.width * heap.size(row)
            row += 1
        if row >= rows:
            break
        size = heap.size(row)
        column = (offset - begin) // size
        head = 4 + 1 + file.offset_bytes + (heap.max_bits + 7) // 8
        at = head + (row * heap.width + column) * file.offset_bytes
        fields = file.block(address, at + file.offset_bytes, b"FHIB")
        fields.at = at
        address = fields.address()
        if address is None:
            break
        offset -= begin + column * size
        if row < heap.direct_rows():
            return address + offset
        rows = _log2(size) - _log2(heap.first_size * heap.width) + 1
    raise InputError("the HDF5 file has an offset outside its heap")


def _records(file: File, address: int | None) -> Iterator[tuple[int, bytes]]:
    """The type and the records of a version 2 B-tree."""
    if address is None:
        return
    head = file.block(address, 16 + file.offset_bytes + 2 + file.length_bytes, b"BTHD")
    head.bytes(1)
    kind, node_bytes, record_bytes, depth = head.number(1), head.number(4), head.number(2), head.number(2)
    head.bytes(2)
    root, count = head.address(), head.number(2)
    if not record_bytes or node_bytes <= _NODE_HEAD or depth > _MAX_DEPTH:
        raise InputError("an index of the HDF5 file has sizes that cannot be")
    totals, pointers = _pointer_widths(file, node_bytes, record_bytes, depth)
    seen: set[int] = set()
    todo = [(root, count, depth)]
    total = 0
    while todo:
        node, count, level = todo.pop()
        if node is None:
            continue
        if node in seen:
            raise InputError("an index of the HDF5 file goes in a circle")
        seen.add(node)
        total += count
        if total > MAX_RECORDS:
            raise LimitExceeded(f"an index of the HDF5 file has over {MAX_RECORDS} entries")
        width = pointers[level] if level else 0
        fields = file.block(
            node, 6 + count * record_bytes + (count + 1) * width, b"BTIN" if level else b"BTLF"
        )
        fields.bytes(2)
        for _ in range(count):
            yield kind, fields.bytes(record_bytes)
        for _ in range(count + 1 if level else 0):
            child, records = fields.address(), fields.number(totals[0])
            fields.bytes(totals[level])
            todo.append((child, records, level - 1))


def _pointer_widths(
    file: File, node_bytes: int, record_bytes: int, depth: int
) -> tuple[list[int], list[int]]:
    """By level: the width of a total of records (at 0: of a number of records), and of a whole pointer."""
    most = (node_bytes - _NODE_HEAD) // record_bytes
    count_bytes = _encoded_bytes(most)
    totals, pointers, cumulative, below = [count_bytes], [0], most, 0
    for _ in range(depth):
        pointer = file.offset_bytes + count_bytes + below
        totals.append(below)
        pointers.append(pointer)
        most = max(0, node_bytes - _NODE_HEAD - pointer) // (record_bytes + pointer)
        cumulative = (most + 1) * cumulative + most
        below = _encoded_bytes(cumulative)
    return totals, pointers
