"""What a file may be taken for, from its bytes, whatever it is called.

Several answers are usual in an attack: each reading that some loader could choose is named, and all are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from modelward.formats.pickle.constants import READERS
from modelward.formats.pickle.instructions import INSTRUCTIONS
from modelward.formats.safetensors import MAX_HEADER_BYTES
from modelward.formats.source import Source

END_RECORD = b"PK\x05\x06"
LOCAL_HEADER = b"PK\x03\x04"
#: How far from the end readers look for a zip's end record: the record and the longest comment.
TAIL_BYTES = 22 + 0xFFFF

#: (offset, bytes, name) of formats that are recognised and not read.
_MAGIC = (
    (0, b"\x1f\x8b", "gzip"), (0, b"\xfd7zXZ\x00", "xz"), (0, b"BZh", "bzip2"),
    (0, b"\x28\xb5\x2f\xfd", "zstandard"),
    (0, b"\x04\x22\x4d\x18", "lz4"), (0, b"7z\xbc\xaf\x27\x1c", "7-zip"), (0, b"Rar!\x1a\x07", "rar"),
    (257, b"ustar", "tar"), (0, b"\x93NUMPY", "npy"), (0, b"\x89HDF\r\n\x1a\n", "HDF5"), (0, b"GGUF", "GGUF"),
    (4, b"TFL3", "TFLite"), (0, b"PAR1", "Parquet"), (0, b"ARROW1", "Arrow"), (0, b"\x7fELF", "ELF program"),
    (0, b"MZ", "Windows program"), (0, b"\xcf\xfa\xed\xfe", "macOS program"), (0, b"\x89PNG", "PNG"),
    (0, b"\xff\xd8\xff", "JPEG"), (0, b"GIF8", "GIF"), (0, b"%PDF", "PDF"), (0, b"RIFF", "RIFF"),
    (0, b"SQLite format 3\x00", "SQLite"),
)  # fmt: skip


class Format(Enum):
    """A reading that exists here; the value is its name in reports."""

    ZIP = "zip"
    SAFETENSORS = "safetensors"
    PICKLE = "pickle"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Polyglot:
    """One file that is several formats at once."""

    formats: tuple[str, ...]


def candidates(source: Source) -> list[Format]:
    """Every reading worth trying. A pickle may begin with nearly any byte, so it is nearly always one."""
    head = source.read(0, 16)
    found = []
    if head.startswith(LOCAL_HEADER) or END_RECORD in source.read(
        max(0, source.size - TAIL_BYTES), TAIL_BYTES
    ):
        found.append(Format.ZIP)
    if looks_like_safetensors(head, source.size):
        found.append(Format.SAFETENSORS)
    if head and (head[0] in READERS or head[0] in INSTRUCTIONS):
        found.append(Format.PICKLE)
    if head and b"\0" not in source.read(0, 4096):
        found.append(Format.TEXT)
    return found


def looks_like_safetensors(head: bytes, size: int) -> bool:
    """Whether a length of a JSON header stands at the beginning."""
    return (
        len(head) > 8
        and head[8:9] == b"{"
        and int.from_bytes(head[:8], "little") <= min(size, MAX_HEADER_BYTES)
    )


def describe(source: Source) -> str:
    """What an unread file seems to be, for people: `gzip` or `unknown format, starts 1f 9d 90`."""
    head = source.read(0, 300)
    for offset, magic, name in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return f"{name}, which this version does not read"
    return f"unknown format, starts {head[:3].hex(' ')}"
