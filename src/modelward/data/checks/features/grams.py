"""Runs of one to four words.

A run is looked at only if both runs that are shorter by a word are frequent enough; so there are not many
more of them than of words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from modelward.data.checks.features.table import FEWEST, Table, frequent, table

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
    spots = np.arange(len(ids), dtype=np.int64)
    keys = ids.astype(np.int64)
    width = 0
    shorter: Any = None
    one: Any = None
    for length in range(1, longest + 1):
        if shorter is not None:
            first, second, last = shorter[:-1], shorter[1:], one[length - 1 :]
            here = min(len(first), len(last))
            good = (first[:here] >= 0) & (second[:here] >= 0) & (owners[:here] == owners[length - 1 :][:here])
            spots = np.flatnonzero(good)
            keys = first[:here][good].astype(np.int64) * width + last[:here][good]
        kept = frequent(keys, FEWEST)
        keys, spots = keys[kept], spots[kept]
        found, made = table(kind, keys, owners[spots], spots, batch, length)
        made = replace(made, name=_namer(made, ids, names))
        if made.count:
            yield made
        level = np.full(len(ids), -1, np.int32)
        at = np.searchsorted(found, keys)
        at[at == len(found)] = 0
        if len(found):
            match = found[at] == keys
            level[spots[match]] = at[match]
        if length == 1:
            one, width = level, len(found) + 1
        shorter = level


def _namer(made: Table, ids: Any, names: Sequence[str]) -> Any:
    def name(feature: int) -> str:
        spot = made.spots[made.starts[feature]]
        return " ".join(names[at] for at in ids[spot : spot + made.length])

    return name


def of(batch: Batch) -> Iterator[Table]:
    """The runs of words of a batch's inputs."""
    ids, owners, _ = batch.tokens
    return tables(ids, owners, batch.words.names, batch.size)
