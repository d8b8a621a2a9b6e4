"""Which row became which: a file of (row digest before, row digest after) pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelward.core import atomic
from modelward.core.digest import Digest
from modelward.core.errors import InputError, UsageError
from modelward.core.progress import Silent
from modelward.data import rowsets
from modelward.data.arrow import pyarrow
from modelward.data.cells import DIGEST_BYTES
from modelward.data.digesting import matrix_of
from modelward.data.index import Index
from modelward.data.readers.formats import required_reader
from modelward.data.readers.shard import open_shard
from modelward.data.rowsets import Counted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.uint8]

BEFORE, AFTER = "before", "after"

_BATCH = 1 << 16


@dataclass(frozen=True, slots=True)
class RowMapping:
    """A file of pairs that was read through once: its place, its digest, how many pairs it has."""

    path: Path
    digest: Digest
    pairs: int

    @classmethod
    def read(cls, path: Path) -> RowMapping:
        """Read the columns `before` and `after`: row digests as bytes, or as hex in CSV and JSON Lines.

        Raises InputError, which names the line.
        """
        pairs = 0
        digest = None
        for found, _ in _read(path):
            if isinstance(found, Digest):
                digest = found
            else:
                pairs += len(found)
        assert digest is not None
        return cls(path, digest, pairs)

    @classmethod
    def write(cls, path: Path, pairs: Iterable[tuple[Sequence[bytes], Sequence[bytes]]]) -> RowMapping:
        """Write pairs, given in batches of befores and afters, as Parquet. Raises InputError."""
        arrow = pyarrow()
        digest = arrow.binary(DIGEST_BYTES)
        schema = arrow.schema([(BEFORE, digest), (AFTER, digest)])
        try:
            with (
                atomic.replacing(path) as stream,
                arrow.parquet.ParquetWriter(stream, schema, compression="zstd") as file,
            ):
                for before, after in pairs:
                    file.write_batch(
                        arrow.record_batch([arrow.array(before, digest), arrow.array(after, digest)], schema)
                    )
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror}", where=str(path)) from None
        return cls.read(path)

    def counted(self, side: str) -> Counted:
        """The rows of one side, as a multiset. Raises InputError if the file changed meanwhile."""
        return rowsets.counted(self._side(side))

    def _side(self, side: str) -> Iterator[Matrix]:
        for befores, afters in _read(self.path):
            if not isinstance(befores, Digest):
                yield matrix_of(befores if side == BEFORE else afters)
            elif befores != self.digest:
                raise InputError("the file changed while it was read", where=str(self.path))


def _read(path: Path) -> Iterator[tuple[Any, list[bytes]]]:
    """Batches of (befores, afters), then the file's digest in place of the befores."""
    read = required_reader(path.name)
    with open_shard(path, path.name, Silent()) as shard, closing(read(shard, {})) as batches:
        done = 0
        for batch in batches:
            if set(batch.columns) != {BEFORE, AFTER}:
                raise InputError(
                    "a mapping has the columns 'before' and 'after'",
                    where=str(path),
                    help="each holds row digests: bytes, or 64 hex characters",
                )
            yield (
                [_digest(value, path, done + at) for at, value in enumerate(batch.columns[BEFORE], 1)],
                [_digest(value, path, done + at) for at, value in enumerate(batch.columns[AFTER], 1)],
            )
            done += batch.rows
        yield shard.digest(), []


def _digest(value: Any, path: Path, row: int) -> bytes:
    if isinstance(value, bytes) and len(value) == DIGEST_BYTES:
        return value
    if isinstance(value, str):
        try:
            return Digest("sha256", value.removeprefix("sha256:")).raw
        except InputError:
            pass
    raise InputError("not a row digest", where=f"{path}: row {row}", help="write it as 64 hex characters")


def in_order(before: Sequence[Index], after: Index, path: Path) -> RowMapping:
    """The mapping by which row N became row N, written to `path`. Raises UsageError for unequal numbers."""
    rows = sum(index.rows for index in before)
    if rows != after.rows:
        raise UsageError(
            f"{rows} rows became {after.rows}: it is not said which became which",
            help="name a column that they keep (--key-column), or give the mapping (--mapping)",
        )
    return RowMapping.write(path, zip(_rows(*before), _rows(after), strict=True))


def joined(
    before: Index, names_before: Sequence[Any], after: Index, names_after: Sequence[Any], path: Path
) -> RowMapping:
    """The mapping by which rows of one name are one row, written to `path`. Names before are distinct."""
    rows = [row for batch in _rows(before) for row in batch]
    known = dict(zip(names_before, rows, strict=True))
    wanted = iter(names_after)
    return RowMapping.write(path, (([known[next(wanted)] for _ in batch], batch) for batch in _rows(after)))


def _rows(*indexes: Index) -> Iterator[list[bytes]]:
    """The row digests in order, so many at once whatever the batches of the index."""
    rest: list[bytes] = []
    for index in indexes:
        for batch in index.batches(["row"]):
            rest += batch.column(0).to_pylist()
            while len(rest) >= _BATCH:
                yield rest[:_BATCH]
                rest = rest[_BATCH:]
    if rest:
        yield rest
