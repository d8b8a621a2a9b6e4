"""Columns between Arrow types and the data types of Croissant; media types of shards."""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from modelward.data.exchange.facts import Field
from modelward.data.readers.formats import suffix_of

#: Suffix -> media type, as Croissant's own library names them.
MEDIA = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".jsonl": "application/jsonlines",
    ".ndjson": "application/jsonlines",
    ".json": "application/json",
    ".parquet": "application/x-parquet",
    ".arrow": "application/vnd.apache.arrow.file",
    ".ipc": "application/vnd.apache.arrow.file",
    ".feather": "application/vnd.apache.arrow.file",
    ".txt": "text/plain",
    ".md": "text/plain",
    ".tar": "application/x-tar",
}
OTHER = "application/octet-stream"
#: The data type of what Croissant has none for, as bytes; a field without one is not valid.
FALLBACK = "sc:Text"

_PLAIN = {
    "bool": "sc:Boolean",
    "string": "sc:Text",
    "large_string": "sc:Text",
    "string_view": "sc:Text",
    "halffloat": "cr:Float16",
    "float": "cr:Float32",
    "double": "cr:Float64",
    **{f"int{bits}": f"cr:Int{bits}" for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": f"cr:UInt{bits}" for bits in (8, 16, 32, 64)},
}
#: What an Arrow type begins with -> data type.
_BEGINS = {"timestamp": "sc:DateTime", "date": "sc:Date", "time": "sc:Time", "decimal": "sc:Float"}
_MEDIA_COLUMNS = {"image": "sc:ImageObject", "audio": "sc:AudioObject", "video": "sc:VideoObject"}
_LIST = re.compile(
    r"(?:large_|fixed_size_)?list(?:_view)?<(?:item|element|array)(?: not null)?: (.*)>(?:\[\d+\])?\Z",
    re.DOTALL,
)
_STRUCT = re.compile(r"struct<(.*)>\Z", re.DOTALL)
_MAX_DEPTH = 16

#: Data type -> kind of value, whatever the width.
KINDS = {
    "sc:Boolean": "bool",
    "sc:Text": "text",
    "sc:URL": "text",
    "sc:Date": "date",
    "sc:DateTime": "timestamp",
    "sc:Time": "time",
    "sc:Float": "number",
    "sc:Number": "number",
    "sc:Integer": "number",
    **{name: "number" for name in _PLAIN.values() if name.startswith("cr:")},
}


def media_type(path: str) -> str:
    """The media type of a shard by its name."""
    return MEDIA.get(suffix_of(path), OTHER)


def data_type(arrow: str) -> str:
    """The Croissant data type of an Arrow type that does not nest, or an empty text."""
    kinds = {_data_type(one) for one in arrow.split(" | ")}
    if len(kinds) == 1:
        return kinds.pop()
    numbers = kinds <= {name for name, kind in KINDS.items() if kind == "number"}
    integers = all(kind.startswith(("cr:Int", "cr:UInt")) for kind in kinds)
    return ("sc:Integer" if integers else "sc:Float") if numbers else ""


def _data_type(arrow: str) -> str:
    if arrow in _PLAIN:
        return _PLAIN[arrow]
    if arrow.startswith("dictionary<values="):
        return _data_type(arrow.removeprefix("dictionary<values=").partition(",")[0])
    return next((kind for begin, kind in _BEGINS.items() if arrow.startswith(begin)), "")


class _From(NamedTuple):
    """Where values come from: a file or set, a column of it, a path within JSON."""

    source: str
    column: str = ""
    path: str = ""


def field_of(name: str, arrow: str, source: str, media: str, role: str = "") -> Field:
    """The column `name` of the table that `source` holds as files of type `media`."""
    if media == "application/json":
        where = _From(source, path=f"$[*].{name}")
    else:
        where = _From(source, column="" if media == "text/plain" else name)
    return msgspec.structs.replace(_nested(name, arrow, where, 0), role=role)


def _nested(name: str, arrow: str, where: _From, depth: int) -> Field:
    lists = _LIST.match(arrow)
    types: tuple[str, ...] = ()
    below: tuple[Field, ...] = ()
    array = False
    if lists and depth < _MAX_DEPTH:
        inner = _nested(name, lists[1], where, depth + 1)
        types, below, array = inner.types, inner.fields, True
    elif name in _MEDIA_COLUMNS and arrow.startswith("struct<bytes"):
        types = (_MEDIA_COLUMNS[name],)
    elif depth < _MAX_DEPTH and (members := _members(arrow)):
        below = tuple(
            _nested(member, kind, where._replace(path=member), depth + 1) for member, kind in members
        )
    else:
        types = (data_type(arrow) or FALLBACK,)
    return Field(name=name, types=types, arrow=arrow, array=array, fields=below, **where._asdict())


def _members(arrow: str) -> tuple[tuple[str, str], ...]:
    """Name and type of each field of a struct, as Arrow writes it; () where names make that unclear."""
    match = _STRUCT.match(arrow)
    if match is None:
        return ()
    parts, depth, start = [], 0, 0
    for place, character in enumerate(match[1]):
        depth += (character in "<([") - (character in ">)]")
        if depth == 0 and match[1].startswith(", ", place):
            parts.append(match[1][start:place])
            start = place + 2
    pairs = [part.partition(": ") for part in (*parts, match[1][start:])]
    if depth or not all(re.fullmatch(r"\w{1,200}", name) and kind for name, _, kind in pairs):
        return ()
    return tuple((name, kind) for name, _, kind in pairs)


def contradiction(field: Field, arrow: str) -> str:
    """How the type of a field contradicts that of the column; empty if it does not, or if nobody can say.

    A column of text may hold anything: CSV has no types of its own.
    """
    declared = {KINDS[kind] for kind in field.types if kind in KINDS}
    actual = KINDS.get(data_type(arrow), "")
    if not declared or not actual or actual == "text" or actual in declared or field.array:
        return ""
    return f"{' and '.join(field.types)}, not {arrow}"
