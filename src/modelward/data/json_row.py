"""One row written as a JSON object: its digest as a row of a dataset.

The values are read as the dataset's columns have them (a date as a date, not as text), or refused: a row of
other types has another digest, and would be called absent though it is there.
"""

from __future__ import annotations

import struct
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from modelward.core import strict_json
from modelward.core.digest import Digest
from modelward.core.errors import InputError, UsageError
from modelward.core.regex import regex
from modelward.data.cells import Temporal, Value, encode
from modelward.data.index import Index
from modelward.data.rows import row_digests

#: A row is at most so large in any of the formats that are read.
MAX_BYTES = 16 << 20

_TIME = regex(
    r"(?P<whole>[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(?:\.(?P<part>[0-9]{1,9}))?(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Types of which a JSON value says too little, where they are within others.
_UNSAID = ("timestamp", "date", "time", "duration", "binary", "decimal", "map<", "float>", "float,", "half")


def row_digest(data: bytes, index: Index) -> Digest:
    """The digest that a JSON object has as a row of the dataset of `index`. A missing key is null.

    Raises InputError for bad JSON, a column that the dataset has not, or a value that its column cannot hold;
    UsageError where the dataset's key is needed.
    """
    row = strict_json.loads(data, what="the row", max_bytes=MAX_BYTES)
    if not isinstance(row, dict):
        raise InputError("a row is one JSON object: column -> value")
    types = {column.name: column.type for column in index.columns}
    for name in row:
        if name not in types:
            raise InputError(
                f"the dataset has no column {name[:100]!r}",
                help=f"its columns are {', '.join(map(repr, list(types)[:20]))}",
            )
    names = [name for name, value in row.items() if value is not None]
    if index.options.key is None and set(names) & set(index.options.keyed):
        raise UsageError(
            f"the cells of column {min(set(names) & set(index.options.keyed))!r} are hashed with a key",
            help="name it: --leaf-key FILE; or name the row by its digest (--row) or its place (--at)",
        )
    hash_of = index.options.hash_of
    cells = [[hash_of(name)(encode(_value(row[name], types[name], name)))] for name in names]
    return Digest("sha256", row_digests(names, cells, 1)[0].hex())


def _value(value: Any, types: str, column: str) -> Value:
    for kind in types.split(" | "):
        try:
            found = _read(value, kind)
        except (ValueError, OverflowError, InvalidOperation):
            continue
        if found is not None:
            return found
    shown = strict_json.dumps(value).decode()[:60]
    raise InputError(
        f"{shown} is no value of column {column!r}, which is of type {types}",
        help="write numbers without quotes, text in quotes, times as 2026-11-22T09:14:00Z;"
        " or name the row by its digest (--row) or its place (--at)",
    )


def _read(value: Any, kind: str) -> Value | None:
    """The value as one of this Arrow type; None if it is none."""
    name, _, rest = kind.partition("[")
    if name in ("string", "large_string", "string_view"):
        return value if isinstance(value, str) else None
    if name == "bool":
        return value if isinstance(value, bool) else None
    if isinstance(value, bool):
        return None
    if name.startswith(("int", "uint")):
        return value if isinstance(value, int) else None
    if name in ("double", "float", "halffloat"):
        return _float(value, name) if isinstance(value, int | float) else None
    if name.startswith("decimal"):
        return Decimal(str(value)) if isinstance(value, int | str) else None
    if not isinstance(value, str):
        return value if isinstance(value, list | dict) and not any(word in kind for word in _UNSAID) else None
    if name in ("date32", "date64"):
        return Temporal(b"D", (date.fromisoformat(value) - _EPOCH.date()).days)
    return _timestamp(value, zoned="tz=" in rest) if name == "timestamp" else None


def _float(value: float, name: str) -> float:
    """The number as a column of this width holds it."""
    form = {"double": ">d", "float": ">f", "halffloat": ">e"}[name]
    number: float = struct.unpack(form, struct.pack(form, value))[0]
    return number


def _timestamp(text: str, *, zoned: bool) -> Temporal | None:
    match = _TIME.fullmatch(text)
    if match is None or zoned != (match["zone"] is not None):
        return None
    moment = datetime.fromisoformat(match["whole"] + (match["zone"] or "Z").replace("Z", "+00:00"))
    since = moment - _EPOCH
    seconds = since.days * 86400 + since.seconds
    part = int((match["part"] or "").ljust(9, "0"))
    return Temporal(b"Z" if zoned else b"T", seconds * 1_000_000_000 + part)
