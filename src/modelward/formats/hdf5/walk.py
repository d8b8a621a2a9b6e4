"""Every object of an HDF5 file once, and what it shows: attributes, other files, filters, bytes to
unpickle.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.hdf5 import layout, messages, values
from modelward.formats.hdf5.file import Fields, File, start_of
from modelward.formats.hdf5.groups import links
from modelward.formats.hdf5.messages import Message
from modelward.formats.hdf5.values import Datatype
from modelward.formats.pickle.beginnings import STARTS
from modelward.formats.source import Source

__all__ = ["Attribute", "External", "Filter", "OutsideData", "Payload", "Trouble", "start_of", "walk"]

MAX_OBJECTS = 200_000
MAX_PATH = 4096


class Attribute(Struct, frozen=True):
    """An attribute of the object at `path` whose value is one text or one row of bytes."""

    path: str
    name: str
    value: bytes


class External(Struct, frozen=True):
    """Another file that reading `path` opens: by a `link`, as `raw` data, or for a `virtual` dataset."""

    path: str
    kind: str
    file: str


class OutsideData(Struct, frozen=True):
    """Another file that is not beside this one, though it might have been left out by accident."""

    where: str
    target: str
    effect: str


class Filter(Struct, frozen=True):
    """A filter of a dataset, by its registered number."""

    path: str
    number: int


class Payload(Struct, frozen=True):
    """Bytes of a dataset that a loader unpickles, or that begin as a pickle does."""

    path: str
    data: bytes


class Trouble(Struct, frozen=True):
    """Something that could not be read."""

    path: str
    message: str


Item = Attribute | External | Filter | Payload | Trouble


class _Object(Struct):
    """What the messages of one object say."""

    path: str
    pickled: bool = False
    type: Datatype | None = None
    elements: int = 0
    layout: layout.Layout | None = None
    filters: list[int] = field(default_factory=list)


def walk(source: Source, start: int) -> Iterator[Item]:
    """Everything in the file that a loader may act on. Raises InputError where its superblock is broken."""
    file = File(source, start)
    seen: set[int] = set()
    todo: list[tuple[str, int]] = [("", file.root or 0)]
    while todo:
        path, address = todo.pop()
        if address in seen:
            continue
        seen.add(address)
        if len(seen) > MAX_OBJECTS:
            raise LimitExceeded(f"the HDF5 file has over {MAX_OBJECTS} objects")
        found = _Object(path or "/")
        try:
            for message in messages.messages(file, address):
                yield from _message(file, found, message, todo)
            yield from _data(file, found)
        except InputError as error:
            yield Trouble(found.path, error.message)


def _message(file: File, found: _Object, message: Message, todo: list[tuple[str, int]]) -> Iterator[Item]:
    match message.type:
        case messages.LINK | messages.LINK_INFO | messages.SYMBOL_TABLE:
            base = "" if found.path == "/" else found.path
            for link in links(file, message):
                name = f"{base}/{link.name}"
                if link.file is not None:
                    yield External(name, "link", link.file)
                elif link.address is not None:
                    todo.append((name[:MAX_PATH], link.address))
        case messages.ATTRIBUTE:
            if message.shared:
                body = messages.shared_body(file, message, messages.ATTRIBUTE)
                yield from _attribute(found, values.attribute(Fields(body, file)))
            else:
                yield from _attribute(found, values.attribute(message.fields(file)))
        case messages.ATTRIBUTE_INFO:
            for named in values.attributes(file, message):
                yield from _attribute(found, named)
        case messages.DATATYPE:
            body = messages.shared_body(file, message, messages.DATATYPE)
            found.type = values.datatype(Fields(body, file))
        case messages.DATASPACE:
            body = messages.shared_body(file, message, messages.DATASPACE)
            found.elements = values.elements(Fields(body, file))
        case messages.LAYOUT:
            found.layout = layout.layout(file, message)
            if found.layout.kind == layout.VIRTUAL:
                for name in layout.virtual_files(file, found.layout):
                    if name != ".":
                        yield External(found.path, "virtual", name)
        case messages.EXTERNAL_FILES:
            for name in layout.external_files(file, message):
                yield External(found.path, "raw", name)
        case messages.FILTERS:
            body = messages.shared_body(file, message, messages.FILTERS)
            found.filters = layout.filters(file, Message(message.type, False, body, message.at))
            for number in found.filters:
                yield Filter(found.path, number)


def _attribute(found: _Object, named: values.Named) -> Iterator[Attribute]:
    if named.value is not None:
        found.pickled |= (named.name, named.value) == ("PSEUDOATOM", b"object")
        yield Attribute(found.path, named.name, named.value)


def _data(file: File, found: _Object) -> Iterator[Payload]:
    """The pickles among a dataset's data: PyTables' rows of objects, and raw bytes that begin as one does."""
    if found.layout is None or found.type is None or not found.elements:
        return
    if found.pickled and found.type.kind == values.VARIABLE:
        for piece in layout.stored(file, found.layout, found.filters):
            fields = Fields(piece, file)
            while fields.left >= found.type.size:
                data = values.variable(fields)
                if data:
                    yield Payload(found.path, data)
        return
    kind = found.type
    raw = kind.kind in (values.STRING, values.OPAQUE) or (kind.kind == values.INTEGER and kind.size == 1)
    if not raw and not (kind.kind == values.VARIABLE and found.elements == 1):
        return
    if found.layout.kind == layout.COMPACT:
        data = found.layout.data
    elif found.layout.kind == layout.CONTIGUOUS and found.layout.address is not None:
        data = file.block(found.layout.address, min(found.layout.size, 16)).data
    else:
        return
    if kind.kind == values.VARIABLE:
        data = values.variable(Fields(data, file))
    elif data.startswith(STARTS) and found.layout.kind == layout.CONTIGUOUS:
        data = file.block(found.layout.address, found.layout.size).data
    if data.startswith(STARTS):
        yield Payload(found.path, data)
