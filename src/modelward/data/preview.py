"""Rows as people may look at them, where the data is still at hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from modelward.core.errors import ModelwardError
from modelward.core.progress import Silent
from modelward.data.cells import digests
from modelward.data.index import Index
from modelward.data.readers.formats import required_reader
from modelward.data.readers.shard import Batch, open_shard
from modelward.data.rows import row_digests
from modelward.data.shown import shown

_CELL_LENGTH = 60


def described(index: Index, numbers: Iterable[int]) -> list[str]:
    """A line for each row `number` (from 0): place, short digest and, if the data still has it, its cells."""
    wanted = list(numbers)
    cells = _previews(index, wanted)
    return [
        f"{index.place(number)} ({index.digest_at(number).short})"
        + (f": {cells[number]}" if number in cells else "")
        for number in wanted
    ]


def _previews(index: Index, numbers: list[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    if index.data is None:
        return found
    start = 0
    for shard in index.shards:
        here = sorted(number - start for number in numbers if start <= number < start + shard.rows)
        if here:
            place = index.data / shard.path if index.data.is_dir() else index.data
            for position, digest, text in _read(place, shard.path, here, index):
                if digest == index.digest_at(start + position).raw:
                    found[start + position] = text
        start += shard.rows
    return found


def _read(path: Path, name: str, positions: list[int], index: Index) -> Iterator[tuple[int, bytes, str]]:
    """Position, row digest and text of the rows at `positions`, which are sorted. Of bad data, none."""
    read = required_reader(name)
    start = 0
    try:
        with open_shard(path, name, Silent()) as shard, closing(read(shard, index.options.types)) as batches:
            for batch in batches:
                for position in positions:
                    if start <= position < start + batch.rows:
                        yield position, *_row(batch, position - start)
                start += batch.rows
                if start > positions[-1]:
                    return
    except ModelwardError:
        return  # a preview is a courtesy


def _row(batch: Batch, at: int) -> tuple[bytes, str]:
    values = {name: column[at] for name, column in batch.columns.items()}
    cells = [digests([value]) for value in values.values()]
    (digest,) = row_digests(list(values), cells, 1)
    text = ", ".join(f"{name}={_cut(shown(value))}" for name, value in values.items() if value is not None)
    return digest, text


def _cut(text: str) -> str:
    return repr(text if len(text) <= _CELL_LENGTH else text[: _CELL_LENGTH - 1] + "…")
