"""Which datasets hold certain rows, from the indexes that are at hand."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded
from modelward.data.arrow import pyarrow
from modelward.data.cells import DIGEST_BYTES
from modelward.data.digesting import matrix_of
from modelward.data.index import Index, Place
from modelward.data.index_file import open_index
from modelward.data.runs import combined, digests_of, records_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.uint8]

#: Rows that are looked for at once, at most: 32 bytes each.
MAX_ROWS = 1 << 24
#: Files and directories that a search for indexes looks at.
MAX_ENTRIES = 1_000_000

_SUFFIX = ".index.parquet"
#: So few rows are looked up one by one, more are found by reading all row digests.
_LOOKED_UP = 16


class Held(NamedTuple):
    """How many of the rows that are looked for a dataset holds, copies counted; where the first is."""

    rows: int
    total: int
    first: Place | None


@dataclass(frozen=True, slots=True)
class AtHand:
    """Index files by the SHA-256 of each; and files that are called an index and cannot be read."""

    files: dict[Digest, Path]
    unreadable: tuple[Path, ...]


def find_indexes(places: Iterable[Path], subjects: Collection[Digest]) -> AtHand:
    """The indexes, in these files and below these directories, that are about one of the `subjects`.

    Links are not followed. Raises InputError for a place that is not there, LimitExceeded past MAX_ENTRIES.
    """
    files: dict[Digest, Path] = {}
    unreadable = []
    for path in _candidates(places):
        try:
            with open_index(path) as index:
                if index.subject in subjects:
                    files.setdefault(index.digest, path)
        except InputError:
            unreadable.append(path)
    return AtHand(files, tuple(unreadable))


def _candidates(places: Iterable[Path]) -> Iterator[Path]:
    seen = 0
    for place in places:
        if place.is_file():
            yield place
            continue
        if not place.is_dir():
            raise InputError("there is no such directory", where=str(place))
        for directory, folders, names in os.walk(place):
            folders.sort()
            seen += len(folders) + len(names)
            if seen > MAX_ENTRIES:
                raise LimitExceeded(
                    f"more than {MAX_ENTRIES:,} files to look at",
                    where=str(place),
                    help="name a directory below",
                )
            yield from (Path(directory, name) for name in sorted(names) if name.endswith(_SUFFIX))


def rows_of(digests: Iterable[bytes]) -> Matrix:
    """Row digests as they are looked for: sorted, each once."""
    return _sorted(matrix_of(digests))


def together(parts: Collection[Matrix]) -> Matrix:
    """The rows of any of these. Raises LimitExceeded past MAX_ROWS."""
    _check(sum(map(len, parts)))
    return _sorted(np.concatenate([np.empty((0, DIGEST_BYTES), np.uint8), *parts]))


def all_rows(index: Index) -> Matrix:
    """Every row of a dataset. Raises LimitExceeded past MAX_ROWS."""
    _check(index.distinct)
    return together([digests_of(records) for records in index.source(1 << 16)])


def labelled(index: Index, kind: str, value: str) -> Matrix | None:
    """The rows whose `kind` (contributor, source) is `value`; None if the index does not tell it.

    Raises LimitExceeded past MAX_ROWS.
    """
    names = [name for name, _ in index.options.labels() if name.startswith(f"{kind}:")]
    if not names:
        return None
    arrow = pyarrow()
    parts: list[Any] = []
    for batch in index.batches(["row", *names]):
        chosen = None
        for name in names:
            equal = arrow.compute.fill_null(arrow.compute.equal(batch.column(name), value), False)
            chosen = equal if chosen is None else arrow.compute.or_(chosen, equal)
        parts.append(matrix_of(batch.column("row").filter(chosen).to_pylist()))
        _check(sum(map(len, parts)))
    return together(parts)


def held(index: Index, rows: Matrix) -> Held:
    """How many rows of a dataset are among these."""
    if len(rows) <= _LOOKED_UP:
        wanted = [row.tobytes() for row in rows]
        firsts = [first for row in wanted if (first := index.first_row(row)) is not None]
        count = sum(index.count(row) for row in wanted)
        return Held(count, index.rows, index.place(min(firsts)) if firsts else None)
    count = 0
    place: Place | None = None
    for numbers in index.scan(rows):
        if numbers and place is None:
            place = index.place(numbers[0])
        count += len(numbers)
    return Held(count, index.rows, place)


def _sorted(matrix: Matrix) -> Matrix:
    return digests_of(combined(records_of(matrix, 0)))


def _check(rows: int) -> None:
    if rows > MAX_ROWS:
        raise LimitExceeded(
            f"over {MAX_ROWS:,} rows to look for",
            help="trace the dataset that they were collected in instead",
        )
