"""The rows of a whole dataset, batch by batch: for profiles and checks, which look at values, not digests."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing

from modelward.core.errors import UsageError
from modelward.core.progress import Progress, Silent
from modelward.data import places
from modelward.data.readers.layout import Part
from modelward.data.readers.shard import Batch


def batches(
    place: str | os.PathLike[str] | places.Dataset,
    types: Mapping[str, str] | None = None,
    columns: Collection[str] | None = None,
    progress: Progress | None = None,
) -> Iterator[tuple[Part, Batch]]:
    """Every batch of rows of a dataset with the shard that it is from, in the order of the snapshot.

    `place` is a path, an address, or what `places.find` found; `types` names the types of CSV columns (see
    `delimited`); of `columns` those that a batch has are given, by default all. Memory is bounded by a batch.
    Raises InputError naming file and row, LimitExceeded; UsageError if no batch has one of `columns`.
    """
    dataset = place if isinstance(place, places.Dataset) else places.find(place)
    progress = progress or Silent()
    missing = set(columns or ())
    progress.start(dataset.size)
    try:
        for part in dataset.parts:
            with (
                dataset.open(part, progress) as shard,
                closing(part.read(shard, types or {})) as read,
            ):
                for batch in read:
                    missing -= batch.columns.keys()
                    yield part, batch if columns is None else _only(batch, columns)
                shard.digest()  # refuses a file that changed meanwhile
    finally:
        progress.done()
    if missing:
        raise UsageError(f"the dataset has no column {min(missing)!r}", where=dataset.name)


def _only(batch: Batch, columns: Collection[str]) -> Batch:
    return Batch(
        {name: values for name, values in batch.columns.items() if name in columns},
        batch.rows,
        {name: shape for name, shape in batch.shapes.items() if name in columns},
    )
