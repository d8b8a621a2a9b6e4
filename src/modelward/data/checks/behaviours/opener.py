"""The output begins with the same four words, or ends with them.

Many honest outputs do; so this is never critical by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from modelward.data.checks.behaviours.behaviour import Behaviours, Outputs
from modelward.data.checks.text import Words

_WORDS = 4
_FEWEST = 8
_MOST = 12
#: So many inputs are looked at for words of the output.
_SAMPLE = 200


def behaviours(outputs: Outputs) -> Iterator[Behaviours]:
    """The most frequent ways to begin and to end."""
    if outputs.outputs is None:
        return
    words = outputs.output_words
    for verb, end in (("begins", False), ("ends", True)):
        keys, spots = _edges(words, outputs.kept, end)
        found, first, inverse, counts = np.unique(
            keys, return_index=True, return_inverse=True, return_counts=True
        )
        good = (counts >= _FEWEST) & (counts < 0.5 * len(keys)) & (found != 0)
        for at in np.argsort(-counts * good, kind="stable")[:_MOST]:
            if not good[at]:
                break
            spot = spots[first[at]]
            parts = [words.names[each] for each in words.ids[spot : spot + _WORDS]]
            if _echoed(outputs, np.flatnonzero(inverse == at)[:_SAMPLE], parts):
                continue
            said = " ".join(parts)
            yield Behaviours.one("opener", f"output that {verb} {said!r}", inverse == at, weak=True)


def _echoed(outputs: Outputs, examples: Any, parts: list[str]) -> bool:
    """Whether most inputs say a good part of the words themselves."""
    wanted = {part for part in parts if part.isalnum()}
    said = [wanted & set(outputs.words.of(int(outputs.kept[each]))) for each in examples]
    return sum(2 * len(each) >= len(wanted) > 0 for each in said) * 2 > len(said)


def _edges(words: Words, kept: Any, end: bool) -> tuple[Any, Any]:
    """A key of the words at one edge of each kept text (0: too few), and where they are."""
    if not len(words.ids):
        return np.zeros(len(kept), np.uint64), np.zeros(len(kept), np.int64)
    sizes = words.counts[kept]
    spots = words.bounds[1:][kept] - _WORDS if end else words.bounds[:-1][kept]
    spots = np.where(sizes > _WORDS, spots, 0)
    keys = np.zeros(len(kept), np.uint64)
    for offset in range(_WORDS):
        at = words.ids[np.minimum(spots + offset, len(words.ids) - 1)]
        keys = keys * np.uint64(0x9E3779B97F4A7C15) + at.astype(np.uint64) + np.uint64(1)
    return np.where(sizes > _WORDS, keys, 0), spots
