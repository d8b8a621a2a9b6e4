"""Tar archives (POSIX ustar and pax, GNU), read block by block and never unpacked.

Readers differ in what they make of zeros amid the headers, of two members of one name and of fields that
contradict each other: every header is taken, and what is odd is noted.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from modelward.core.errors import InputError
from modelward.formats.budget import Budget
from modelward.formats.facts import PathEscape
from modelward.formats.members import Links, Oddity, escapes
from modelward.formats.source import Slice, Source

BLOCK = 512
MAX_EXTENSION_BYTES = 1 << 20  # of one long name or one pax header

_FILES = b"0\0" + b"7"
_HARD, _SYMBOLIC, _FOLDER, _SPARSE = b"1", b"2", b"5", b"S"
_DEVICES = {b"3": "a character device", b"4": "a block device", b"6": "a pipe"}
_LONG_NAME, _LONG_TARGET, _PAX, _PAX_ALL = b"L", b"K", b"x", b"g"


class Member(Struct, frozen=True):
    """A regular file in the archive. `trouble` says why it cannot be read (whole)."""

    name: str
    at: int
    start: int
    size: int
    trouble: str = ""


class Archive(Struct):
    """All that was found. `end` is where the archive ends, `trouble` why it was not read to there."""

    source: Source
    members: list[Member] = field(default_factory=list)
    oddities: list[Oddity] = field(default_factory=list)
    escapes: list[PathEscape] = field(default_factory=list)
    end: int = 0
    trouble: str = ""

    def odd(self, message: str, offset: int) -> None:
        """Note an oddity."""
        self.oddities.append(Oddity("tar", message, offset))

    def content(self, member: Member) -> Source:
        """The bytes of a member."""
        return Slice(self.source, member.start, member.size)


class _Header(Struct, frozen=True):
    name: str
    size: int
    kind: bytes
    target: str
    at: int


def read(source: Source, budget: Budget) -> Archive | None:
    """The members of an archive, or None if it does not begin with a header. Raises LimitExceeded."""
    if _header(source, 0) is None:
        return None
    archive = Archive(source)
    links = Links()
    placed: list[tuple[str, str | None, bool]] = []
    taken: set[str] = set()
    for header, pax in _headers(archive, budget):
        name = pax.get("path", header.name)
        target = pax.get("linkpath", header.target)
        link = header.kind in (_HARD, _SYMBOLIC)
        if header.kind == _SYMBOLIC:
            links.add(name, target)
        placed.append((name, target if link else None, header.kind == _HARD))
        if header.kind in _DEVICES:
            archive.odd(f"member {name!r} is {_DEVICES[header.kind]}", header.at)
        elif not link and header.kind != _FOLDER:
            plain = "/".join(part for part in name.split("/") if part not in ("", "."))
            if plain in taken:
                archive.odd(f"there are two members {name!r}", header.at)
            taken.add(plain)
            archive.members.append(_member(archive, header, name, pax))
    for name, path, hard in placed:
        archive.escapes += escapes(name, links, target=path, hard=hard)
    return archive


def _member(archive: Archive, header: _Header, name: str, pax: dict[str, str]) -> Member:
    start = header.at + BLOCK
    trouble = ""
    if header.kind == _SPARSE or any(key.startswith("GNU.sparse") for key in pax):
        trouble = "it is stored with holes, which this version does not read"
    elif header.kind not in (_FILES[:1], _FILES[1:2], _FILES[2:]):
        trouble = f"it is a member of an unknown kind, {header.kind!r}"
    elif start + header.size > archive.source.size:
        trouble = "it breaks off"
    return Member(name, header.at, start, header.size, trouble)


def _headers(archive: Archive, budget: Budget) -> Iterator[tuple[_Header, dict[str, str]]]:
    """Each member's header with what extension headers before it say."""
    source = archive.source
    everywhere: dict[str, str] = {}
    here: dict[str, str] = {}
    at = 0
    while True:
        header = _header(source, at)
        if header is None:
            following = _after_zeros(source, at)
            if following == at or _header(source, following) is None:
                _end(archive, at)
                return
            archive.odd("it goes on after its end, where some readers stop", following)
            at = following
            continue
        budget.spend_members(1)
        size = header.size
        if header.kind in (_LONG_NAME, _LONG_TARGET):
            text = _extension(source, header).rstrip(b"\0").decode("utf-8", "backslashreplace")
            here["path" if header.kind == _LONG_NAME else "linkpath"] = text
        elif header.kind in (_PAX, _PAX_ALL):
            (here if header.kind == _PAX else everywhere).update(_pax(_extension(source, header)))
        else:
            fields = {**everywhere, **here}
            size = _pax_size(fields, header)
            if size != header.size:
                header = _Header(header.name, size, header.kind, header.target, header.at)
            yield header, fields
            here = {}
        if header.kind in (_HARD, _SYMBOLIC, _FOLDER, *_DEVICES):
            size = 0
        at += BLOCK + -(-size // BLOCK) * BLOCK


def _end(archive: Archive, at: int) -> None:
    source = archive.source
    archive.end = _after_zeros(source, at)
    block = source.read(at, BLOCK)
    if archive.end == at and block:
        archive.trouble = f"byte {at} is no header of a member"


def _after_zeros(source: Source, at: int) -> int:
    """Where the first block that is not of zeros begins, or the end of the file."""
    while data := source.read(at, 128 * BLOCK):
        rest = data.lstrip(b"\0")
        if rest:
            return at + (len(data) - len(rest)) // BLOCK * BLOCK
        at += len(data)
    return source.size


def _header(source: Source, at: int) -> _Header | None:
    """The header at `at`, if there is one: its checksum is right, of bytes with a sign or without."""
    block = source.read(at, BLOCK)
    if len(block) < BLOCK or not any(block):
        return None
    stored = _number(block[148:156])
    unsigned = sum(block) - sum(block[148:156]) + 8 * 32
    signed = unsigned - 256 * sum(byte > 127 for byte in block[:148] + block[156:])
    size = _number(block[124:136])
    if stored not in (unsigned, signed) or size is None or size < 0:
        return None
    name = block[:100].partition(b"\0")[0]
    prefix = block[345:500].partition(b"\0")[0]
    if prefix and block[257:263] == b"ustar\0":
        name = prefix + b"/" + name
    kind = block[156:157]
    if kind in (b"0", b"\0") and name.endswith(b"/"):
        kind = _FOLDER
    return _Header(_text(name), size, kind, _text(block[157:257].partition(b"\0")[0]), at)


def _number(digits: bytes) -> int | None:
    """Octal digits, or a binary number as GNU writes large ones."""
    if digits[0] in (0x80, 0xFF):
        return int.from_bytes(digits[1:], "big") - (256 ** (len(digits) - 1) if digits[0] == 0xFF else 0)
    try:
        return int(digits.partition(b"\0")[0].strip() or b"0", 8)
    except ValueError:
        return None


def _extension(source: Source, header: _Header) -> bytes:
    if header.size > MAX_EXTENSION_BYTES:
        raise InputError("a name in it is over a mebibyte")
    return source.read(header.at + BLOCK, header.size)


def _pax(data: bytes) -> dict[str, str]:
    """The records of a pax header, `LENGTH KEY=VALUE\\n` each."""
    found: dict[str, str] = {}
    at = 0
    while at < len(data):
        digits, space, _ = data[at : at + 20].partition(b" ")
        if not space or not digits.isdigit() or int(digits) <= len(digits) + 1:
            break
        key, _, value = data[at + len(digits) + 1 : at + int(digits)].removesuffix(b"\n").partition(b"=")
        found[_text(key)] = _text(value)
        at += int(digits)
    return found


def _pax_size(fields: dict[str, str], header: _Header) -> int:
    size = fields.get("size", "")
    return int(size) if size.isdecimal() and len(size) < 20 else header.size


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
