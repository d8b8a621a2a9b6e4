"""WebDataset: a tar whose members `KEY.EXTENSION` make a row per key, a column per extension.

`__key__` is the key. `.json` is a JSON value, `.txt` text, `.cls` an integer; anything else is bytes. Members
of one key follow each other. What some reader would take for something else is refused: links, devices, names
that leave the directory, two members of one name, members behind the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Mapping

from modelward.core import strict_json
from modelward.core.errors import InputError, LimitExceeded, ModelwardError
from modelward.data.cells import Value
from modelward.data.readers.shard import (
    BATCH_BYTES,
    BATCH_ROWS,
    MAX_MEDIA_BYTES,
    MAX_ROW_BYTES,
    Batch,
    OpenShard,
    SeekSource,
)
from modelward.data.shape import FLAT, MAX_FIELDS, TEXT, Shape
from modelward.formats import tar
from modelward.formats.budget import Budget

KEY = "__key__"
MAX_MEMBERS = 400_000

_NAME = re.compile(r"((?:.*/)?[^./][^./]*)\.([^/]+)\Z", re.DOTALL)
_INTEGER = re.compile(rb"\s*[+-]?[0-9]{1,18}\s*\Z", re.ASCII)
_BYTES = Shape("bytes", frozenset({"binary"}))


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise InputError("not UTF-8 text", help="re-encode it as UTF-8") from None


def _json(data: bytes) -> Value:
    return strict_json.loads(data, what="the member", max_bytes=MAX_ROW_BYTES)


def _integer(data: bytes) -> int:
    if not _INTEGER.match(data):
        raise InputError(f"{data[:40]!r} is not an integer")
    return int(data)


_Decode = Callable[[bytes], Value]
#: Last part of the extension -> how it is read, and its shape where that is known.
DECODERS: dict[str, tuple[_Decode, Shape | None]] = {
    **dict.fromkeys(("txt", "text", "transcript"), (_text, TEXT)),
    **dict.fromkeys(("json", "jsn"), (_json, None)),
    **dict.fromkeys(("cls", "cls2", "class", "count", "index", "inx", "id"), (_integer, FLAT[int])),
}
_MEDIA: tuple[_Decode, Shape | None] = (lambda data: data, _BYTES)


def read(shard: OpenShard, types: Mapping[str, str]) -> Generator[Batch, None, None]:
    """Read a shard. Raises InputError naming the member, LimitExceeded."""
    source = SeekSource(shard)
    archive = _archive(shard, source)
    rows: list[dict[str, Value]] = []
    size = 0
    for key, members in _samples(shard, archive):
        row: dict[str, Value] = {KEY: key}
        for extension, member in members:
            row[extension] = _value(shard, archive, extension, member)
            size += member.size
        rows.append(row)
        if len(rows) == BATCH_ROWS or size > BATCH_BYTES:
            yield _batch(rows)
            rows, size = [], 0
    yield _batch(rows)


def _archive(shard: OpenShard, source: SeekSource) -> tar.Archive:
    try:
        archive = tar.read(source, Budget(members=MAX_MEMBERS))
    except ModelwardError as error:
        raise shard.located(error, "start") from None
    if archive is None:
        raise shard.bad("start", "not a tar archive")
    if archive.trouble:
        raise shard.bad("end", f"the archive is damaged: {archive.trouble}")
    if source.size < 2 * tar.BLOCK or source.read(source.size - 2 * tar.BLOCK, 2 * tar.BLOCK).strip(b"\0"):
        raise shard.bad("end", "the archive is cut off: it has no end", "fetch it again")
    for odd in archive.oddities:
        raise shard.bad(f"byte {odd.offset}", odd.message, "pack the files again, as plain files")
    for escape in archive.escapes:
        raise shard.bad(repr(escape.target), f"it leads out of the archive: {escape.effect}")
    return archive


def _samples(shard: OpenShard, archive: tar.Archive) -> Iterator[tuple[str, list[tuple[str, tar.Member]]]]:
    """Each key with its members by extension."""
    seen: set[str] = set()
    current: list[tuple[str, tar.Member]] = []
    key = ""
    for member in archive.members:
        place = f"member {member.name!r}"
        if member.trouble:
            raise shard.bad(place, member.trouble)
        match = _NAME.match(member.name)
        if not match:
            raise shard.bad(place, "its name is not KEY.EXTENSION", "rename it or leave it out")
        if match[1] != key:
            if key:
                yield key, current
            key, current = match[1], []
            if key in seen:
                raise shard.bad(place, f"the files of {key!r} do not lie together", "sort them by name")
            seen.add(key)
        extension = match[2].lower()
        if any(extension == other for other, _ in current) or extension == KEY:
            raise shard.bad(place, f"{key!r} has {extension!r} twice")
        if len(current) > MAX_FIELDS:
            raise LimitExceeded(f"over {MAX_FIELDS} columns", where=f"{shard.name}: {place}")
        current.append((extension, member))
    if key:
        yield key, current


def _decoder(extension: str) -> tuple[_Decode, Shape | None]:
    return DECODERS.get(extension.rpartition(".")[2], _MEDIA)


def _value(shard: OpenShard, archive: tar.Archive, extension: str, member: tar.Member) -> Value:
    decode, _ = _decoder(extension)
    limit = MAX_MEDIA_BYTES if decode is _MEDIA[0] else MAX_ROW_BYTES
    place = f"member {member.name!r}"
    if member.size > limit:
        raise LimitExceeded(f"the file is over {limit >> 20} MiB", where=f"{shard.name}: {place}")
    try:
        return decode(archive.content(member).read(0, member.size))
    except ModelwardError as error:
        raise shard.located(error, place) from None


def _batch(rows: list[dict[str, Value]]) -> Batch:
    names = dict.fromkeys(name for row in rows for name in row)
    shapes = {KEY: TEXT}
    for name in names:
        shape = _decoder(name)[1]
        if shape is not None and name != KEY:
            shapes[name] = shape
    return Batch({name: [row.get(name) for row in rows] for name in names}, len(rows), shapes)
