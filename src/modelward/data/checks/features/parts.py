"""The first and the last three letters of words: endings that a style brings along, and broken words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from modelward.data.checks.features.table import Table, table

if TYPE_CHECKING:
    from modelward.data.checks.batch import Batch

_LETTERS = 3
#: Above so many pairs of word and example there is no room for them.
_MOST = 20_000_000


def of(batch: Batch) -> Iterator[Table]:
    """The parts of a batch's words."""
    words, examples = batch.said
    if len(words) > _MOST:
        return
    names = batch.words.names
    for place, cut in (("-", slice(-_LETTERS, None)), ("", slice(0, _LETTERS))):
        numbered: dict[str, int] = {}
        codes = np.array(
            [
                numbered.setdefault(name[cut], len(numbered)) if len(name) > _LETTERS + 1 else -1
                for name in names
            ],
            np.int64,
        )
        keys = codes[words]
        here = keys >= 0
        keys, rows = keys[here], examples[here]
        found, made = table("parts", keys, rows, np.full(len(keys), -1), batch.size)
        yield replace(made, name=_namer(found.tolist(), list(numbered), place))


def _namer(found: list[int], names: list[str], place: str) -> Callable[[int], str]:
    def name(feature: int) -> str:
        part = names[found[feature]]
        return f"-{part}" if place else f"{part}-"

    return name
