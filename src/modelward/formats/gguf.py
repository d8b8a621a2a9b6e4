"""GGUF: the arithmetic of its header, the templates in its metadata, and where its tensors lie.

After the format's specification (ggml, docs/gguf.md), versions 1 to 3 in both byte orders. Loaders written
in C have believed counts, lengths, shapes and offsets that wrap around (CVE-2024-21802, CVE-2024-21825,
CVE-2024-21836, CVE-2025-53630, CVE-2026-27940, CVE-2026-33298).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct, field

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.facts import Malformed, Overflow
from modelward.formats.metadata_code import MAX_CHARACTERS, MetadataCode, code_in
from modelward.formats.source import Source

MAX_DIMENSIONS = 4
MAX_KEY_BYTES = 65_535
MAX_NAME_BYTES = 1024
MAX_ARRAY_DEPTH = 8
MAX_TEMPLATE_BYTES = 4 << 20
#: Texts (or arrays) in one array.
MAX_ELEMENTS = 4_000_000
#: Texts of an array that are looked at one by one; longer ones are vocabularies.
MAX_LOOKED_AT = 64
#: Numbers from here on are no accident: no file has a text, an array or a tensor as long as this.
ABSURD_TEXT, ABSURD_ARRAY, ABSURD_TENSOR = 1 << 32, 1 << 36, 1 << 50
_MOST = (1 << 63) - 1
_WINDOW = 1 << 20
_STRING, _ARRAY = 8, 9
_WIDTHS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_UINT32 = 4
_MAX_TYPE = 255
#: Tensor type -> elements and bytes of a block.
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 10: (256, 84),
    11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 16: (256, 66), 17: (256,
    74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1,
    1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256,
    66), 39: (32, 17), 40: (64, 36), 41: (128, 18),
}  # fmt: skip


class Template(Struct, frozen=True):
    """A chat template: its key, and its text."""

    key: str
    text: str


class End(Struct, frozen=True):
    """Where the tensors' data end, if all of them are there; None where that cannot be told."""

    at: int | None
    missing: int = 0


class Placed(Struct, frozen=True):
    """A tensor: its type by number, its shape (outermost first), and its place; `bytes` None: not known."""

    name: str
    kind: int
    shape: tuple[int, ...]
    at: int
    bytes: int | None


class Contents(Struct, frozen=True):
    """The tensors of a sound file, and the numbers among its fields."""

    tensors: tuple[Placed, ...]
    numbers: dict[str, int]


Fact = Malformed | Overflow | Template | MetadataCode | End


class _Absurd(InputError):
    """A number that only an attack has."""


class _Header(Struct):
    """Reading at a place that moves on, through a window over the file."""

    source: Source
    order: Literal["little", "big"] = "little"
    wide: int = 8
    at: int = 0
    alignment: int = 32
    placed: list[Placed] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    _window: bytes = field(default=b"")
    _begin: int = 0

    def take(self, count: int) -> bytes:
        begin = self.at - self._begin
        if begin + count > len(self._window):
            self._window, self._begin = self.source.read(self.at, max(_WINDOW, count)), self.at
            begin = 0
            if len(self._window) < count:
                raise InputError("the file breaks off in its header")
        self.at += count
        return self._window[begin : begin + count]

    def number(self, width: int) -> int:
        return int.from_bytes(self.take(width), self.order)

    def move(self, at: int) -> None:
        self.at, self._window, self._begin = at, b"", at

    def skip(self, count: int) -> None:
        if self.at + count > self.source.size:
            raise InputError("the file breaks off in its header")
        self.at += count
        if not self._begin <= self.at <= self._begin + len(self._window):
            self._window, self._begin = b"", self.at

    def skip_texts(self, count: int) -> None:
        """Pass over many texts: vocabularies have hundreds of thousands."""
        width, order, data, at = self.wide, self.order, b"", 0
        for _ in range(count):
            if at + width > len(data):
                self.at += at
                data, at = self.source.read(self.at, _WINDOW), 0
                if len(data) < width:
                    raise InputError("the file breaks off in its header")
            length = int.from_bytes(data[at : at + width], order)
            if length >= ABSURD_TEXT:
                raise _Absurd(f"a text is {length} bytes long")
            at += width + length
        self.at += at
        self.skip(0)

    def text(self, most: int, what: str) -> bytes:
        length = self.number(self.wide)
        if length > most:
            kind = _Absurd if length >= ABSURD_TEXT else InputError
            raise kind(f"{what} is {length} bytes long")
        return self.take(length)


def facts(source: Source) -> Iterator[Fact]:
    """What is wrong with the header, and every chat template. Raises InputError where the file breaks off."""
    yield from _facts(_Header(source))


def contents(source: Source) -> Contents:
    """The tensors of a file with little-endian numbers. Raises InputError if anything is wrong with it."""
    header = _Header(source)
    for fact in _facts(header):
        if isinstance(fact, Malformed | Overflow):
            raise InputError(fact.message)
        if isinstance(fact, End) and fact.missing:
            raise InputError(f"{fact.missing} bytes of its tensors are missing")
    if header.order == "big":
        raise InputError("its numbers are big-endian", help="convert it with gguf-convert-endian")
    return Contents(tuple(header.placed), header.numbers)


def _facts(header: _Header) -> Iterator[Fact]:
    source = header.source
    magic = header.take(4)
    if magic == b"FUGG":
        header.order = "big"
    version = header.number(4)
    if version > 0xFFFF:
        version = int.from_bytes(version.to_bytes(4, "little"), "big")
        header.order = "big"
    if version not in (1, 2, 3):
        yield Malformed("GGUF", f"its version is {version}, which does not exist", 4)
        return
    header.wide = 4 if version == 1 else 8
    try:
        tensors, pairs = header.number(header.wide), header.number(header.wide)
        for count, what, least in ((tensors, "tensors", 24), (pairs, "fields", 13)):
            if count * least > max(source.size, 1 << 32):
                raise _Absurd(f"it says that it has {count} {what}")
        yield from _metadata(header, pairs)
        yield from _after_padding(header, tensors)
    except _Absurd as error:
        yield Overflow("GGUF", error.message, header.at)


def _after_padding(header: _Header, count: int) -> Iterator[Fact]:
    """The tensors; some writers put padding before them, which loaders do not read over."""
    start = header.at
    padded = start + -start % header.alignment
    gap = header.source.read(start, padded - start)
    try:
        found = list(_tensors(header, count)) if gap[:8] != bytes(8) or not count else None
    except InputError:
        if not gap or gap.strip(b"\0"):
            raise
        found = None
    if found is None:
        header.move(padded)
        found = list(_tensors(header, count))
        yield Malformed("GGUF", "there is padding between its fields and its tensors", start)
    yield from found


def _metadata(header: _Header, count: int) -> Iterator[Fact]:
    seen: set[bytes] = set()
    for _ in range(count):
        begin = header.at
        key = header.text(MAX_KEY_BYTES, "a key")
        if key in seen:
            yield Malformed("GGUF", f"there are two fields {_shown(key)!r}", begin)
        seen.add(key)
        kind = header.number(4)
        if kind == _STRING:
            yield from _text(header, key)
        elif kind == _ARRAY:
            yield from _array(header, key)
        elif key == b"general.alignment":
            value = _value(header, kind)
            header.alignment = value or 0
            if kind != _UINT32 or not value or value & (value - 1):
                raise _Absurd(f"its alignment is {value}, which is no power of two")
        elif (number := _value(header, kind)) is not None:
            header.numbers[_shown(key)] = number


def _text(header: _Header, key: bytes) -> Iterator[Fact]:
    """A chat template, or a text that is nothing a program has a use for."""
    name = _shown(key)
    if b"template" in key:
        yield Template(name, header.text(MAX_TEMPLATE_BYTES, "a template").decode("utf-8", "replace"))
        return
    begin = header.at
    length = header.number(header.wide)
    header.move(begin)
    if length > MAX_CHARACTERS:
        _value(header, _STRING)
    elif found := code_in(f"field {name!r}", header.text(length, "a text").decode("utf-8", "replace")):
        yield found


def _array(header: _Header, key: bytes) -> Iterator[Fact]:
    """An array: of a few texts, what each of them is."""
    begin = header.at
    inner, count = header.number(4), header.number(header.wide)
    if inner == _STRING and count <= MAX_LOOKED_AT:
        for _ in range(count):
            yield from _text(header, key)
    else:
        header.move(begin)
        _value(header, _ARRAY)


def _value(header: _Header, kind: int, depth: int = 0) -> int | None:
    """Pass over a value; the number if it is one."""
    if kind in _WIDTHS:
        return header.number(_WIDTHS[kind])
    if kind == _STRING:
        length = header.number(header.wide)
        if length >= ABSURD_TEXT:
            raise _Absurd(f"a text is {length} bytes long")
        header.skip(length)
    elif kind == _ARRAY:
        if depth > MAX_ARRAY_DEPTH:
            raise InputError(f"its arrays nest over {MAX_ARRAY_DEPTH} levels deep")
        inner, count = header.number(4), header.number(header.wide)
        if inner not in _WIDTHS and inner not in (_STRING, _ARRAY):
            raise _Absurd(f"an array has elements of type {inner}, which does not exist")
        if count >= ABSURD_ARRAY:
            raise _Absurd(f"an array has {count} elements")
        if inner in _WIDTHS:
            header.skip(count * _WIDTHS[inner])
            return None
        if count > MAX_ELEMENTS:
            raise LimitExceeded(f"an array has over {MAX_ELEMENTS} elements")
        if inner == _STRING:
            header.skip_texts(count)
        else:
            for _ in range(count):
                _value(header, inner, depth + 1)
    else:
        raise _Absurd(f"a field is of type {kind}, which does not exist")
    return None


def _tensors(header: _Header, count: int) -> Iterator[Fact]:
    names: set[bytes] = set()
    spans: list[tuple[int, int | None, bytes]] = []
    shapes: list[tuple[int, tuple[int, ...]]] = []
    for _ in range(count):
        begin = header.at
        name = header.text(MAX_NAME_BYTES, "the name of a tensor")
        if name in names:
            yield Malformed("GGUF", f"there are two tensors {_shown(name)!r}", begin)
        names.add(name)
        rank = header.number(4)
        if rank > MAX_DIMENSIONS:
            raise _Absurd(f"tensor {_shown(name)!r} has {rank} dimensions")
        shape = [header.number(header.wide) for _ in range(rank)]
        kind, offset = header.number(4), header.number(8)
        if kind > _MAX_TYPE:
            yield Malformed("GGUF", f"tensor {_shown(name)!r} is of type {kind}, which does not exist", begin)
        spans.append((offset, _bytes(shape, kind, name), name))
        shapes.append((kind, tuple(shape[::-1])))
        if offset + (spans[-1][1] or 0) > _MOST:
            raise _Absurd(f"tensor {_shown(name)!r} begins at {offset}")
    start = header.at + -header.at % header.alignment
    header.placed = [
        Placed(name.decode("utf-8", "backslashreplace"), kind, shape, start + offset, size)
        for (offset, size, name), (kind, shape) in zip(spans, shapes, strict=True)
    ]
    yield from _layout(header, spans)


def _bytes(shape: list[int], kind: int, name: bytes) -> int | None:
    """The bytes that a tensor takes, or None if its type is not known."""
    elements = 1
    for dimension in shape:
        elements *= dimension
    block, size = _BLOCKS.get(kind, (1, 0))
    if max(shape, default=0) > _MOST or max(elements, elements // block * size) >= ABSURD_TENSOR:
        raise _Absurd(f"tensor {_shown(name)!r} has the shape {shape}")
    return elements // block * size if kind in _BLOCKS else None


def _layout(header: _Header, spans: list[tuple[int, int | None, bytes]]) -> Iterator[Fact]:
    align = header.alignment
    start = header.at + -header.at % align
    end: int | None = 0
    known = all(size is not None for _, size, _ in spans)
    for offset, size, name in sorted(spans, key=lambda span: span[0]):
        if known and end is not None and offset != end:
            what = "overlaps the one before it" if offset < end else "leaves a gap before it"
            yield Malformed("GGUF", f"tensor {_shown(name)!r} {what}", start + offset)
        end = None if size is None else max(end or 0, offset + size + -size % align)
    last = max((offset + (size or 0) for offset, size, _ in spans), default=0)
    missing = max(0, start + last - header.source.size)
    if spans and missing:
        yield End(None, missing)
    else:
        yield End(None if end is None else min(start + end, header.source.size) if spans else header.at)


def _shown(name: bytes) -> str:
    return name[:80].decode("utf-8", "backslashreplace")
