"""Where pictures, sound and tables end, by the lengths that are written in them.

Each function takes a file of its kind and returns the offset of its end, which may lie past that of a file
that is cut short; None where its lengths do not tell. Raises InputError where the structure is broken.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Iterator

from modelward.core.errors import InputError, LimitExceeded
from modelward.core.regex import regex
from modelward.formats.source import CHUNK_BYTES, Source
from modelward.formats.window import Window

MAX_PARTS = 4_000_000
_UNKNOWN = 0xFFFFFFFF
_NAME = regex(rb"[A-Za-z0-9 _\xa9-]{4}")
#: The boxes of MP4 that stand at the top. Nearly any bytes look like the name of one.
_BOXES = frozenset(
    b"ftyp styp etyp moov moof mdat imda free skip wide junk uuid sidx ssix meta mfra pdin prft emsg pnot "
    b"udta jumb mpvd sefd thum frea cust".split()
)
#: A marker of JPEG amid its picture: no stuffed zero, no restart, no filling.
_MARKER = regex(rb"\xff[^\x00\xff\xd0-\xd7]")
#: What follows the end of a PDF that was added to: an object, a table, a comment.
_MORE_PDF = regex(rb"[\x00\t\n\f\r ]*(?:\d+ \d+ obj|xref|%[ -~]|trailer|startxref)")

Step = Callable[[Source, int], int | None]


def walk(source: Source, at: int, step: Step) -> int:
    """Go from part to part. `step` tells where the one at an offset ends; None: none begins there."""
    for _ in range(MAX_PARTS):
        if at >= source.size:
            return at
        after = step(source, at)
        if after is None or after <= at:
            return at
        at = after
    raise LimitExceeded(f"it has over {MAX_PARTS} parts")


def big(source: Source, at: int, width: int = 4) -> int:
    """A number, its greatest byte first."""
    return int.from_bytes(source.read(at, width), "big")


def little(source: Source, at: int, width: int = 4) -> int:
    """A number, its smallest byte first."""
    return int.from_bytes(source.read(at, width), "little")


def length_at(offset: int, *, order: str = "little") -> Callable[[Source], int]:
    """The end of a file whose length stands at an offset in it."""
    return lambda source: (little if order == "little" else big)(source, offset)


def closed_by(mark: bytes, before: int = 0) -> Callable[[Source], int]:
    """The end of a file that ends with a mark, and `before` bytes more."""

    def find(source: Source) -> int:
        if source.read(source.size - len(mark) - before, len(mark)) != mark:
            raise InputError(f"it does not end with {mark.decode()}")
        return source.size

    return find


def jpeg(source: Source) -> int:
    """ITU T.81, annex B: segments with lengths, and after a scan's header whatever is no marker."""
    at = 2
    for _ in range(MAX_PARTS):
        head = source.read(at, 4)
        if len(head) < 4 and head != b"\xff\xd9":
            return source.size
        if head[0] != 0xFF:
            break
        if head[1] == 0xD9:
            return at + 2
        if head[1] in (0xFF, 0x01) or 0xD0 <= head[1] <= 0xD7:
            at += 1 if head[1] == 0xFF else 2
            continue
        length = int.from_bytes(head[2:], "big")
        if length < 2:
            break
        at += 2 + length
        if head[1] == 0xDA:
            at = _next_marker(source, at)
    raise InputError("the picture is broken")


def _next_marker(source: Source, at: int) -> int:
    while at < source.size:
        chunk = source.read(at, CHUNK_BYTES)
        if found := _MARKER.search(chunk):
            return at + found.start()
        at += max(1, len(chunk) - 1)
    return source.size


def riff(source: Source) -> int:
    """WAV, AVI, WebP: one list of chunks, or several in a row, as large films have."""
    return walk(source, 0, _riff)


def _riff(source: Source, at: int) -> int | None:
    kind = source.read(at, 4)
    if kind not in (b"RIFF", b"RIFX", b"RF64"):
        return None
    number = big if kind == b"RIFX" else little
    length = number(source, at + 4)
    if kind == b"RF64":
        length = little(source, at + 20, 8)
    # What is written as it comes has no length, or that of nothing.
    end = source.size if length in (0, _UNKNOWN) else at + 8 + length
    return walk(source, at + 12, lambda source, at: _riff_chunk(source, at, end, number))


def _riff_chunk(source: Source, at: int, end: int, number: Callable[[Source, int], int]) -> int | None:
    """Writers err in the length of the whole, and readers go by that of the chunk."""
    name = source.read(at, 4)
    if at >= end or not _NAME.fullmatch(name):
        return source.size if at < end and source.size - at < 4 else None
    length = number(source, at + 4)
    return max(end, at + 8) if length == _UNKNOWN else at + 8 + length + (length & 1)


def mp4(source: Source) -> int:
    """ISO/IEC 14496-12: boxes."""
    return walk(source, 0, _box)


def _box(source: Source, at: int) -> int | None:
    head = source.read(at, 16)
    if head[4:8] not in _BOXES:
        return None
    length = int.from_bytes(head[:4], "big")
    if length == 1:
        length = int.from_bytes(head[8:], "big")
    return source.size if length == 0 else at + length


def midi(source: Source) -> int:
    """Chunks."""
    return walk(
        source,
        0,
        lambda source, at: (
            at + 8 + big(source, at + 4) if source.read(at, 4) in (b"MThd", b"MTrk", b"XFIH") else None
        ),
    )


def ogg(source: Source) -> int:
    """RFC 3533: pages."""

    def page(source: Source, at: int) -> int | None:
        head = source.read(at, 27 + 255)
        if not head.startswith(b"OggS") or len(head) < 27:
            return None
        return at + 27 + head[26] + sum(head[27 : 27 + head[26]])

    return walk(source, 0, page)


def matroska(source: Source) -> int:
    """RFC 8794: the elements that stand at the top."""

    def element(source: Source, at: int) -> int | None:
        kind = next(
            (
                kind
                for kind in (b"\x1aE\xdf\xa3", b"\x18S\x80g", b"\xec", b"\xbf")
                if source.read(at, len(kind)) == kind
            ),
            None,
        )
        if kind is None:
            return None
        at += len(kind)
        width = 9 - (source.read(at, 1) or b"\0")[0].bit_length()
        length = big(source, at, width) & (1 << 7 * width) - 1
        return source.size if length == (1 << 7 * width) - 1 else at + width + length

    return walk(source, 0, element)


def font(source: Source) -> int:
    """OpenType: the end of the last table."""
    tables = source.read(12, 16 * big(source, 4, 2))
    ends = [offset + length for offset, length in struct.iter_unpack(">8xII", tables[: len(tables) & ~15])]
    return max(ends, default=12) + 3 & ~3


def sqlite(source: Source) -> int | None:
    """https://sqlite.org/fileformat.html: pages, if their number is up to date."""
    if big(source, 24) != big(source, 92) or not big(source, 28):
        return None
    size = big(source, 16, 2)
    return (1 << 16 if size == 1 else size) * big(source, 28)


def pdf(source: Source) -> int:
    """After the last `%%EOF`; what was added since begins with an object."""
    at, end = 0, 0
    while at < source.size:
        chunk = source.read(at, CHUNK_BYTES)
        for found in re.finditer(rb"%%EOF", chunk):
            after = source.read(at + found.end(), 64)
            end = at + found.end() + len(after) - len(after.lstrip(b"\0\t\n\f\r "))
            if end < source.size and not _MORE_PDF.match(after):
                return end
        at += max(1, len(chunk) - 4) if len(chunk) == CHUNK_BYTES else len(chunk)
    if not end:
        raise InputError("it does not end with %%EOF")
    return source.size


def fits(source: Source) -> int:
    """FITS 4.0: units of a header and data, in blocks of 2880 bytes."""
    return walk(source, 0, _fits_unit)


def _fits_unit(source: Source, at: int) -> int | None:
    if not re.match(rb"SIMPLE  =|XTENSION=", source.read(at, 9)):
        return None
    keys: dict[bytes, int] = {}
    for card in _cards(source, at):
        at += 80
        if card[:8].rstrip() == b"END":
            break
        if found := re.match(rb"(BITPIX|NAXIS\d*|PCOUNT|GCOUNT|GROUPS) *= *(-?\d{1,18}|T)", card):
            keys[found[1]] = 1 if found[2] == b"T" else int(found[2])
    axes = [keys.get(b"NAXIS%d" % (number + 1), 0) for number in range(min(keys.get(b"NAXIS", 0), 999))]
    if axes and not axes[0] and keys.get(b"GROUPS"):
        axes = axes[1:]
    count = math.prod(axes) + keys.get(b"PCOUNT", 0) if axes else 0
    data = abs(keys.get(b"BITPIX", 8)) // 8 * keys.get(b"GCOUNT", 1) * max(0, count)
    return sum(-(-part // 2880) * 2880 for part in (at, data))


def _cards(source: Source, at: int) -> Iterator[bytes]:
    for _ in range(MAX_PARTS // 36):
        block = source.read(at, 2880)
        yield from (block[begin : begin + 80] for begin in range(0, len(block), 80))
        at += 2880
        if len(block) < 2880:
            return


def matlab(source: Source) -> int:
    """MAT-File Level 5: elements, each with its kind and length."""
    order = "little" if source.read(126, 2) == b"IM" else "big"

    def element(source: Source, at: int) -> int | None:
        head = source.read(at, 8)
        kind, length = (int.from_bytes(head[begin : begin + 4], order) for begin in (0, 4))  # type: ignore[arg-type]
        if len(head) < 8 or kind not in (14, 15):
            return None
        return at + 8 + (length if kind == 15 else -(-length // 8) * 8)

    return walk(source, 128, element)


def idl(source: Source) -> int:
    """IDL's SAVE files: records that say where the next is."""

    def record(source: Source, at: int) -> int | None:
        kind, low, high = big(source, at), big(source, at + 4), big(source, at + 8)
        if kind == 6:
            return None
        return low | high << 32

    return walk(source, 4, record) + 16


def track_vis(source: Source) -> int:
    """A header of 1000 bytes, then for each track the number of its points, and numbers for each."""
    order = "<" if little(source, 996) == 1000 else ">"
    (scalars,) = struct.unpack(order + "H", source.read(36, 2).ljust(2, b"\0"))
    (properties,) = struct.unpack(order + "H", source.read(238, 2).ljust(2, b"\0"))
    (count,) = struct.unpack(order + "I", source.read(988, 4).ljust(4, b"\0"))
    if not count:
        return source.size  # it was not counted
    number = little if order == "<" else big
    at = 1000
    for _ in range(min(count, MAX_PARTS)):
        if at >= source.size:
            break
        at += 4 + 4 * (number(source, at) * (3 + scalars) + properties)
    return at


def nifti(source: Source) -> int:
    """NIfTI 1 and 2, or a header alone, whose picture is another file."""
    second = little(source, 0) == 540 or big(source, 0) == 540
    order = "<" if little(source, 0) in (348, 540) else ">"
    if second:
        shape = struct.unpack(order + "8q", source.read(16, 64).ljust(64, b"\0"))
        (bits,) = struct.unpack(order + "h", source.read(14, 2).ljust(2, b"\0"))
        (offset,) = struct.unpack(order + "q", source.read(168, 8).ljust(8, b"\0"))
    else:
        shape = struct.unpack(order + "8h", source.read(40, 16).ljust(16, b"\0"))
        (bits,) = struct.unpack(order + "h", source.read(72, 2).ljust(2, b"\0"))
        (number,) = struct.unpack(order + "f", source.read(108, 4).ljust(4, b"\0"))
        offset = int(number) if math.isfinite(number) else 0
    if source.read(4 if second else 344, 2) == b"ni":
        return source.size if source.size <= 1 << 12 else max(offset, 352)
    numbers: int = math.prod(max(1, size) for size in shape[1 : 1 + max(0, min(7, shape[0]))])
    return max(544 if second else 352, int(offset) + numbers * int(bits) // 8)


def time_zone(source: Source) -> int:
    """RFC 8536: a header and data, from version 2 on twice, with a line of text at the end."""
    second = source.read(4, 1) >= b"2"
    at = _zone_end(source, 0, 4)
    if not second:
        return at
    window = Window(source, _zone_end(source, at, 8))
    window.take(1)
    while window.take(1) != b"\n":
        pass
    return window.at


def _zone_end(source: Source, at: int, width: int) -> int:
    utc, standard, leaps, times, kinds, letters = (big(source, at + 20 + 4 * field) for field in range(6))
    return at + 44 + times * (width + 1) + kinds * 6 + letters + leaps * (width + 4) + standard + utc


def avro(source: Source) -> int:
    """Avro 1.11: what it says of itself, then blocks, each with its mark."""
    window = Window(source, 4)
    while count := _varint(window):
        if count < 0:
            count = -count
            _varint(window)
        for _ in range(2 * min(count, MAX_PARTS)):
            window.skip(_varint(window))
    mark = window.take(16)
    end = window.at
    for _ in range(MAX_PARTS):
        if not window.left:
            break
        try:
            _varint(window)
            window.skip(_varint(window))
            if window.take(16) != mark:
                break
        except InputError:
            break
        end = window.at
    return end


def _varint(window: Window) -> int:
    value = shift = 0
    while shift < 70:
        byte = window.take(1)[0]
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value >> 1 ^ -(value & 1)
    raise InputError("a number in it has no end")
