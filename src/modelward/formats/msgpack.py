"""MessagePack as Flax writes it: maps of maps whose leaves are arrays in an extension type.

An array is (shape, name of its type, bytes). msgpack-numpy keeps arrays of objects as pickles, and its loader
unpickles them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats import bytecode
from modelward.formats.facts import EmbeddedCode, Malformed, Overflow
from modelward.formats.metadata_code import LIKELY_BYTES, MAX_CHARACTERS, MetadataCode, code_in
from modelward.formats.pickle.beginnings import STARTS
from modelward.formats.source import Source
from modelward.formats.window import Window

MAX_DEPTH = 100
MAX_ITEMS = 5_000_000
MAX_KEY_BYTES = 4096
MAX_CODE_BYTES = 64 << 10
#: Bytes up to this many may be a text that was saved as bytes.
MAX_TEXT_BYTES = 1024
_ARRAY, _SCALAR = 1, 3
_ITEM_BYTES = {
    "bool": 1, "int4": 1, "uint4": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "int32": 4, "uint32": 4,
    "int64": 8, "uint64": 8, "float16": 2, "bfloat16": 2, "float32": 4, "float64": 8, "complex64": 8,
    "complex128": 16, "V2": 2, "float8_e4m3fn": 1, "float8_e5m2": 1, "float8_e4m3b11fnuz": 1,
    "float8_e4m3fnuz": 1, "float8_e5m2fnuz": 1,
}  # fmt: skip
#: Keys of pickles and of Python's own objects, and endings of keys for functions and code.
_HOOKS = (b"__reduce__", b"__reduce_ex__", b"__setstate__", b"__builtins__", b"__globals__", b"__import__")
_CODE_KEYS = (b"_fn", b"_code", b"code", b"function", b"callable")
_WORD = re.compile(rb"[A-Za-z_][A-Za-z0-9_]{1,60}")
_STRINGS, _BYTES, _EXTENSIONS = (0xD9, 0xDA, 0xDB), (0xC4, 0xC5, 0xC6), (0xC7, 0xC8, 0xC9)
_FIXED = {0xC0: 0, 0xC2: 0, 0xC3: 0, 0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8}
_FIXED |= {0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8}


class Payload(Struct, frozen=True):
    """Bytes that a loader unpickles, or that begin as a pickle does: where they lie."""

    path: str
    begin: int
    length: int


Fact = Malformed | Overflow | Payload | EmbeddedCode | MetadataCode


class NotMsgpack(InputError):
    """The bytes are something else."""


class Walked(Struct):
    """How far a walk came: values, arrays, keys that are text."""

    items: int = 0
    arrays: int = 0
    keys: int = 0


def facts(source: Source, walked: Walked) -> Iterator[Fact]:
    """What is wrong in the arrays, and every pickle. Raises InputError where the bytes are not one whole
    map or array.
    """
    window = Window(source)
    if source.size < 2:
        raise NotMsgpack("it is no map")
    yield from _value(window, walked, "", 0)
    first = walked.keys
    while window.left:  # a stream of several values is one too, if the first of them is a map with names
        if not first:
            raise NotMsgpack(f"{window.left} bytes follow the map")
        yield from _value(window, walked, "", 0)


def _value(window: Window, walked: Walked, path: str, depth: int) -> Iterator[Fact]:
    walked.items += 1
    if depth > MAX_DEPTH or walked.items > MAX_ITEMS:
        raise LimitExceeded("it has too many values, or they nest too deep")
    byte = window.take(1)[0]
    if byte < 0x80 or byte >= 0xE0:
        return
    if byte in _FIXED:
        window.skip(_FIXED[byte])
    elif 0xA0 <= byte < 0xC0 or byte in _STRINGS:
        length = byte & 31 if byte < 0xC0 else window.number(1 << byte - 0xD9, "big")
        yield from _program(window, length, path)
    elif byte in _BYTES:
        yield from _bytes(window, window.number(1 << byte - 0xC4, "big"), path)
    elif 0xD4 <= byte <= 0xD8 or byte in _EXTENSIONS:
        length = 1 << byte - 0xD4 if byte >= 0xD4 else window.number(1 << byte - 0xC7, "big")
        yield from _extension(window, window.number(1), length, path, walked)
    elif byte < 0x90 or byte in (0xDE, 0xDF):
        count = byte & 15 if byte < 0x90 else window.number(2 if byte == 0xDE else 4, "big")
        yield from _map(window, walked, count, path, depth)
    elif byte < 0xA0 or byte in (0xDC, 0xDD):
        count = byte & 15 if byte < 0xA0 else window.number(2 if byte == 0xDC else 4, "big")
        for index in range(count):
            if not _is_word(window, walked):
                yield from _value(window, walked, f"{path}/{index}", depth + 1)
    else:
        raise NotMsgpack("it has a value of a type that does not exist")


def _is_word(window: Window, walked: Walked) -> bool:
    """Pass over a short text that is no program; of these there may be millions."""
    byte = window.peek()
    if not 0xA0 <= byte < 0xC0 or walked.items > MAX_ITEMS:
        return False
    text = window.take((byte & 31) + 1)
    if LIKELY_BYTES.search(text):
        window.back(len(text))
        return False
    walked.items += 1
    return True


def _map(window: Window, walked: Walked, count: int, path: str, depth: int) -> Iterator[Fact]:
    seen: set[bytes] = set()
    objects = False
    whole: list[Payload] = []  # the field `data`, before or behind the one that says it is of objects
    begun: list[Payload] = []  # what in it begins as a pickle does
    for _ in range(count):
        key = _key(window)
        if key is None:
            yield from _value(window, walked, path, depth + 1)  # a number for a key
            yield from _value(window, walked, path, depth + 1)
            continue
        walked.keys += 1
        if key in seen:
            yield Malformed("MessagePack", f"a map has the key {_shown(key)!r} twice", window.at)
        seen.add(key)
        at, inner = window.at, f"{path}/{_shown(key)}"
        found = _value(window, walked, inner, depth + 1)
        coded = key in _HOOKS or key.endswith(_CODE_KEYS)
        kept = list(found) if coded else []
        for fact in kept or found:
            if key == b"data" and isinstance(fact, Payload):
                begun.append(fact)
            elif not coded:
                yield fact
        length = window.at - at
        if key in (b"kind", b"type"):
            objects |= length <= 3 and window.source.read(at, length)[-1:] == b"O"
        elif key == b"data":
            head = {0xC4: 2, 0xC5: 3, 0xC6: 5}.get(window.source.read(at, 1)[0], 1)
            whole.append(Payload(inner, at + head, length - head))
        elif coded:
            code = list(_code(key, inner, window.source.read(at, min(length, MAX_CODE_BYTES)), at))
            yield from code
            yield from (fact for fact in kept if not (code and isinstance(fact, MetadataCode)))
    yield from whole if objects else begun


def _code(key: bytes, path: str, value: bytes, at: int) -> Iterator[EmbeddedCode]:
    """A field that tells a loader what to call, as no writer of arrays needs."""
    words = [word.decode() for word in _WORD.findall(value)]
    harm = bytecode.harm(words)
    if harm or (key in _HOOKS and words):
        yield EmbeddedCode(path, "a field for code", " ".join(words)[:120], harm, at)


def _key(window: Window) -> bytes | None:
    """A key that is text; None, with nothing taken, for one that is not."""
    byte = (window.source.read(window.at, 1) or b"\xc1")[0]
    if not (0xA0 <= byte < 0xC0 or byte in _STRINGS or byte in _BYTES):
        return None
    return _text(window)


def _text(window: Window) -> bytes:
    byte = window.take(1)[0]
    if 0xA0 <= byte < 0xC0:
        return window.take(byte & 31)
    if byte in _STRINGS or byte in _BYTES:
        length = window.number(1 << byte - (0xD9 if byte in _STRINGS else 0xC4), "big")
        if length <= MAX_KEY_BYTES:
            return window.take(length)
    raise NotMsgpack("it has no text where one is to be")


def _bytes(window: Window, length: int, path: str) -> Iterator[Fact]:
    begin = window.at
    if length <= MAX_TEXT_BYTES:
        yield from _program(window, length, path)
    else:
        window.skip(length)
    if length > 3 and window.source.read(begin, 2) in STARTS:
        yield Payload(path, begin, length)


def _program(window: Window, length: int, path: str) -> Iterator[Fact]:
    """A text, which may be a program."""
    if length > MAX_CHARACTERS:
        window.skip(length)
    elif found := code_in(path or "the root", window.take(length).decode("utf-8", "replace")):
        yield found


def _extension(window: Window, kind: int, length: int, path: str, walked: Walked) -> Iterator[Fact]:
    begin = window.at
    window.skip(length)
    if kind not in (_ARRAY, _SCALAR):
        return
    inner = Window(window.source, begin)
    try:
        if inner.take(1)[0] != 0x93:
            raise InputError("no three fields")
        shape = _shape(inner)
        name = _text(inner).decode("utf-8", "replace")
        byte = inner.take(1)[0]
        size = inner.number(1 << byte - 0xC4, "big") if byte in _BYTES else byte & 31
    except InputError:
        yield Malformed("Flax", f"{path or 'the root'} is no array", begin)
        return
    walked.arrays += 1
    elements = 1
    for dimension in shape:
        elements *= dimension
    width = _ITEM_BYTES.get(name)
    if elements * (width or 1) >= 1 << 63:
        yield Overflow("Flax", f"{path} has the shape {shape}", begin)
    elif inner.at + size != begin + length:
        yield Malformed("Flax", f"{path} does not fill its place", begin)
    elif name in ("object", "O"):
        yield Payload(path, inner.at, size)
    elif width is not None and elements * width != size:
        yield Malformed("Flax", f"{path} has {size} bytes, and its shape needs {elements * width}", begin)


def _shape(inner: Window) -> list[int]:
    byte = inner.take(1)[0]
    if 0x90 <= byte < 0xA0:
        count = byte & 15
    elif byte == 0xDC:
        count = inner.number(2, "big")
    else:
        raise InputError("no shape")
    shape = []
    for _ in range(count):
        byte = inner.take(1)[0]
        if byte < 0x80:
            shape.append(byte)
        elif 0xCC <= byte <= 0xCF:
            shape.append(inner.number(1 << byte - 0xCC, "big"))
        else:
            raise InputError("no size")
    return shape


def _shown(key: bytes) -> str:
    return key[:60].decode("utf-8", "backslashreplace")
