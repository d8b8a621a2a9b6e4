"""Rows as people may look at them, where the data is still at hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing

from modelward.core.errors import ModelwardError
from modelward.core.progress import Silent
from modelward.data import places
from modelward.data.cells import digests
from modelward.data.index import Index
from modelward.data.readers.layout import Part
from modelward.data.readers.shard import Batch
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
    try:
        dataset = places.peek(index.data)
    except ModelwardError:
        return found
    parts = {part.name: part for part in dataset.parts}
    start = 0
    for shard in index.shards:
        here = sorted(number - start for number in numbers if start <= number < start + shard.rows)
        if here and shard.path in parts:
            for position, digest, text in _read(dataset, parts[shard.path], here, index):
                if digest == index.digest_at(start + position).raw:
                    found[start + position] = text
        start += shard.rows
    return found


def _read(
    dataset: places.Dataset, part: Part, positions: list[int], index: Index
) -> Iterator[tuple[int, bytes, str]]:
    """Position, row digest and text of the rows at `positions`, which are sorted. Of bad data, none."""
    start = 0
    try:
        with (
            dataset.open(part, Silent()) as shard,
            closing(part.read(shard, index.options.types)) as batches,
        ):
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
