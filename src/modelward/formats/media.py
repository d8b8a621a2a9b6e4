"""Pictures, sound, documents, tables, and models that are but numbers and words: data that no loader runs.

Their lengths are followed to where they end, so that what has been put behind them is found. Where no length
says it (FLAC, MP3, DICOM, some models), the end is open, and the whole is to be searched. Parquet, Arrow,
Feather and ORC are read from their end, so that they must end as they do.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct

from modelward.core.errors import InputError
from modelward.core.regex import regex
from modelward.formats import media_ends as ends
from modelward.formats import netcdf, tiff
from modelward.formats.source import Source

#: No file of any kind that says its length is shorter.
MIN_BYTES = 8
MAX_CHUNKS = 1_000_000
#: The first line of word2vec's binary format: how many words, and how many numbers each has.
VECTORS = regex(rb"([1-9][0-9]{0,9}) ([1-9][0-9]{0,4})\n")
#: What TrueType fonts begin with: its version, and the number of its tables, whose names follow.
TRUE_TYPE = b"\0\x01\0\0\0"
#: A word of it, with the blanks around it.
MAX_WORD_BYTES = 1000


FindEnd = Callable[[Source], int | None]


class Media(Struct, frozen=True):
    """What it is (`PNG`), and where it ends, if that can be told."""

    kind: str
    end: int | None


def recognise(source: Source) -> Media | None:
    """What it is, or None; one that is cut short is still that. Raises InputError where it is broken."""
    head = source.read(0, 64)
    find_end = next((find for magic, _, find in _KINDS if head.startswith(magic)), None)
    kind = next((kind for magic, kind, _ in _KINDS if head.startswith(magic)), "")
    if not kind:
        kind, find_end = _marked_within(source, head)
    if kind:
        end = find_end(source) if find_end is not None else None
        if end is not None and end < min(MIN_BYTES, source.size):
            raise InputError("the length that it says it has is wrong")
        return Media(kind, None if end is None else min(end, source.size))
    if (header := VECTORS.match(head)) is not None and _are_vectors(source, header):
        return Media("word2vec", _vectors_end(source, header))
    return None


def _marked_within(source: Source, head: bytes) -> tuple[str, FindEnd | None]:
    """Kinds whose mark is not at the beginning."""
    if head[4:8] == b"ftyp":
        return "MP4", ends.mp4
    if head.startswith(TRUE_TYPE) and re.fullmatch(rb"[ -~]{4}", head[12:16]):
        return "font", ends.font
    if head[4:8] in (b"n+2\0", b"ni2\0") or source.read(344, 4) in (b"n+1\0", b"ni1\0"):
        return "NIfTI", ends.nifti
    return ("DICOM", None) if source.read(128, 4) == b"DICM" else ("", None)


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


def _vectors_end(source: Source, header: re.Match[bytes]) -> int:
    """Where the last word's numbers end, and the line, if it has one."""
    at, width = header.end(), 4 * int(header[2])
    for _ in range(int(header[1])):
        blank = source.read(at, MAX_WORD_BYTES).find(b" ")
        if blank < 0:
            break
        at += blank + 1 + width
    return at + (source.read(at, 1) == b"\n")


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


#: None: no length says where it ends.
_KINDS: tuple[tuple[bytes, str, FindEnd | None], ...] = (
    (b"\x89PNG\r\n\x1a\n", "PNG", _png),
    (b"\xff\xd8\xff", "JPEG", ends.jpeg),
    (b"GIF87a", "GIF", _gif),
    (b"GIF89a", "GIF", _gif),
    (b"RIFF", "RIFF", ends.riff),
    (b"RIFX", "RIFF", ends.riff),
    (b"RF64", "RIFF", ends.riff),
    (b"TZif", "time zone", ends.time_zone),
    (b"lCRF", "CRFsuite", ends.length_at(4)),
    (b"\xba\x16\x4f\x2f", "fastText", None),
    (b"mmap lm http://kheafield.com/code", "KenLM", None),
    (b"We love Marisa.", "MARISA trie", None),
    (b"\xd6\xfd\xb2\x7e", "OpenFst", None),
    (b"MATLAB 5.0 MAT-file", "MATLAB", ends.matlab),
    (b"CDF\x01", "NetCDF", netcdf.end),
    (b"CDF\x02", "NetCDF", netcdf.end),
    (b"lmgg", "GGML", None),
    (b"tjgg", "GGML", None),
    (b"fmgg", "GGML", None),
    (b"SIMPLE  =", "FITS", ends.fits),
    (b"TRACK\0", "TrackVis", ends.track_vis),
    (b"SR\0\x04", "IDL", ends.idl),
    (b"SR\0\x06", "IDL", ends.idl),
    (b"MThd", "MIDI", ends.midi),
    (b"glTF", "glTF", ends.length_at(8)),
    (b"FEA1", "Feather", ends.closed_by(b"FEA1")),
    (b"$FL2", "SPSS", None),
    (b"%PDF-", "PDF", ends.pdf),
    (b"PAR1", "Parquet", ends.closed_by(b"PAR1")),
    (b"ARROW1", "Arrow", ends.closed_by(b"ARROW1")),
    (b"Obj\x01", "Avro", ends.avro),
    (b"ORC", "ORC", ends.closed_by(b"ORC", before=1)),
    (b"SQLite format 3\0", "SQLite", ends.sqlite),
    (b"OggS", "Ogg", ends.ogg),
    (b"fLaC", "FLAC", None),
    *((b"ID3" + version, "MP3", None) for version in (b"\2", b"\3", b"\4")),
    (b"II*\0", "TIFF", tiff.end),
    (b"MM\0*", "TIFF", tiff.end),
    (b"OTTO", "font", ends.font),
    (b"wOFF", "font", ends.length_at(8, order="big")),
    (b"wOF2", "font", ends.length_at(8, order="big")),
    (b"\x1aE\xdf\xa3", "Matroska", ends.matroska),
)
