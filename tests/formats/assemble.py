"""Model files put together byte by byte. Pickles are assembled from instructions and never loaded."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

from modelward.formats.budget import Budget
from modelward.formats.pickle.stream import Stream, read_stream
from modelward.formats.pickle.values import Event
from modelward.formats.source import BytesSource

MARK, STOP, REDUCE, BUILD, POP, TUPLE = b"(", b".", b"R", b"b", b"0", b"t"
PROTO2, PROTO4 = b"\x80\x02", b"\x80\x04"
NONE, TRUE, FALSE, EMPTY_TUPLE, EMPTY_LIST, EMPTY_DICT = b"N", b"\x88", b"\x89", b")", b"]", b"}"


def text(value: str) -> bytes:
    """BINUNICODE."""
    data = value.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(data)) + data


def data(value: bytes) -> bytes:
    """SHORT_BINBYTES or BINBYTES."""
    if len(value) < 256:
        return b"C" + bytes([len(value)]) + value
    return b"B" + struct.pack("<I", len(value)) + value


def number(value: int) -> bytes:
    """BININT."""
    return b"J" + struct.pack("<i", value)


def fetch(module: str, name: str) -> bytes:
    """GLOBAL."""
    return f"c{module}\n{name}\n".encode()


def stack_fetch(module: str, name: str) -> bytes:
    """STACK_GLOBAL."""
    return text(module) + text(name) + b"\x93"


def tup(*items: bytes) -> bytes:
    """A tuple."""
    return MARK + b"".join(items) + TUPLE


def call(module: str, name: str, *arguments: bytes) -> bytes:
    """A global called with arguments."""
    return fetch(module, name) + tup(*arguments) + REDUCE


def pickle(*parts: bytes, proto: bytes = PROTO2) -> bytes:
    """A whole pickle."""
    return proto + b"".join(parts) + STOP


#: What an attacker wants: a shell command.
SHELL = call("posix", "system", text("id"))


def storage(key: str = "0", elements: int = 4, kind: str = "FloatStorage", view: bytes = b"") -> bytes:
    """A torch storage, by persistent id."""
    pid = tup(text("storage"), fetch("torch", kind), text(key), text("cpu"), number(elements), view)
    return pid + b"Q"


def tensor(key: str = "0", elements: int = 4, size: int | None = None, view: bytes = b"") -> bytes:
    """A one-dimensional tensor over a storage."""
    return call(
        "torch._utils",
        "_rebuild_tensor_v2",
        storage(key, elements, view=view),
        number(0),
        tup(number(elements if size is None else size)),
        tup(number(1)),
        FALSE,
        call("collections", "OrderedDict"),
    )


@dataclass
class Zip:
    """A zip file whose every part can be made to lie."""

    body: bytes = b""
    central: bytes = b""
    count: int = 0
    entries: list[int] = field(default_factory=list)

    def add(
        self,
        name: str | bytes,
        content: bytes,
        *,
        local_name: str | bytes | None = None,
        flags: int = 0,
        local_flags: int | None = None,
        deflate: bool = False,
        size: int | None = None,
        local_only: bool = False,
        mode: int = 0,
        descriptor: bool = False,
        extra: bytes = b"",
    ) -> Zip:
        """Add a member; keyword arguments make its two headers differ from each other or from the data."""
        raw = name.encode() if isinstance(name, str) else name
        inner = (
            raw
            if local_name is None
            else local_name
            if isinstance(local_name, bytes)
            else local_name.encode()
        )
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = packer.compress(content) + packer.flush() if deflate else content
        size = len(content) if size is None else size
        method = 8 if deflate else 0
        flags |= 8 if descriptor else 0
        offset = len(self.body)
        sizes = (0, 0) if descriptor else (len(packed), size)
        self.body += struct.pack(
            "<4s5H3L2H",
            b"PK\x03\x04",
            20,
            flags if local_flags is None else local_flags,
            method,
            0,
            0,
            0,
            *sizes,
            len(inner),
            len(extra),
        )
        self.body += inner + extra + packed
        if descriptor:
            self.body += struct.pack("<4s3L", b"PK\x07\x08", 0, len(packed), size)
        if not local_only:
            self.count += 1
            self.central += struct.pack(
                "<4s2B5H3L5H2L",
                b"PK\x01\x02",
                20,
                3,
                20,
                flags,
                method,
                0,
                0,
                0,
                len(packed),
                size,
                len(raw),
                0,
                0,
                0,
                0,
                mode << 16,
                offset,
            )
            self.central += raw
        return self

    def bytes(
        self, *, prefix: bytes = b"", suffix: bytes = b"", comment: bytes = b"", shift: int = 0
    ) -> bytes:
        """The file; `shift` moves all the offsets that the directory states."""
        end = struct.pack(
            "<4s4H2LH",
            b"PK\x05\x06",
            0,
            0,
            self.count,
            self.count,
            len(self.central),
            len(self.body) + shift,
            len(comment),
        )
        return prefix + self.body + self.central + end + comment + suffix


def checkpoint(*parts: bytes, storages: dict[str, bytes] | None = None) -> Zip:
    """A torch zip checkpoint with this pickle."""
    archive = Zip().add("archive/data.pkl", pickle(*parts)).add("archive/byteorder", b"little")
    for key, content in (storages or {}).items():
        archive.add(f"archive/data/{key}", content)
    return archive.add("archive/version", b"3\n")


def safetensors(header: Any, content: bytes = b"", *, pad: int = 0) -> bytes:
    """A safetensors file with any header."""
    encoded = header if isinstance(header, bytes) else json.dumps(header).encode()
    encoded += b" " * pad
    return struct.pack("<Q", len(encoded)) + encoded + content


def good_safetensors() -> bytes:
    """Two tensors that fill the data."""
    header = {
        "__metadata__": {"format": "pt"},
        "a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
        "b": {"dtype": "BF16", "shape": [3], "data_offsets": [16, 22]},
    }
    return safetensors(header, bytes(22))


def legacy(*parts: bytes, keys: tuple[str, ...] = (), storages: bytes = b"") -> bytes:
    """A torch checkpoint of before the zip format."""
    magic = pickle(b"\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19")
    version = pickle(b"M\xe9\x03")
    system = pickle(EMPTY_DICT)
    return (
        magic
        + version
        + system
        + pickle(*parts)
        + pickle(b"](" + b"".join(map(text, keys)) + b"e")
        + storages
    )


def run(stream: bytes) -> tuple[Stream, list[Event]]:
    """Run a pickle on the machine."""
    events: list[Event] = []
    return read_stream(BytesSource(stream), 0, events.append, Budget()), events
