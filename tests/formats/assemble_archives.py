"""Archives and other containers put together byte by byte."""

from __future__ import annotations

import io
import struct
import tarfile
import zlib
from collections.abc import Mapping

import py7zr

Links = tuple[tuple[str, bytes, str], ...]


def tar(members: Mapping[str, bytes], *, form: int = tarfile.PAX_FORMAT, links: Links = ()) -> bytes:
    """A tar archive; links are (name, type, target), other kinds than links among them."""
    space = io.BytesIO()
    with tarfile.open(fileobj=space, mode="w", format=form) as archive:
        for name, content in members.items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))
        for name, kind, target in links:
            header = tarfile.TarInfo(name)
            header.type, header.linkname = kind, target
            archive.addfile(header)
    return space.getvalue()


def seven(members: Mapping[str, bytes], filters: list[dict[str, int]] | None = None) -> bytes:
    """A 7-Zip archive by py7zr, in one folder."""
    space = io.BytesIO()
    with py7zr.SevenZipFile(space, "w", filters=filters) as archive:
        for name, content in members.items():
            archive.writestr(content, name)
    return space.getvalue()


def seven_with_header(header: bytes, packed: bytes = b"") -> bytes:
    """A 7-Zip archive of any header."""
    start = struct.pack("<QQL", len(packed), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\x04" + struct.pack("<L", zlib.crc32(start)) + start + packed + header


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png() -> bytes:
    """A picture of one dot."""
    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(4))) + chunk(b"IEND")
    )


def npy(header: str, content: bytes = b"", version: int = 1) -> bytes:
    """An array file of any header."""
    length = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + length + header.encode("latin-1") + content


def floats(count: int, content: bytes) -> bytes:
    """An array file of floats, whatever the content."""
    return npy(f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({count},)}}", content)
