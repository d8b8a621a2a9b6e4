"""The persistent ids by which a torch pickle names the storages beside it."""

from __future__ import annotations

from msgspec import Struct

from modelward.formats.pickle.values import Container, Global, Persistent, Value

#: Storage class in `torch` -> bytes per element.
ELEMENT_BYTES = {
    "DoubleStorage": 8, "FloatStorage": 4, "HalfStorage": 2, "BFloat16Storage": 2,
    "LongStorage": 8, "IntStorage": 4, "ShortStorage": 2, "CharStorage": 1, "ByteStorage": 1,
    "BoolStorage": 1,    "ComplexDoubleStorage": 16, "ComplexFloatStorage": 8,
    "QInt8Storage": 1, "QUInt8Storage": 1, "QInt32Storage": 4, "QUInt4x2Storage": 1, "QUInt2x4Storage": 1,
}  # fmt: skip
UNTYPED = ("UntypedStorage", "_UntypedStorage")


class Storage(Struct, frozen=True):
    """One storage: its key (the member `data/KEY` of a zip checkpoint) and its size."""

    key: str
    kind: str
    elements: int
    element_bytes: int

    @property
    def bytes(self) -> int:
        """Its size in bytes."""
        return self.elements * self.element_bytes


def storage_of(value: Value) -> Storage | None:
    """The storage that a persistent id names, or None if it is not exactly what torch.save writes.

    `('storage', torch.FloatStorage, KEY, LOCATION, ELEMENTS)`; the legacy format adds view metadata,
    which is None but for views of storages: `(KEY, OFFSET, ELEMENTS)`.
    """
    if not isinstance(value, Persistent):
        return None
    pid = value.pid
    if not (isinstance(pid, Container) and pid.kind == "tuple" and pid.whole and len(pid.items) in (5, 6)):
        return None
    tag, kind, key, location, elements, *view = pid.items
    key = str(key) if type(key) is int else key  # torch.package numbers them
    size = element_bytes(kind)
    if tag != "storage" or size is None or not isinstance(kind, Global):
        return None
    if not isinstance(key, str) or not isinstance(location, str):
        return None
    if type(elements) is not int or elements < 0 or any(part is not None for part in view):
        return None
    return Storage(key, kind.name, elements, size)


def element_bytes(kind: Value) -> int | None:
    """Bytes per element of a storage class, or None if it is not one."""
    if not isinstance(kind, Global):
        return None
    if kind.module == "torch" and kind.name in ELEMENT_BYTES:
        return ELEMENT_BYTES[kind.name]
    return 1 if kind.module in ("torch", "torch.storage") and kind.name in UNTYPED else None
