"""A torch checkpoint opened for its tensors: the pickle read on symbols, the storages where they lie.

The zip archive of torch.save, whatever its folder is called, TorchScript archives, and the legacy sequence of
pickles. A file that loaders may read in different ways is refused: which one to write could not be told.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from msgspec import Struct, field

from modelward.core.errors import InputError
from modelward.formats import torch, zip
from modelward.formats.budget import Budget
from modelward.formats.checkpoint import Changes, Tensor
from modelward.formats.pickle.storages import UNTYPED, Storage
from modelward.formats.pickle.stream import Stream, read_stream
from modelward.formats.pickle.values import Container, Value
from modelward.formats.source import Slice, Source
from modelward.formats.strided import pieces, swapped

_ZIP = "it is not a checkpoint of torch: there is no data.pkl in it"
_OTHER = "it is not a checkpoint of torch: it is neither its zip archive nor its legacy format"


class _Zip(Struct):
    """Storages that are members of an archive."""

    archive: zip.Archive
    root: str
    budget: Budget

    @contextmanager
    def open(self, storage: Storage) -> Iterator[Source]:
        member = self.member(f"data/{storage.key}")
        if member is None:
            raise InputError(f"the storage {storage.key!r} is not in the file")
        with zip.open_member(self.archive, member, self.budget) as source:
            yield source

    def member(self, name: str) -> zip.Member | None:
        return next((one for one in self.archive.members if one.name == self.root + name), None)


class _Legacy(Struct):
    """Storages that follow each other, each after the eight bytes of its length."""

    source: Source
    places: dict[str, tuple[int, int]] = field(default_factory=dict)

    @contextmanager
    def open(self, storage: Storage) -> Iterator[Source]:
        start, elements = self.places.get(storage.key, (0, -1))
        if elements != storage.elements:
            raise InputError(f"the storage {storage.key!r} is not in the file as the pickle says")
        yield Slice(self.source, start, storage.bytes)


class CheckpointFile(Struct):
    """A checkpoint: what its pickle makes, what was done to that, and its storages."""

    value: Value
    changes: Changes
    storages: _Zip | _Legacy
    big_endian: bool = False

    def open(self, storage: Storage) -> AbstractContextManager[Source]:
        """The bytes of a storage. Raises InputError where they are not what the pickle says."""
        return self.storages.open(storage)

    def data(self, tensor: Tensor) -> Iterator[bytes]:
        """The elements of a tensor, row by row, little-endian. Raises InputError."""
        with self.open(tensor.storage) as source:
            if source.size != tensor.storage.bytes:
                raise InputError(
                    f"its storage {tensor.storage.key!r} has {source.size} bytes and the pickle says "
                    f"{tensor.storage.bytes}",
                    where=tensor.name,
                )
            found = pieces(source, tensor.offset, tensor.shape, tensor.strides, tensor.item_bytes)
            # torch turns the bytes of complex numbers round in their two halves, and of bytes not at all
            item = 4 if tensor.dtype == "C64" else tensor.item_bytes
            if self.big_endian and item > 1:
                if tensor.storage.kind in UNTYPED:
                    raise InputError("its big-endian data have no type in the file", where=tensor.name)
                found = swapped(found, item)
            yield from found


def open_checkpoint(source: Source, budget: Budget) -> CheckpointFile:
    """Read a checkpoint's pickle. Raises InputError if it is none, LimitExceeded past the budget."""
    archive = zip.read(source, budget)
    return _open_legacy(source, budget) if archive is None else _open_zip(archive, budget)


def _open_zip(archive: zip.Archive, budget: Budget) -> CheckpointFile:
    root = torch.root_of([member.name for member in archive.members])
    if root is None:
        raise InputError(_ZIP, help="name a file that torch.save wrote")
    if archive.anomalies:
        raise InputError(
            f"programs may read different things from it: {archive.anomalies[0].message}",
            help="ask the publisher to write it again",
        )
    storages = _Zip(archive, root, budget)
    changes = Changes()
    member = storages.member("data.pkl")
    if member is None:
        raise InputError(_ZIP)
    with zip.open_member(archive, member, budget) as source:
        stream = _stream(source, 0, changes, budget)
    order = storages.member("byteorder")
    mark = b"little"
    if order is not None:
        with zip.open_member(archive, order, budget) as source:
            mark = source.read(0, 16)
    if mark not in (b"little", b"big"):
        raise InputError(f"its byte order is neither little nor big: {mark!r}")
    return CheckpointFile(stream.value, changes, storages, big_endian=mark == b"big")


def _open_legacy(source: Source, budget: Budget) -> CheckpointFile:
    """Five pickles: magic, version, system, the object, the keys of the storages; then the storages."""
    changes = Changes()
    streams = [read_stream(source, 0, changes.notice, budget)]
    if streams[0].trouble or not torch.is_legacy(streams):
        raise InputError(_OTHER, help="name a file that torch.save wrote")
    while len(streams) < torch.LEGACY_STREAMS:
        streams.append(_stream(source, streams[-1].end, changes, budget))
    keys = streams[-1].value
    if streams[1].value != torch.LEGACY_VERSION or not isinstance(keys, Container) or not keys.whole:
        raise InputError("it is a legacy checkpoint of a version that is not known")
    return CheckpointFile(streams[3].value, changes, _legacy_places(source, streams[-1].end, keys, changes))


def _legacy_places(source: Source, at: int, keys: Container, changes: Changes) -> _Legacy:
    storages = _Legacy(source)
    for key in keys.items:
        storage = changes.storages.get(key) if isinstance(key, str) else None
        if storage is None or storage.key in storages.places:
            raise InputError(f"its list of storages names {key!r}, which its pickle does not")
        elements = int.from_bytes(source.read(at, 8), "little")
        storages.places[storage.key] = (at + 8, elements)
        at += 8 + storage.bytes
    if at > source.size:
        raise InputError(f"its storages reach to byte {at} and the file ends at byte {source.size}")
    return storages


def _stream(source: Source, at: int, changes: Changes, budget: Budget) -> Stream:
    stream = read_stream(source, at, changes.notice, budget)
    if stream.trouble:
        raise InputError(f"its pickle cannot be read to its end: {stream.trouble}")
    return stream
