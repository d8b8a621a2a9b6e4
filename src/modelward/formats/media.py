"""Pictures, sound, documents, tables, and models that are but numbers and words: data that no loader runs.

Their structure is followed as far as that is cheap, to find what has been put behind it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from modelward.core.errors import InputError
from modelward.formats.source import Source

MAX_CHUNKS = 1_000_000
#: The first line of word2vec's binary format: how many words, and how many numbers each has.
VECTORS = re.compile(rb"([1-9][0-9]{0,9}) ([1-9][0-9]{0,4})\n")
#: A word of it, with the blanks around it.
MAX_WORD_BYTES = 1000


@dataclass(frozen=True, slots=True)
class Media:
    """What it is (`PNG`), and where it ends."""

    kind: str
    end: int


def recognise(source: Source) -> Media | None:
    """What it is, or None; one that is cut short is still that. Raises InputError where it is broken."""
    head = source.read(0, 64)
    for magic, kind, find_end in _KINDS:
        if head.startswith(magic):
            return Media(kind, find_end(source))
    if head[4:8] == b"ftyp":
        return Media("MP4", source.size)
    if head[4:8] in (b"n+2\0", b"ni2\0") or source.read(344, 4) in (b"n+1\0", b"ni1\0"):
        return Media("NIfTI", source.size)
    if source.read(128, 4) == b"DICM":
        return Media("DICOM", source.size)
    if (header := VECTORS.match(head)) is not None and _are_vectors(source, header):
        return Media("word2vec", source.size)
    return None


def _are_vectors(source: Source, header: re.Match[bytes]) -> bool:
    """Whether words follow, each with as many numbers as the first line says."""
    count, width = int(header[1]), 4 * int(header[2])
    at = header.end()
    if not at + count * (width + 2) <= source.size <= at + count * (width + MAX_WORD_BYTES):
        return False
    for _ in range(min(count, 16)):
        word, blank, _numbers = source.read(at, MAX_WORD_BYTES).partition(b" ")
        at += len(word) + 1 + width
        if not blank or not word.strip() or b"\0" in word or at > source.size:
            return False
    return True


def _whole(source: Source) -> int:
    return source.size


def _closed_by(mark: bytes) -> Callable[[Source], int]:
    """The end of a file that ends with a mark."""

    def find(source: Source) -> int:
        if source.read(source.size - len(mark), len(mark)) != mark:
            raise InputError(f"it does not end with {mark.decode()}")
        return source.size

    return find


def _png(source: Source) -> int:
    at = 8
    for _ in range(MAX_CHUNKS):
        head = source.read(at, 8)
        if not head[4:].isalpha():
            break
        at += 12 + int.from_bytes(head[:4], "big")
        if head[4:] == b"IEND" or at >= source.size:
            return min(at, source.size)
    raise InputError("the picture is broken")


def _gif(source: Source) -> int:
    flags = int.from_bytes(source.read(10, 1), "little")
    at = 13 + _colours(flags)
    for _ in range(MAX_CHUNKS):
        kind = source.read(at, 1)
        if kind in (b";", b""):
            return min(at + 1, source.size)
        if kind == b"!":
            at = _gif_blocks(source, at + 2)
        elif kind == b",":
            flags = int.from_bytes(source.read(at + 9, 1), "little")
            at = _gif_blocks(source, at + 11 + _colours(flags))
        else:
            break
    raise InputError("the picture is broken")


def _colours(flags: int) -> int:
    """The bytes of a table of colours."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _gif_blocks(source: Source, at: int) -> int:
    for _ in range(MAX_CHUNKS):
        length = source.read(at, 1) or b"\0"
        at += 1 + length[0]
        if not length[0]:
            break
    return at


_KINDS: tuple[tuple[bytes, str, Callable[[Source], int]], ...] = (
    (b"\x89PNG\r\n\x1a\n", "PNG", _png),
    (b"\xff\xd8\xff", "JPEG", _whole),
    (b"GIF87a", "GIF", _gif),
    (b"GIF89a", "GIF", _gif),
    (b"RIFF", "RIFF", _whole),
    (b"RIFX", "RIFF", _whole),
    (b"RF64", "RIFF", _whole),
    (b"TZif", "time zone", _whole),
    (b"lCRF", "CRFsuite", _whole),
    (b"\xba\x16\x4f\x2f", "fastText", _whole),
    (b"mmap lm http://kheafield.com/code", "KenLM", _whole),
    (b"We love Marisa.", "MARISA trie", _whole),
    (b"\xd6\xfd\xb2\x7e", "OpenFst", _whole),
    (b"MATLAB 5.0 MAT-file", "MATLAB", _whole),
    (b"CDF\x01", "NetCDF", _whole),
    (b"CDF\x02", "NetCDF", _whole),
    (b"lmgg", "GGML", _whole),
    (b"tjgg", "GGML", _whole),
    (b"fmgg", "GGML", _whole),
    (b"SIMPLE  =", "FITS", _whole),
    (b"TRACK\0", "TrackVis", _whole),
    (b"SR\0\x04", "IDL", _whole),
    (b"SR\0\x06", "IDL", _whole),
    (b"MThd", "MIDI", _whole),
    (b"glTF", "glTF", _whole),
    (b"FEA1", "Feather", _closed_by(b"FEA1")),
    (b"$FL2", "SPSS", _whole),
    (b"%PDF-", "PDF", _whole),
    (b"PAR1", "Parquet", _closed_by(b"PAR1")),
    (b"ARROW1", "Arrow", _closed_by(b"ARROW1")),
    (b"Obj\x01", "Avro", _whole),
    (b"ORC", "ORC", _whole),
    (b"SQLite format 3\0", "SQLite", _whole),
    (b"OggS", "Ogg", _whole),
    (b"fLaC", "FLAC", _whole),
    (b"ID3", "MP3", _whole),
    (b"II*\0", "TIFF", _whole),
    (b"MM\0*", "TIFF", _whole),
    (b"OTTO", "font", _whole),
    (b"wOFF", "font", _whole),
    (b"wOF2", "font", _whole),
    (b"\x1aE\xdf\xa3", "Matroska", _whole),
)
