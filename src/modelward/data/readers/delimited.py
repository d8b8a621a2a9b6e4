"""CSV and TSV, read strictly (RFC 4180): UTF-8, a header, every row as wide as the header.

A cell is text unless its column's type is named: types that are guessed change with the rows (a filter that
drops the one `n/a` would turn a column of text into numbers, and no row would match its source any more).
Blank lines are no rows. In a column of a named type an empty cell is null; in a text column it is empty text.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

from modelward.data.cells import Value
from modelward.data.readers.shard import (
    BATCH_BYTES,
    BATCH_ROWS,
    MAX_ROW_BYTES,
    Batch,
    OpenShard,
)
from modelward.data.shape import FLAT, TEXT, Shape

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}\Z", re.ASCII)
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\Z", re.ASCII)
_NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf, "+inf": math.inf}
_BOOLS = {"true": True, "false": False}


def _integer(text: str) -> int:
    if not _INTEGER.match(text) or not -(1 << 63) <= int(text) < 1 << 63:
        raise ValueError
    return int(text)


def _double(text: str) -> float:
    special = _NOT_FINITE.get(text.lower())
    if special is not None:
        return special
    if not _NUMBER.match(text):
        raise ValueError
    return float(text)


def _bool(text: str) -> bool:
    try:
        return _BOOLS[text.lower()]
    except KeyError:
        raise ValueError from None


#: Name of a type, as Arrow names it -> its shape and how a cell is read. `string` is the default.
TYPES: dict[str, tuple[Shape, Callable[[str], Value] | None]] = {
    "string": (TEXT, None),
    "int64": (FLAT[int], _integer),
    "double": (FLAT[float], _double),
    "bool": (FLAT[bool], _bool),
}


def read_csv(shard: OpenShard, types: Mapping[str, str]) -> Generator[Batch, None, None]:
    """Read a comma-separated shard. Raises InputError naming line and row."""
    return _read(shard, types, ",")


def read_tsv(shard: OpenShard, types: Mapping[str, str]) -> Generator[Batch, None, None]:
    """Read a tab-separated shard, quoted as CSV is. Raises InputError naming line and row."""
    return _read(shard, types, "\t")


class _Lines:
    """Lines as text, counting the bytes of the row at hand."""

    def __init__(self, shard: OpenShard) -> None:
        self._shard = shard
        self._lines = shard.lines()
        self.number = 0
        self.pending = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        self.pending += len(line)
        if self.pending > MAX_ROW_BYTES:
            raise self._shard.too_large(f"line {self.number}")
        try:
            return line.decode()
        except UnicodeDecodeError:
            raise self._shard.bad(
                f"line {self.number}", "not UTF-8 text", "re-encode the file as UTF-8"
            ) from None


def _read(shard: OpenShard, types: Mapping[str, str], delimiter: str) -> Generator[Batch, None, None]:
    if csv.field_size_limit() < MAX_ROW_BYTES:
        csv.field_size_limit(MAX_ROW_BYTES)  # the row is bounded by _Lines
    lines = _Lines(shard)
    rows = _rows(shard, lines, delimiter)
    names = next(rows, None)
    if names is None:
        raise shard.bad("line 1", "the file is empty; it needs a header", "give the columns' names in line 1")
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise shard.bad("line 1", f"the header names column {twice!r} twice", "rename one")
    convert = _Conversion(shard, names, types)
    batch: list[list[str]] = []
    done = size = 0
    for row in rows:
        if len(row) != len(names):
            raise shard.bad(
                f"line {lines.number}, row {done + len(batch) + 1}",
                f"the row has {len(row)} cells, the header {len(names)}",
                "quote cells that hold the delimiter or a line end",
            )
        size += lines.pending
        lines.pending = 0
        batch.append(row)
        if len(batch) == BATCH_ROWS or size > BATCH_BYTES:
            yield convert.batch(batch, done)
            done += len(batch)
            batch, size = [], 0
    yield convert.batch(batch, done)


def _rows(shard: OpenShard, lines: _Lines, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if row:
                yield row
            else:
                lines.pending = 0
    except csv.Error as error:
        raise shard.bad(
            f"line {lines.number}", f"not valid CSV: {error}", "quotes inside a quoted cell are doubled"
        ) from None


class _Conversion:
    """From rows of text to columns of values."""

    def __init__(self, shard: OpenShard, names: list[str], types: Mapping[str, str]) -> None:
        self._shard = shard
        self._names = names
        self._kinds = [TYPES[types.get(name, "string")] for name in names]
        self._types = [types.get(name, "string") for name in names]
        self._shapes = {name: kind[0] for name, kind in zip(names, self._kinds, strict=True)}

    def batch(self, rows: list[list[str]], done: int) -> Batch:
        columns: dict[str, list[Value]] = {}
        by_column = zip(*rows, strict=True) if rows else ([] for _ in self._names)
        for name, (_, convert), cells in zip(self._names, self._kinds, by_column, strict=True):
            columns[name] = list(cells) if convert is None else self._typed(name, convert, cells, done)
        return Batch(columns, len(rows), self._shapes)

    def _typed(
        self, name: str, convert: Callable[[str], Value], cells: Sequence[str], done: int
    ) -> list[Value]:
        values: list[Value] = []
        for text in cells:
            try:
                values.append(convert(text) if text else None)
            except ValueError:
                kind = self._types[self._names.index(name)]
                raise self._shard.bad(
                    f"row {done + len(values) + 1}", f"column {name!r}: {text[:40]!r} is not {kind}"
                ) from None
        return values
