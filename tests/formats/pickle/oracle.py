"""CPython's own unpicklers, made inert: which globals they ask for when they load a stream.

Nothing is imported or called: every global is a class that does nothing. The C unpickler reads in three ways
that part where frames are broken: a file without looking ahead, one with a short look, and bytes in memory.
"""

from __future__ import annotations

import copyreg
import io
import pickle as cpython
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tests.formats.assemble import run

from modelward.formats.pickle.values import Event, Global, Kind

Name = tuple[str, str]

#: What the oracle has in copyreg's registry.
EXTENSIONS = {1: ("ext", "one"), 255: ("ext", "two"), 256: ("ext", "three"), 0x7FFFFFFF: ("ext", "four")}

_FOREIGN = re.compile("[^\0-\x7f]+")
_LONG = re.compile(rb"[\x8e\x96](?=.{3}(.{5}))", re.DOTALL)  # BINBYTES8 and BYTEARRAY8 of 16 MB and more
_FAR = re.compile(rb"r(?=(.{4}))|p\s*\+?([0-9_]{5,})", re.DOTALL)
_PROTOCOL_PYTHON = cpython._Unpickler  # type: ignore[attr-defined]


class Inert:
    """What the oracle gives for any global: it can be called, built and filled, and does nothing."""

    def __init__(self, *_: Any, **__: Any) -> None: ...
    def __setstate__(self, state: Any) -> None: ...
    def __setitem__(self, key: Any, value: Any) -> None: ...
    def append(self, item: Any) -> None: ...
    def extend(self, items: Any) -> None: ...
    def add(self, item: Any) -> None: ...


class _Whole(io.BytesIO):
    """A file that shows all that is left of it: the C unpickler then reads as it does from bytes."""

    def peek(self, _size: int = 0) -> bytes:
        return self.getvalue()[self.tell() :]


def _short(stream: bytes) -> io.BufferedReader:
    return io.BufferedReader(io.BytesIO(stream), buffer_size=16)  # type: ignore[arg-type]


BUFFERED = "C, from a buffered file"
LOADERS = {
    "C, from a file": (cpython.Unpickler, io.BytesIO),
    BUFFERED: (cpython.Unpickler, _short),
    "C, from bytes": (cpython.Unpickler, _Whole),
    "Python": (_PROTOCOL_PYTHON, io.BytesIO),
}


def asked_for(loader: str, stream: bytes, encoding: str = "utf-8") -> list[Name]:
    """The globals that an unpickler asks for before it ends or fails."""
    found: list[Name] = []
    base, opened = LOADERS[loader]

    class Oracle(base):  # type: ignore[misc, valid-type]
        def find_class(self, module: str, name: str) -> type[Inert]:
            found.append((module, name))
            return Inert

        def persistent_load(self, pid: Any) -> Inert:
            return Inert()

    buffers = [b"abc", memoryview(bytes(3))]
    with _extensions(), suppress(Exception):  # whatever a broken stream makes CPython raise
        Oracle(opened(stream), encoding=encoding, errors="surrogateescape", buffers=buffers).load()
    return found


@contextmanager
def _extensions() -> Iterator[None]:
    registry: dict[int, Name] = copyreg._inverted_registry  # type: ignore[attr-defined]
    registry.update(EXTENSIONS)
    copyreg._extension_cache.clear()  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for code in EXTENSIONS:
            registry.pop(code, None)
        copyreg._extension_cache.clear()  # type: ignore[attr-defined]


def fills_memory(stream: bytes) -> bool:
    """Whether CPython might ask for much: its memo is an array up to the highest index."""
    if any(found[1] != bytes(5) for found in _LONG.finditer(stream)):
        return True
    return any(
        (found[1] and struct.unpack("<I", found[1])[0] >= 1 << 16) or found[2]
        for found in _FAR.finditer(stream)
    )


def named(events: list[Event]) -> set[Name]:
    """The globals that our events name, those of copyreg's registry too."""
    names = {(event.target.module, event.target.name) for event in events if isinstance(event.target, Global)}
    return names | {
        EXTENSIONS[event.target]
        for event in events
        if event.kind is Kind.EXTENSION and isinstance(event.target, int) and event.target in EXTENSIONS
    }


def _ascii(name: Name) -> Name:
    """A name without what depends on the encoding that the loader is told: strings of Python 2 have any."""
    return _FOREIGN.sub("?", name[0]), _FOREIGN.sub("?", name[1])


def disagreement(stream: bytes) -> str:
    """Which unpickler asks for what that no event of ours names; nothing if all agree.

    Two may ask for more, if ours says that something is wrong: the one in Python takes a last line without
    its newline; and where several frames are broken, it depends on the size of its buffer what C drops.
    """
    result, events = run(stream)
    ours = {_ascii(name) for name in named(events)}
    broken_frames = sum(event.kind is Kind.AMBIGUOUS and event.step == "FRAME" for event in events) > 1
    for loader in LOADERS:
        missed = [name for name in asked_for(loader, stream) if _ascii(name) not in ours]
        cut_short = loader == "Python" and result.trouble is not None and "breaks off" in result.trouble
        if missed and not cut_short and not (loader == BUFFERED and broken_frames):
            return f"{loader}: {missed}; ours: {sorted(ours)}, {result}"
    return ""
