"""What a file may be taken for, from its bytes, whatever it is called.

Several answers are usual in an attack: each reading that some loader could choose is named, and all are read.
A test here is cheap and generous; the format's own reader says whether the bytes really are of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum

from msgspec import Struct

from modelward.formats import torch7
from modelward.formats.media import TRUE_TYPE, VECTORS
from modelward.formats.pickle.constants import READERS
from modelward.formats.pickle.instructions import INSTRUCTIONS
from modelward.formats.safetensors import MAX_HEADER_BYTES
from modelward.formats.source import Source

END_RECORD = b"PK\x05\x06"
LOCAL_HEADER = b"PK\x03\x04"
#: What a table of LevelDB's form ends with.
TABLE_END = b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"
HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
#: How far from the end readers look for a zip's end record: the record and the longest comment.
TAIL_BYTES = 22 + 0xFFFF
#: Bytes at the beginning that a test is given.
HEAD_BYTES = 1024


class Format(Enum):
    """A reading that exists here; the value is its name in reports, the member that of its reader."""

    ZIP = "zip"
    TAR = "tar"
    SEVENZIP = "7-zip"
    COMPRESSED = "compressed"
    SAFETENSORS = "safetensors"
    NPY = "npy"
    HDF5 = "HDF5"
    GGUF = "GGUF"
    FLATBUFFER = "flatbuffer"
    PROTOBUF = "protobuf"
    TENSORS = "tensors"
    TENSORRT = "TensorRT"
    MSGPACK = "msgpack"
    UBJSON = "UBJSON"
    XGBOOST = "XGBoost"
    LIGHTGBM = "LightGBM"
    CATBOOST = "CatBoost"
    RDS = "R data"
    MXNET = "MXNet"
    TORCH7 = "Torch 7"
    EXECUTABLE = "executable"
    MEDIA = "media"
    XML = "XML"
    PICKLE = "pickle"
    TEXT = "text"


class Polyglot(Struct, frozen=True):
    """One file that is several formats at once."""

    formats: tuple[str, ...]


Test = Callable[[bytes, Source], bool]


def _begins(*beginnings: bytes) -> Test:
    return lambda head, _source: head.startswith(beginnings)


def _at(offset: int, *magics: bytes) -> Test:
    return lambda head, _source: head.startswith(magics, offset)


def _zip(head: bytes, source: Source) -> bool:
    if head.startswith(LOCAL_HEADER):
        return True
    return END_RECORD in source.read(max(0, source.size - TAIL_BYTES), TAIL_BYTES)


def _tar(head: bytes, _source: Source) -> bool:
    """The magic of POSIX and GNU, or a header block of the old kind whose checksum is right."""
    block = head[:512]
    if len(block) < 512 or not block[0]:
        return False
    if block[257:262] == b"ustar":
        return True
    stored = block[148:156].strip(b" \0")
    if not stored or re.fullmatch(rb"[0-7]{1,7}", stored) is None:
        return False
    return int(stored, 8) == sum(block) - sum(block[148:156]) + 8 * 32


_COMPRESSED = (
    b"\x1f\x8b", b"\xfd7zXZ\x00", b"BZh", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"\x02\x21\x4c\x18",
    b"\x5d\0", b"ZF0x",
)  # fmt: skip


def _compressed(head: bytes, _source: Source) -> bool:
    """The magics, frames of zstd and lz4 that may be skipped, LZMA alone, zlib."""
    if head.startswith(_COMPRESSED) or head[1:4] == b"\x2a\x4d\x18":
        return True
    if len(head) > 13 and 0 < head[0] < 225 and not head[1] and not head[13]:
        return True
    return len(head) > 2 and head[0] & 0x8F == 0x08 and not (head[0] << 8 | head[1]) % 31


def looks_like_safetensors(head: bytes, size: int) -> bool:
    """Whether a length of a JSON header stands at the beginning."""
    return (
        len(head) > 8
        and head[8:9] == b"{"
        and int.from_bytes(head[:8], "little") <= min(size, MAX_HEADER_BYTES)
    )


def _hdf5(head: bytes, source: Source) -> bool:
    """The signature at the beginning, or after a user block of 512 bytes times a power of two."""
    if head.startswith(HDF5_SIGNATURE):
        return True
    at = 512
    while at < source.size:
        if source.read(at, len(HDF5_SIGNATURE)) == HDF5_SIGNATURE:
            return True
        at *= 2
    return False


_EXECUTABLE = (
    b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xfe\xed\xfa", b"\xca\xfe\xba", b"\0asm",
    b"jartsr='", b"!<arch>\n", b"BC\xc0\xde", b"dex\n", b"\x50\xed\x55\xba",
)  # fmt: skip
_MEDIA = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"RIFF", b"RIFX", b"RF64", b"TZif", b"PAR1", b"ARROW1",
    b"Obj\x01", b"ORC", b"SQLite format 3\0", b"OggS", b"fLaC", b"ID3", b"II*\0", b"MM\0*", b"OTTO", b"wOFF",
    b"wOF2", b"\x1aE\xdf\xa3", b"lCRF", b"\xba\x16\x4f\x2f", b"mmap lm ", b"We love Marisa.",
    b"\xd6\xfd\xb2\x7e", b"MATLAB 5.0 MAT-file", b"CDF\x01", b"CDF\x02", b"lmgg", b"tjgg", b"fmgg",
    b"SIMPLE  =", b"TRACK\0", b"SR\0\x04", b"SR\0\x06", b"MThd", b"glTF", b"FEA1", b"$FL2", TRUE_TYPE,
)  # fmt: skip


def _executable(head: bytes, _source: Source) -> bool:
    """The magics of native programs, and compiled Python, whose versions differ in the first two bytes."""
    return head.startswith(_EXECUTABLE) or head[2:4] == b"\r\n"


def _media(head: bytes, _source: Source) -> bool:
    if head.startswith(_MEDIA) or head[4:8] in (b"ftyp", b"n+2\0", b"ni2\0") or head[128:132] == b"DICM":
        return True
    return head[344:348] in (b"n+1\0", b"ni1\0") or VECTORS.match(head) is not None


def _protobuf(head: bytes, _source: Source) -> bool:
    """A tag of a number or of bytes. Unknown fields are passed over, so a message may begin with any."""
    if len(head) < 3:
        return False
    return head[0] & 7 in (0, 1, 2, 5) and (head[0] >= 8 if head[0] < 0x80 else head[1] != 0)


def _tensors(head: bytes, source: Source) -> bool:
    """A table's end, or the numbers that other files of tensors begin with (see the reader)."""
    if head[64:68] == b"\xef\xbe\xad\xde" or head[5:8] == b"\0\0\0":
        return True
    return head[:1] == b"\0" and source.read(max(0, source.size - 8), 8) == TABLE_END


def _msgpack(head: bytes, _source: Source) -> bool:
    """A map or an array, which is what is saved in it."""
    return bool(head) and (0x80 <= head[0] <= 0x9F or 0xDC <= head[0] <= 0xDF)


def _pickle(head: bytes, _source: Source) -> bool:
    return bool(head) and (head[0] in READERS or head[0] in INSTRUCTIONS)


def _text(head: bytes, _source: Source) -> bool:
    return bool(head) and (b"\0" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")))


def _xml(head: bytes, _source: Source) -> bool:
    """A `<` after nothing but blanks, of which there may be more than are looked at."""
    rest = head.replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").lstrip(b"\xff\xfe \t\r\n")
    return rest.startswith(b"<") or (len(head) == HEAD_BYTES and not rest and bool(head.strip(b"\0")))


#: A test for each format. A pickle may begin with nearly any byte, so it is nearly always one to try.
_TESTS: dict[Format, Test] = {
    Format.ZIP: _zip,
    Format.TAR: _tar,
    Format.SEVENZIP: _begins(b"7z\xbc\xaf\x27\x1c"),
    Format.COMPRESSED: _compressed,
    Format.SAFETENSORS: lambda head, source: looks_like_safetensors(head, source.size),
    Format.NPY: _begins(b"\x93NUMPY"),
    Format.HDF5: _hdf5,
    Format.GGUF: _begins(b"GGUF", b"FUGG"),
    Format.FLATBUFFER: _at(4, b"TFL3", b"ET12", b"ORTM", b"FT01", b"PTMF"),
    Format.PROTOBUF: _protobuf,
    Format.TENSORS: _tensors,
    Format.TENSORRT: _begins(b"ftrt", b"ptrt", b"trtf"),
    Format.MSGPACK: _msgpack,
    Format.UBJSON: _begins(b"{L", b"{l", b"{i", b"{U", b"{I"),
    Format.XGBOOST: _begins(b"binf"),
    Format.LIGHTGBM: _begins(b"tree\n", b"tree\r\n"),
    Format.CATBOOST: _begins(b"CBM1"),
    Format.RDS: _begins(b"X\n", b"A\n", b"B\n", b"RDX", b"RDA", b"RDB"),
    Format.MXNET: _begins(b"\x12\x01\0\0\0\0\0\0"),
    Format.TORCH7: lambda head, _source: torch7.looks_like(head),
    Format.EXECUTABLE: _executable,
    Format.MEDIA: _media,
    Format.XML: _xml,
    Format.PICKLE: _pickle,
    Format.TEXT: _text,
}  # fmt: skip


def candidates(source: Source) -> list[Format]:
    """Every reading worth trying."""
    head = source.read(0, HEAD_BYTES)
    return [form for form, test in _TESTS.items() if test(head, source)]


def describe(source: Source) -> str:
    """What an unread file seems to be, for people: `unknown format, starts 1f 9d 90`."""
    return f"unknown format, starts {source.read(0, 3).hex(' ')}"
