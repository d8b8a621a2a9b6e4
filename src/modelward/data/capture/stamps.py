"""What is put on each row, and by whom: the caller, who authenticated the contributor; never the row itself.

Stamps are columns that begin with `_`. A row with any such name, however it is spelt, is refused.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from modelward.core.errors import InputError, LimitExceeded
from modelward.data.options import Options
from modelward.data.shape import FLAT, MAX_NAME, Columns, MixedKinds, Shape, shape_of

#: Bytes of a row as JSON; a row of a dataset is at most 16 MiB.
MAX_ROW_BYTES = 8 << 20
#: Columns of a capture: whoever sends rows must not make it unreadable by inventing names.
MAX_COLUMNS = 1000
MAX_STAMP = 1024

CONTRIBUTOR, SOURCE, TIME = "_contributor", "_source", "_time"
#: The stamps, as a snapshot names them.
OPTIONS = Options(contributor=(CONTRIBUTOR,), source=(SOURCE,), time=(TIME,))

#: Type of a declared column -> the shape of its values.
TYPES = {
    "string": FLAT[str],
    "int64": FLAT[int],
    "double": FLAT[float].merged(FLAT[int]),
    "bool": FLAT[bool],
}
#: The declared type of a column whose first value says what it holds.
ANY = "json"


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who gave a row (a pseudonym, a name) and by what way it came: both as the caller authenticated them."""

    contributor: str
    source: str

    def __post_init__(self) -> None:
        for what, text in (("contributor", self.contributor), ("source", self.source)):
            if not text or len(text) > MAX_STAMP or not _is_unicode(text):
                raise InputError(f"a {what} is 1 to {MAX_STAMP} characters of text")


def moment(now: datetime | None = None) -> str:
    """The time as it is stamped: UTC, to the microsecond."""
    return (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def check_row(row: Any) -> bytes:
    """The row as canonical JSON without its closing brace. Raises InputError, LimitExceeded."""
    if type(row) is not dict:
        raise InputError("a row is an object with named columns")
    for name in row:
        if type(name) is not str:
            raise InputError(f"a column's name is text, not {type(name).__name__}")
        if name.startswith("_") or (not name.isascii() and _is_reserved(name)):
            raise InputError(
                f"a row cannot set {name[:40]!r}: names that begin with '_' are stamps",
                help="leave it out, or give it another name",
            )
    try:
        text = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        data = text.encode()
    except UnicodeEncodeError:
        raise InputError("the row holds a lone surrogate, which is not Unicode") from None
    except RecursionError:
        raise LimitExceeded("the row nests too deep") from None
    except (TypeError, ValueError) as error:
        raise InputError(f"the row is not JSON: {error}") from None
    if len(data) > MAX_ROW_BYTES:
        raise LimitExceeded(f"the row is over {MAX_ROW_BYTES >> 20} MiB")
    return data[:-1]


def stamped(checked: bytes, stamp: bytes, time: str) -> bytes:
    """A line: what `check_row` gave, and the stamps. `stamp` is what `encoded` gave."""
    comma = b"," if len(checked) > 1 else b""
    return b'%s%s%s,"%s":"%s"}' % (checked, comma, stamp, TIME.encode(), time.encode())


def encoded(stamp: Stamp) -> bytes:
    """A stamp as the members of a JSON object."""
    pairs = ((CONTRIBUTOR, stamp.contributor), (SOURCE, stamp.source))
    return ",".join(f'"{name}":{json.dumps(text, ensure_ascii=False)}' for name, text in pairs).encode()


def _is_reserved(name: str) -> bool:
    return unicodedata.normalize("NFKC", name).strip().startswith("_")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class Kinds:
    """The columns of a capture and what kind of value each holds, so that every batch can be read as a whole.

    The first value of a column decides, unless columns are declared: then others are refused.
    """

    def __init__(self, declared: Mapping[str, str]) -> None:
        """`declared` names the columns with their types (those of TYPES, or ANY)."""
        self._columns = Columns()
        self._known: dict[str, Shape] = {}
        self._declared = frozenset(declared)
        self._typed = frozenset(name for name, kind in declared.items() if kind != ANY)
        for name, kind in declared.items():
            if kind != ANY:
                self._note(name, TYPES[kind])

    def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Take rows in, all or none. Raises InputError, naming the row from 1; then nothing is remembered."""
        new: dict[str, Shape] = {}
        for number, row in enumerate(rows, 1):
            try:
                self._gather(row, new)
                if new and len(self._known.keys() | new.keys()) > MAX_COLUMNS:
                    raise LimitExceeded(f"the capture would have over {MAX_COLUMNS} columns")
            except InputError as error:
                raise type(error)(error.message, where=f"row {number}", help=error.help) from None
        for name, shape in new.items():
            self._note(name, shape)

    def _gather(self, row: Mapping[str, Any], new: dict[str, Shape]) -> None:
        """Put into `new` what this row adds to what is known."""
        for name, value in row.items():
            if value is None:
                continue
            if self._declared and name not in self._declared:
                raise InputError(
                    f"the capture has no column {name[:40]!r}",
                    help=f"its columns are {', '.join(sorted(self._declared)[:20])}",
                )
            known = new.get(name) or self._known.get(name)
            if known is not None and FLAT.get(type(value)) is known:
                continue
            merged = self._merged(name, known, value)
            if merged is known:
                continue
            if known is not None and name in self._typed:
                raise InputError(f"column {name[:40]!r} is {known.text()}, not {merged.text()}")
            if len(name) > MAX_NAME:
                raise LimitExceeded(f"a column's name is over {MAX_NAME} characters")
            new[name] = merged

    def _merged(self, name: str, known: Shape | None, value: Any) -> Shape:
        try:
            shape = shape_of(value)
            return known.merged(shape) if known else shape
        except MixedKinds as error:
            raise InputError(
                f"column {name[:40]!r} mixes kinds: {error}",
                help="a column holds one kind of value throughout",
            ) from None

    def _note(self, name: str, shape: Shape) -> None:
        self._columns.add(name, shape, "the row")
        self._known[name] = self._columns.shape(name)

    def plain(self) -> list[Any]:
        """The columns, for JSON."""
        return [shape.plain(name) for name, shape in sorted(self._known.items())]

    def restore(self, plain: Any) -> None:
        """Take in what `plain` gave. Raises InputError."""
        for column in plain if isinstance(plain, list) else []:
            self._note(*Shape.parse(column))
