"""What is in the texts of a batch that has no business there, found once for all checks.

Of each row (the batch's, then the history's) a bit for each of NAMES: in the input, and in the output.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from modelward.data.checks import characters
from modelward.data.checks.corpus import Texts
from modelward.data.checks.encoded import ROTATED, SHORTEST, decoded
from modelward.data.checks.orders import carried, ordered
from modelward.data.checks.text import PART, Words
from modelward.data.engine import Engine

#: The names of the bits.
NAMES = (*characters.KINDS, "orders to a model", "orders or code in a coding", "an address that carries data")
ORDERED, DECODED, CARRIED = (1 << bit for bit in range(len(characters.KINDS), len(NAMES)))


@dataclass(frozen=True)
class Marks:
    """Bits of each row's input and output; without outputs those are 0."""

    inputs: Any
    outputs: Any


def marks(
    inputs: Sequence[Texts],
    outputs: Sequence[Texts] | None,
    words: tuple[Words, Words | None],
    engine: Engine,
) -> Marks:
    """The marks of all rows. `words` are those of inputs and of outputs."""
    asked = np.concatenate(list(engine.map(_asked, _parts(inputs)))) | _coded(inputs, words[0])
    if outputs is None:
        return Marks(asked, np.zeros_like(asked))
    pairs = zip(_parts(outputs), _parts(inputs), strict=True)
    said = np.concatenate(list(engine.map(_said, pairs)))
    if words[1] is not None:
        said |= _coded(outputs, words[1])
    return Marks(asked, said)


def _parts(texts: Sequence[Texts]) -> Iterable[list[str]]:
    for each in texts:
        for start in range(0, max(len(each), 1), PART):
            yield each.part(start, start + PART)


def _asked(texts: list[str]) -> Any:
    return np.array([characters.kinds(each) | (ORDERED if ordered(each) else 0) for each in texts], np.int32)


def _said(pair: tuple[list[str], list[str]]) -> Any:
    found = [
        characters.kinds(answer) | (CARRIED if "http" in answer and carried(asked, answer) else 0)
        for answer, asked in zip(*pair, strict=True)
    ]
    return np.array(found, np.int32)


def _coded(texts: Sequence[Texts], words: Words) -> Any:
    """Rows that say something in a coding: only those with a word that may be part of one are read."""
    suspect = np.array([_suspect(name) for name in words.names], bool)
    found = np.zeros(words.rows, np.int32)
    if not suspect.any():
        return found
    rows = np.searchsorted(words.bounds, np.flatnonzero(suspect[words.ids]), "right") - 1
    start = 0
    for each in texts:
        for row in np.unique(rows[(rows >= start) & (rows < start + len(each))]).tolist():
            found[row] = DECODED if decoded(each[row - start]) else 0
        start += len(each)
    return found


def _suspect(word: str) -> bool:
    return (len(word) >= SHORTEST and word.isascii()) or word in ROTATED or word in _ESCAPED


_ESCAPED = frozenset({"u0069", "u0020", "u0065", "x20", "x65", "2520", "x69"})
