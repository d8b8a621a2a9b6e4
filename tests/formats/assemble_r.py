"""R objects as R serializes them (XDR, version 2), put together by hand."""

from __future__ import annotations

import struct

PAIRS, CLOSURE, ENVIRONMENT, PROMISE, CALL, VECTOR, STRINGS = 2, 3, 4, 5, 6, 19, 16
ATTRIBUTES, TAG = 1 << 9, 1 << 10


def integer(*values: int) -> bytes:
    return struct.pack(f">{len(values)}i", *values)


NIL, GLOBAL, UNBOUND, EMPTY = integer(254), integer(253), integer(252), integer(242)


def characters(text: str) -> bytes:
    return integer(9 | 1 << 18, len(text.encode())) + text.encode()


def symbol(name: str) -> bytes:
    return integer(1) + characters(name)


def reference(index: int) -> bytes:
    return integer(255 | index << 8)


def strings(*texts: str) -> bytes:
    return integer(STRINGS, len(texts)) + b"".join(map(characters, texts))


def numbers(*values: float) -> bytes:
    return integer(14, len(values)) + struct.pack(f">{len(values)}d", *values)


def vector(*items: bytes) -> bytes:
    return integer(VECTOR, len(items)) + b"".join(items)


def pairs(*items: tuple[str, bytes], flags: int = 0) -> bytes:
    """A list of pairs with names."""
    body = b"".join(integer(PAIRS | TAG | flags) + symbol(name) + value for name, value in items)
    return body + NIL


def call(function: str, *arguments: bytes) -> bytes:
    """A call: data, unless something runs it."""
    rest = b"".join(integer(PAIRS) + argument for argument in arguments)
    return integer(CALL) + symbol(function) + rest + NIL


def closure(body: bytes, *, environment: bytes = GLOBAL) -> bytes:
    return integer(CLOSURE | TAG) + environment + NIL + body


def promise(expression: bytes, *, value: bytes = UNBOUND) -> bytes:
    return integer(PROMISE | TAG) + GLOBAL + value + expression


def environment(frame: bytes) -> bytes:
    return integer(ENVIRONMENT, 0) + EMPTY + frame + NIL + NIL


def named(items: dict[str, bytes]) -> bytes:
    """A list with names, as attributes."""
    body = integer(VECTOR | ATTRIBUTES, len(items)) + b"".join(items.values())
    return body + pairs(("names", strings(*items)))


def rds(item: bytes, *, version: int = 2) -> bytes:
    """An RDS file that is not compressed."""
    native = integer(5) + b"UTF-8" if version == 3 else b""
    return b"X\n" + integer(version, 0x00040302, 0x00020300) + native + item


def workspace(item: bytes) -> bytes:
    """An RData file that is not compressed."""
    return b"RDX2\n" + rds(item)
