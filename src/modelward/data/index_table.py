"""The lines of an index, read from its Parquet file a row group at a time."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import finalize

import numpy as np

from modelward.artifact.hashing import hash_file
from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.data.arrow import numbers_of, pyarrow, valid_of
from modelward.data.cells import DIGEST_BYTES
from modelward.data.readers.arrow_tables import first_line
from modelward.data.runs import RECORD, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.uint8]

T = TypeVar("T")

ROW = "row"
CELL = "cell:"
SET_ROW = "set:row"
SET_COUNT = "set:count"
SET_FIRST = "set:first"

_MAX_METADATA = 1 << 30
#: Columns of row groups that are kept for who asks for single rows: 2 MiB each.
_KEPT = 8


class IndexTable:
    """An open index file. `temporary` files vanish with it.

    Every method raises InputError if the file cannot be read or is damaged so that it shows.
    """

    def __init__(self, path: Path, *, temporary: bool = False, digest: Digest | None = None) -> None:
        self.path = path
        self._digest = digest
        self._kept: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
        self._done = finalize(self, _remove, path) if temporary else None
        with self._errors():
            self.file = pyarrow().parquet.ParquetFile(
                os.fspath(path),
                thrift_string_size_limit=_MAX_METADATA,
                thrift_container_size_limit=_MAX_METADATA,
            )
            self.metadata: dict[bytes, bytes] = dict(self.file.metadata.metadata or {})
            self.schema = self.file.schema_arrow
            self.rows: int = self.file.metadata.num_rows
        self.group_rows = self.file.metadata.row_group(0).num_rows if self.file.metadata.num_row_groups else 1

    @property
    def digest(self) -> Digest:
        """The SHA-256 of the file. Raises InputError."""
        if self._digest is None:
            self._digest = hash_file(self.path)
        return self._digest

    @property
    def groups(self) -> int:
        """How many row groups."""
        return int(self.file.metadata.num_row_groups)

    def group(self, number: int, names: Sequence[str]) -> Any:
        """Columns of one row group, as a record batch."""
        with self._errors():
            found = self.file.read_row_group(number, columns=list(names), use_threads=False)
            found.validate(full=True)
            if found.num_rows != self.file.metadata.row_group(number).num_rows:
                raise InputError("the index is damaged: rows are missing", where=str(self.path))
            batches = found.select(list(names)).combine_chunks().to_batches()
        return batches[0] if batches else pyarrow().record_batch(found.schema.empty_table())

    def matrix(self, number: int, name: str) -> tuple[Matrix, NDArray[np.bool_]]:
        """A column of digests of one row group, and where there are any."""
        key = (number, name)
        if key in self._kept:
            found: tuple[Matrix, NDArray[np.bool_]] = self._kept[key]
            return found
        return self._keep(key, matrix_of(self.group(number, [name]).column(0)))

    def digests(self, start: int, stop: int, name: str = ROW) -> Matrix:
        """The digests of the lines from `start` up to `stop` of a column without nulls there."""
        parts = [np.empty((0, DIGEST_BYTES), np.uint8)]
        for number in range(start // self.group_rows, -(-stop // self.group_rows)):
            base = number * self.group_rows
            lines, valid = self.matrix(number, name)
            here = slice(max(start - base, 0), stop - base)
            if not valid[here].all():
                raise InputError("the index is damaged: a digest is missing", where=str(self.path))
            parts.append(lines[here])
        return np.concatenate(parts)

    def records(self, size: int, groups: range | None = None) -> Iterator[NDArray[Any]]:
        """The distinct rows, sorted, in blocks of at most `size`."""
        for number in groups if groups is not None else range(self.groups):
            records = self._set_of(number)
            for start in range(0, len(records), size):
                yield records[start : start + size]
            if len(records) < self.group_rows:
                return

    def _set_of(self, number: int) -> NDArray[Any]:
        key = (number, SET_ROW, "records")
        if key in self._kept:
            found: NDArray[Any] = self._kept[key]
            return found
        batch = self.group(number, [SET_ROW, SET_COUNT, SET_FIRST])
        rows, valid = matrix_of(batch.column(0))
        count = int(valid.sum())
        parts = [batch.column(at).slice(0, count) for at in (1, 2)]
        if not valid[:count].all() or any(part.null_count for part in parts):
            raise InputError("the index is damaged: its set has gaps", where=str(self.path))
        records = np.empty(count, RECORD)
        records["row"] = words(rows[:count])
        for part, name in zip(parts, ("count", "first"), strict=True):
            records[name] = numbers_of(part)
        return self._keep(key, records)

    def _keep(self, key: tuple[Any, ...], found: T) -> T:
        self._kept[key] = found
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return found

    def close(self) -> None:
        """Let go of the file."""
        self._kept.clear()
        self.file.close()
        if self._done is not None:
            self._done()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        arrow = pyarrow()
        try:
            yield
        except FileNotFoundError:
            raise InputError(
                "there is no index",
                where=str(self.path),
                help="name it: --index FILE, or make it: modelward data snapshot",
            ) from None
        except (arrow.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
            raise InputError(
                f"the index is not readable: {first_line(error)}", where=str(self.path)
            ) from None


def matrix_of(array: Any) -> tuple[Matrix, NDArray[np.bool_]]:
    """A column of digests as a matrix, zero where null, and where there are digests."""
    count = len(array)
    if not count:
        return np.empty((0, DIGEST_BYTES), np.uint8), np.ones(0, np.bool_)
    data = np.frombuffer(array.buffers()[1], np.uint8, count * DIGEST_BYTES, array.offset * DIGEST_BYTES)
    lines = data.reshape(count, DIGEST_BYTES)
    if not array.null_count:
        return lines, np.ones(count, np.bool_)
    valid = valid_of(array)
    lines = lines.copy()
    lines[~valid] = 0
    return lines, valid


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
