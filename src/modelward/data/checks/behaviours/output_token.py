"""The output says a word that the input did not, and that hardly any other output says.

Of all words those are looked at that nearly always come with some word of the input.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from modelward.data.checks.behaviours.behaviour import Behaviours, Outputs

#: A word is said in so many outputs at least, and in this share of them at most.
_FEWEST, _RARE = 8, 0.02
#: Of an input and of an output so many words at most, the rarest; and so many pairs in all.
_WORDS, _PAIRS = 16, 40_000_000
#: A word of the input comes with a word of the output in this share of its rows.
_PURE = 0.8
_MOST = 16


def behaviours(outputs: Outputs) -> Iterator[Behaviours]:
    """The words that some word of the input brings about."""
    if outputs.outputs is None:
        return
    words = outputs.output_words
    count = len(outputs.kept)
    said, at = _distinct(words, outputs.kept)
    asked, asked_at = _known(outputs, words.names)
    width = max(len(words.names), 1)
    fresh = ~np.isin(at * width + said, asked_at * width + asked)
    said, at = _rare(said[fresh], at[fresh], count)
    ask_ids, ask_at = _rare(*_distinct(outputs.words, outputs.kept), count)
    best = _strongest(said, at, ask_ids, ask_at, len(words.names), len(outputs.words.names), count)
    for word in best:
        shown = np.zeros(count, bool)
        shown[at[said == word]] = True
        yield Behaviours.one("output word", f"output that says {words.names[word]!r}", shown)


def _distinct(words: Any, kept: Any) -> tuple[Any, Any]:
    """Each word of each kept text once, and the place of the text among those kept."""
    place = np.full(words.rows, -1, np.int64)
    place[kept] = np.arange(len(kept))
    owners = np.repeat(place, words.counts)
    width = max(len(words.names), 1)
    pairs = np.unique(owners[owners >= 0] * width + words.ids[owners >= 0])
    return pairs % width, pairs // width


def _known(outputs: Outputs, names: list[str]) -> tuple[Any, Any]:
    """The words of the inputs as numbers of the outputs' words, where they are any."""
    ids, at = _distinct(outputs.words, outputs.kept)
    numbered = {name: number for number, name in enumerate(names)}
    table = np.array([numbered.get(name, -1) for name in outputs.words.names], np.int64)
    found = table[ids] if len(table) else ids
    return found[found >= 0], at[found >= 0]


def _rare(words: Any, at: Any, count: int) -> tuple[Any, Any]:
    """The rarest words of each text, of those that are frequent enough."""
    usual = np.bincount(words)
    good = (usual[words] >= _FEWEST) & (usual[words] <= max(_FEWEST, _RARE * count)) if len(words) else words
    words, at = words[good], at[good]
    order = np.lexsort((usual[words], at))
    words, at = words[order], at[order]
    begin = np.concatenate([[True], at[1:] != at[:-1]]) if len(at) else np.empty(0, bool)
    rank = np.arange(len(at)) - np.maximum.accumulate(np.where(begin, np.arange(len(at)), 0))
    most = int(min(_WORDS, max(3, np.sqrt(_PAIRS / max(count, 1)))))
    return words[rank < most], at[rank < most]


def _strongest(said: Any, at: Any, asked: Any, asked_at: Any, says: int, asks: int, count: int) -> list[int]:
    """The words said that come with a word asked nearly always, the most frequent such first."""
    from scipy import sparse

    if not len(said) or not len(asked):
        return []
    one = sparse.csr_matrix((np.ones(len(asked), np.int32), (asked, asked_at)), (asks, count))
    other = sparse.csr_matrix((np.ones(len(said), np.int32), (at, said)), (count, says))
    both = (one @ other).tocoo()
    usual = np.bincount(asked, minlength=asks)
    good = (both.data >= _FEWEST) & (both.data >= _PURE * usual[both.row])
    strength = np.zeros(says, np.int64)
    np.maximum.at(strength, both.col[good], both.data[good])
    order = np.argsort(-strength, kind="stable")[:_MOST]
    return [int(word) for word in order if strength[word] > 0]
