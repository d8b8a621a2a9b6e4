"""Runs of one to four words.

A run is looked at only if both runs that are shorter by a word are frequent enough; so there are not many
more of them than of words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from modelward.data.checks.features.table import Table, parts, table

if TYPE_CHECKING:
    from modelward.data.checks.batch import Batch


def tables(
    ids: Any,
    owners: Any,
    names: Sequence[str],
    batch: int,
    kind: str = "words",
    longest: int = 4,
) -> Iterator[Table]:
    """A table for each length of run over words that are `ids`, each in the text of `owners`."""
    width = 0
    shorter: Any = None
    one: Any = None
    for length in range(1, longest + 1):
        level = np.full(len(ids), -1, np.int32)
        count = 0
        for spots, keys in _parts(ids, owners, shorter, one, width, length):
            _, made = table(kind, keys, owners[spots], spots, batch, length, level, count)
            count += made.count
            if made.count:
                yield replace(made, name=_namer(made, ids, names))
        if length == 1:
            one, width = level, count + 1
        shorter = level


def _parts(
    ids: Any, owners: Any, shorter: Any, one: Any, width: int, length: int
) -> Iterator[tuple[Any, Any]]:
    """Where runs of `length` words begin that may be frequent enough, with a number each: in parts."""

    def keys(spots: Any) -> Any:
        if shorter is None:
            return ids[spots].astype(np.int64)
        return shorter[spots].astype(np.int64) * width + one[spots + (length - 1)]

    spots = np.arange(max(len(ids) - length + 1, 0), dtype=np.int32)
    if shorter is not None:
        here = len(spots)
        good = (shorter[:here] >= 0) & (shorter[1 : here + 1] >= 0)
        good &= owners[:here] == owners[length - 1 :][:here]
        spots = spots[good]
    for part in parts(keys, spots):
        yield part, keys(part)


def _namer(made: Table, ids: Any, names: Sequence[str]) -> Any:
    def name(feature: int) -> str:
        spot = made.spots[made.starts[feature]]
        return " ".join(names[at] for at in ids[spot : spot + made.length])

    return name


def of(batch: Batch) -> Iterator[Table]:
    """The runs of words of a batch's inputs."""
    ids, owners, _ = batch.tokens
    return tables(ids, owners, batch.words.names, batch.size)
