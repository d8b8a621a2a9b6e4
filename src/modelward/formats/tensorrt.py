"""TensorRT engines: code that was compiled for one GPU. Opaque, but for native libraries that they carry."""

from __future__ import annotations

from collections.abc import Iterator

from modelward.formats.facts import EmbeddedCode
from modelward.formats.source import Source

_ELF = b"\x7fELF"
_SHARED_OBJECT = (2, 3)
_HEADER_BYTES = 64
_MAX_HITS = 1000


def libraries(source: Source) -> Iterator[EmbeddedCode]:
    """The ELF and PE files in an engine, which the runtime loads as plugins or as a version of itself."""
    tail, base, hits = b"", 0, 0
    for chunk in source.chunks():
        data = tail + chunk
        start = base - len(tail)
        for magic, test in ((_ELF, _is_elf), (b"MZ", _is_pe)):
            at = data.find(magic)
            while at >= 0 and hits < _MAX_HITS:
                if test(data[at : at + 1024]):
                    hits += 1
                    yield EmbeddedCode("the engine", "a native library within", offset=start + at)
                at = data.find(magic, at + 1)
        base += len(chunk)
        tail = data[-_HEADER_BYTES:]


def _is_elf(data: bytes) -> bool:
    order = "little" if data[5:6] == b"\1" else "big"
    return (
        len(data) >= 20
        and data[4] in (1, 2)
        and data[5] in (1, 2)
        and data[6] == 1
        and int.from_bytes(data[16:18], "big" if order == "big" else "little") in _SHARED_OBJECT
    )


def _is_pe(data: bytes) -> bool:
    at = int.from_bytes(data[60:64], "little")
    return 64 <= at <= len(data) - 4 and data[at : at + 4] == b"PE\0\0"
