"""UBJSON (draft 12) and BJData, as XGBoost writes its models: walked, nothing kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.facts import Malformed, Overflow
from modelward.formats.source import Source
from modelward.formats.window import Window

MAX_DEPTH = 100
MAX_ITEMS = 10_000_000
MAX_KEY_BYTES = 1 << 16
ABSURD = 1 << 40
_WIDTHS = {
    b"Z": 0, b"N": 0, b"T": 0, b"F": 0, b"i": 1, b"U": 1, b"C": 1, b"B": 1, b"I": 2, b"u": 2, b"h": 2,
    b"l": 4, b"m": 4, b"d": 4, b"L": 8, b"M": 8, b"D": 8,
}  # fmt: skip
_INTEGERS = {
    b"i": True,
    b"U": False,
    b"I": True,
    b"u": False,
    b"l": True,
    b"m": False,
    b"L": True,
    b"M": False,
}


class Walked(Struct, frozen=True):
    """Where the document ends, and the keys of its root."""

    end: int
    keys: tuple[str, ...]


def walk(source: Source) -> Iterator[Walked | Malformed | Overflow]:
    """Walk one object. Raises InputError where the bytes are not UBJSON or break off.

    XGBoost writes big-endian numbers; a length that only the other order makes sense of is BJData's.
    """
    order: Literal["little", "big"] = "big"
    if source.read(1, 1) in (b"L", b"M", b"l", b"m") and source.read(2, 1) != b"\0":
        order = "little"
    document = _Document(Window(source), order)
    if document.window.take(1) != b"{":
        raise InputError("it is no UBJSON object")
    yield from document.value(b"{", 0)
    yield Walked(document.window.at, tuple(document.keys))


class _Document:
    def __init__(self, window: Window, order: Literal["little", "big"]) -> None:
        self.window = window
        self.order = order
        self.items = 0
        self.keys: list[str] = []

    def value(self, kind: bytes, depth: int) -> Iterator[Malformed | Overflow]:
        """Walk a value after its type."""
        self.items += 1
        if depth > MAX_DEPTH or self.items > MAX_ITEMS:
            raise LimitExceeded("it has too many values, or they nest too deep")
        if kind in _WIDTHS:
            self.window.skip(_WIDTHS[kind])
        elif kind in (b"S", b"H"):
            length = self.length()
            if length >= ABSURD or length < 0:
                yield Overflow("UBJSON", f"a text is {length} bytes long", self.window.at)
            self.window.skip(length)
        elif kind in (b"[", b"{"):
            yield from self.container(kind == b"{", depth)
        else:
            raise InputError("it has a value of a type that does not exist")

    def container(self, keyed: bool, depth: int) -> Iterator[Malformed | Overflow]:
        window = self.window
        kind, count = b"", -1
        marker = self.marker()
        if marker == b"$":
            kind, marker = window.take(1), self.marker()
            if marker != b"#":
                raise InputError("it has a type and no count")
        if marker == b"#":
            count = self.length()  # BJData's arrays of several dimensions have a list here, and are refused
            if count < 0 or count >= ABSURD:
                yield Overflow("UBJSON", f"a container has {count} values", window.at)
                raise InputError("its counts are not true")
            marker = b""
        if count >= 0 and kind in _WIDTHS and not keyed:
            window.skip(count * _WIDTHS[kind])
            return
        seen: set[bytes] = set()
        while count != 0:
            if count < 0:
                marker = marker or self.marker()
                if marker == (b"}" if keyed else b"]"):
                    return
            if keyed:
                key = self.key(marker)
                if key in seen:
                    yield Malformed("UBJSON", f"an object has the key {key[:60]!r} twice", window.at)
                seen.add(key)
                if depth == 0:
                    self.keys.append(key.decode("utf-8", "replace"))
                marker = b""
            yield from self.value(kind or marker or self.marker(), depth + 1)
            marker = b""
            count -= count > 0

    def marker(self) -> bytes:
        while (found := self.window.take(1)) == b"N":
            pass
        return found

    def length(self, kind: bytes = b"") -> int:
        kind = kind or self.window.take(1)
        if kind not in _INTEGERS:
            raise InputError("it has a length that is no integer")
        return self.window.number(_WIDTHS[kind], self.order, signed=_INTEGERS[kind])

    def key(self, marker: bytes) -> bytes:
        length = self.length(marker)
        if not 0 <= length <= MAX_KEY_BYTES:
            raise InputError(f"it has a key of {length} bytes")
        return self.window.take(length)
