"""torch checkpoints: the zip archive of torch.save, and the legacy sequence of pickles and storages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct, field

from modelward.formats.pickle.storages import Storage, element_bytes
from modelward.formats.pickle.stream import Stream
from modelward.formats.pickle.values import Container, Global, Persistent, Value
from modelward.formats.source import Source

#: What the first pickle of a legacy checkpoint holds, and the second.
LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
LEGACY_VERSION = 1001
LEGACY_STREAMS = 5  # magic, version, system, the object, the keys of the storages

#: Records beside data.pkl that hold one number or word.
RECORDS = frozenset(
    {"version", "byteorder", ".format_version", ".storage_alignment", ".data/serialization_id"}
)


class StorageProblem(Struct, frozen=True):
    """A storage that is not what the pickle says."""

    message: str


class Checkpoint(Struct):
    """What the pickle of a torch checkpoint asks for: its storages by key.

    In the oldest format (`numbered`) storages and tensors are known by a number, and told of elsewhere. In
    those of before the zip format (`classes`) a layer's class comes with its source, which nothing runs.
    """

    storages: dict[str, Storage] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)
    numbered: bool = False
    classes: bool = False

    def means(self, value: Value) -> bool:
        """Whether a value is a persistent id that old formats give a meaning."""
        if not isinstance(value, Persistent):
            return False
        if self.classes and value.of_class is not None:
            return True
        return self.numbered and (
            type(value.pid) is int or (isinstance(value.pid, str) and value.pid.isdecimal())
        )

    def add(self, storage: Storage) -> None:
        """Note a storage that the pickle names; the same key must mean the same size each time."""
        known = self.storages.setdefault(storage.key, storage)
        if known.bytes != storage.bytes:
            self.conflicts.append(
                f"storage {storage.key!r} has two sizes, {known.bytes} and {storage.bytes} bytes"
            )


def root_of(names: Sequence[str]) -> str | None:
    """The folder of a zip checkpoint, with its slash, or None if it is not one.

    torch looks in the folder of the first member, other tools in any.
    """
    found = None
    for name in names:
        folder, slash, last = name.rpartition("/")
        if last == "data.pkl" and folder.count("/") == 0:
            if names[0].startswith(folder + slash):
                return folder + slash
            found = found or folder + slash
    return found


def is_legacy(streams: Sequence[Stream]) -> bool:
    """Whether the first stream of a file is that of a legacy checkpoint."""
    return bool(streams) and type(streams[0].value) is int and streams[0].value == LEGACY_MAGIC


def numbered_gap(source: Source, at: int, value: Value) -> int:
    """The bytes of a storage, or of a tensor's sizes, that stand behind its pickle in the oldest format.

    The pickle is `(KEY, LOCATION, torch.FloatStorage)` or `(KEY, STORAGE, torch.FloatTensor)`.
    """
    if not isinstance(value, Container) or value.kind != "tuple" or len(value.items) != 3:
        return 0
    kind = value.items[2]
    size = element_bytes(kind)
    if size is not None:
        return 8 + size * int.from_bytes(source.read(at, 8), "little")
    if isinstance(kind, Global) and kind.module.startswith("torch") and kind.name.endswith("Tensor"):
        return 16 + 16 * int.from_bytes(source.read(at, 4), "little")
    return 0


def legacy_storages(source: Source, start: int, keys: Stream, checkpoint: Checkpoint) -> Iterator[str]:
    """What is wrong with the storages at the end of a legacy checkpoint.

    They follow each other from `start` in the order of the keys: eight bytes with the number of
    elements, then the elements.
    """
    if not isinstance(keys.value, Container) or keys.value.kind != "list" or not keys.value.whole:
        yield "its list of storages is not a list"
        return
    at = start
    left = dict(checkpoint.storages)
    for key in keys.value.items:
        storage = left.pop(key, None) if isinstance(key, str) else None
        if storage is None:
            yield f"its list of storages names {key!r}, which its pickle does not"
            return
        elements = int.from_bytes(source.read(at, 8), "little")
        if elements != storage.elements:
            yield f"storage {key!r} has {elements} elements and the pickle says {storage.elements}"
            return
        at += 8 + storage.bytes
    if left:
        yield f"the storage {next(iter(left))!r} is not in the file"
    elif at != source.size:
        yield f"the storages end at byte {at} and the file at byte {source.size}"
