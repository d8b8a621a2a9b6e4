"""Lines of a former index, for shards whose files have not changed since."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.data.digesting import Cells, row_digests
from modelward.data.index import Index, Shard
from modelward.data.index_file import shapes_of
from modelward.data.index_table import CELL, ROW, IndexTable, matrix_of
from modelward.data.lots import Lot, Spill, Work, write_lines
from modelward.data.options import Options
from modelward.data.runs import Sorter
from modelward.data.shape import Shape


class Lines(NamedTuple):
    """Lines of an index file that lie in one row group: `rows` from its line `start` on."""

    path: Path
    group: int
    start: int
    rows: int
    columns: list[tuple[str, Shape]]


class Former:
    """A former index of a dataset that is read again."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._shapes = shapes_of(index)
        self._shards: dict[str, tuple[Shard, int]] = {}
        start = 0
        for shard in index.shards:
            self._shards[shard.path] = (shard, start)
            start += shard.rows

    @classmethod
    def of(cls, index: Index | None, options: Options) -> Former | None:
        """The former index if rows are read now as they were then."""
        if index is None:
            return None
        same = index.options.labels() == options.labels() and index.options.types == options.types
        keyed = (index.options.keyed, index.options.key_id) == (options.keyed, options.key_id)
        return cls(index) if same and keyed else None

    def knows(self, path: str) -> bool:
        """Whether there was a shard of this name."""
        return path in self._shards

    def shard(self, path: str, digest: Digest) -> Shard | None:
        """The shard of this name, if it was the very same file."""
        shard, _ = self._shards.get(path, (None, 0))
        return shard if shard is not None and shard.digest == digest else None

    def lines(self, path: str) -> Iterator[Lines]:
        """The lines of a shard."""
        shard, start = self._shards[path]
        size = self._index.table.group_rows
        for group in range(start // size, -(-(start + shard.rows) // size)):
            first = max(start - group * size, 0)
            stop = min(start + shard.rows - group * size, size)
            yield Lines(self._index.table.path.absolute(), group, first, stop - first, self._shapes[path])

    def nothing(self, path: str) -> Lines:
        """What is copied of a shard without rows: its columns."""
        return Lines(self._index.table.path, 0, 0, 0, self._shapes[path])


def copy_lines(lines: Lines, work: Work) -> Lot:
    """The lot that these lines were. Raises InputError if rows are not what their cells say."""
    if not lines.rows:
        return Lot(0, lines.columns, None, {}, b"", b"")
    names = [CELL + name for name, _ in lines.columns]
    labels = [label for label, _ in work.options.labels()]
    table = IndexTable(lines.path)
    try:
        batch = table.group(lines.group, [ROW, *labels, *names]).slice(lines.start, lines.rows)
    finally:
        table.close()
    rows, _ = matrix_of(batch.column(0))
    cells = {name: Cells(*matrix_of(batch.column(CELL + name))) for name, _ in lines.columns}
    if not np.array_equal(row_digests(cells, len(rows)), rows):
        raise InputError(
            "the former index is damaged", where=str(lines.path), help="take a snapshot without it"
        )
    spill, run, sorter = Spill(work), Spill(work), Sorter()
    write_lines(spill, batch)
    sorter.add(rows, 0)
    for records in sorter.merged():
        run.write(records.tobytes())
    return Lot(len(rows), lines.columns, None, {}, spill.finish(), run.finish())
