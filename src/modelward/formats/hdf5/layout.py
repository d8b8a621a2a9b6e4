"""Where a dataset's data lie: in the file, in other files, and through which filters."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from msgspec import Struct

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.hdf5.file import Fields, File
from modelward.formats.hdf5.groups import heap_text, local_heap, tree_entries
from modelward.formats.hdf5.messages import Message
from modelward.formats.hdf5.values import global_object

COMPACT, CONTIGUOUS, CHUNKED, VIRTUAL = range(4)
MAX_FILES = 100_000
MAX_CHUNKS = 100_000
_DEFLATE, _SHUFFLE, _CHECKSUM = 1, 2, 3
#: Filters of the library itself, and those of the HDF Group's registry: LZO, bzip2, and from LZF on.
KNOWN_FILTERS = frozenset((*range(1, 7), 305, 307, *range(32000, 32032)))
_CHUNK_TREE = 1
_POINTS, _HYPERSLAB = 1, 2


class Layout(Struct, frozen=True):
    """The place of data: bytes in the header, an address and a size, or an index of chunks.

    `virtual` is the global heap object that lists the other datasets of a virtual one.
    """

    kind: int
    address: int | None = None
    size: int = 0
    data: bytes = b""
    dimensions: tuple[int, ...] = ()
    tree: bool = False
    virtual: int = 0


def layout(file: File, message: Message) -> Layout:
    """A data layout message. Raises InputError."""
    fields = message.fields(file)
    version = fields.number(1)
    if version in (1, 2):
        return _old(fields)
    if version not in (3, 4, 5):
        raise InputError("the HDF5 file has a data layout of an unknown version")
    kind = fields.number(1)
    if kind == COMPACT:
        return Layout(kind, data=fields.bytes(fields.number(2)))
    if kind == CONTIGUOUS:
        return Layout(kind, fields.address(), fields.size())
    if kind == VIRTUAL:
        return Layout(kind, fields.address(), virtual=fields.number(4))
    if kind == CHUNKED and version == 3:
        rank = fields.number(1)
        address = fields.address()
        return Layout(kind, address, dimensions=tuple(fields.number(4) for _ in range(rank)), tree=True)
    return Layout(kind)


def _old(fields: Fields) -> Layout:
    rank, kind = fields.number(1), fields.number(1)
    fields.bytes(5)
    address = fields.address() if kind != COMPACT else None
    dimensions = tuple(fields.number(4) for _ in range(rank))
    if kind == COMPACT:
        return Layout(kind, data=fields.bytes(fields.number(4)))
    size = 1
    for dimension in dimensions:
        size *= dimension
    return Layout(kind, address, size, dimensions=dimensions, tree=True)


def external_files(file: File, message: Message) -> Iterator[str]:
    """The names in an External Data Files message. Raises InputError."""
    fields = message.fields(file)
    fields.bytes(6)
    used = fields.number(2)
    heap = local_heap(file, fields.address())
    for _ in range(used):
        yield heap_text(heap, fields.size())
        fields.bytes(2 * file.length_bytes)


def virtual_files(file: File, found: Layout) -> Iterator[str]:
    """The files that a virtual dataset takes its data from; `.` is the file itself. Raises InputError."""
    if found.address is None:
        return
    fields = Fields(global_object(file, found.address, found.virtual), file)
    if fields.number(1) != 0:
        raise InputError("the HDF5 file has a virtual dataset of an unknown version")
    count = fields.size()
    if count > MAX_FILES:
        raise LimitExceeded(f"a virtual dataset of the HDF5 file has over {MAX_FILES} parts")
    for _ in range(count):
        yield fields.text()
        fields.text()
        for _ in range(2):
            _skip_selection(fields)


def _skip_selection(fields: Fields) -> None:
    kind, version = fields.number(4), fields.number(4)
    if kind in (_POINTS, _HYPERSLAB) and version > 1:
        if kind == _HYPERSLAB and version == 2:
            fields.bytes(1)
            fields.bytes(fields.number(4))
            return
        regular = bool(fields.number(1) & 1) if kind == _HYPERSLAB else False
        width, rank = fields.number(1), fields.number(4)
        if regular:
            fields.bytes(4 * rank * width)
        else:
            fields.bytes(fields.number(width) * rank * width * (1 if kind == _POINTS else 2))
        return
    fields.bytes(4)
    fields.bytes(fields.number(4))


def filters(file: File, message: Message) -> list[int]:
    """The ids of the filters of a pipeline message, in order. Raises InputError."""
    fields = message.fields(file)
    version, count = fields.number(1), fields.number(1)
    if version == 1:
        fields.bytes(6)
    found = []
    for _ in range(count):
        number = fields.number(2)
        name = fields.number(2) if version == 1 or number >= 256 else 0
        fields.bytes(2)
        values = fields.number(2)
        fields.bytes(name + (-name % 8 if version == 1 else 0))
        fields.bytes(4 * values)
        if version == 1 and values % 2:
            fields.bytes(4)
        found.append(number)
    return found


def stored(file: File, found: Layout, pipeline: list[int]) -> Iterator[bytes]:
    """The data of a dataset, piece by piece. Raises InputError where this version cannot read them."""
    if found.kind == COMPACT:
        yield found.data
    elif found.kind == CONTIGUOUS and found.address is not None:
        yield file.block(found.address, found.size).data
    elif found.kind == CHUNKED and found.tree and found.address is not None:
        yield from _chunks(file, found, pipeline)
    elif found.kind != CONTIGUOUS and not (found.tree and found.address is None):
        raise InputError("a dataset of the HDF5 file has an index that this version does not read")


def _chunks(file: File, found: Layout, pipeline: list[int]) -> Iterator[bytes]:
    size = 1
    for dimension in found.dimensions:
        size *= dimension
    key_bytes = 8 + 8 * len(found.dimensions)
    for count, (key, address) in enumerate(tree_entries(file, found.address or 0, _CHUNK_TREE, key_bytes)):
        if count >= MAX_CHUNKS:
            raise LimitExceeded(f"a dataset of the HDF5 file has over {MAX_CHUNKS} chunks")
        length = int.from_bytes(key[:4], "little")
        yield _unfiltered(file.block(address, length).data, pipeline, size, found.dimensions[-1])


def _unfiltered(data: bytes, pipeline: list[int], size: int, width: int) -> bytes:
    for number in reversed(pipeline):
        if number == _DEFLATE:
            unpacker = zlib.decompressobj()
            try:
                data = unpacker.decompress(data, size + 64)
            except zlib.error as error:
                raise InputError(f"a chunk of the HDF5 file cannot be unpacked: {error}") from None
        elif number == _SHUFFLE and width > 1:
            count = len(data) // width
            data = b"".join(bytes(data[at : count * width : count]) for at in range(count)) if count else data
        elif number == _CHECKSUM:
            data = data[:-4]
        elif number != _SHUFFLE:
            raise InputError(
                f"a dataset of the HDF5 file is compressed by filter {number}, which is not read"
            )
    return data
