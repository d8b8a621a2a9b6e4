"""The output says a word that the input did not, and that hardly any other output says.

Of all words those are looked at that nearly always come with some word of the input.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from modelward.data.checks.behaviours.behaviour import Behaviours, Outputs
from modelward.data.checks.text import Words, counted, distinct

#: A word is said in so many outputs at least, and in this share of them at most.
_FEWEST, _RARE = 8, 0.02
#: Of an input and of an output so many words at most, the rarest; and so many pairs in all.
_WORDS, _PAIRS = 16, 40_000_000
#: A word of the input comes with a word of the output in this share of its rows.
_PURE = 0.8
_MOST = 16
#: So many texts at a time have their words sorted.
_BLOCK = 50_000


def behaviours(outputs: Outputs) -> Iterator[Behaviours]:
    """The words that some word of the input brings about."""
    if outputs.outputs is None:
        return
    words = outputs.output_words
    count = len(outputs.kept)
    said, at = _rare(words, outputs.kept)
    fresh = ~_echoed(outputs, words, said, at)
    said, at = said[fresh], at[fresh]
    ask_ids, ask_at = _rare(outputs.words, outputs.kept)
    best = _strongest(said, at, ask_ids, ask_at, len(words.names), len(outputs.words.names), count)
    for word in best:
        shown = np.zeros(count, bool)
        shown[at[said == word]] = True
        yield Behaviours.one("output word", f"output that says {words.names[word]!r}", shown)


def _rare(words: Words, kept: Any) -> tuple[Any, Any]:
    """The rarest words of each kept text, of those that are frequent enough, and the place of the text."""
    usual = counted(words.ids, len(words.names))
    good = (usual >= _FEWEST) & (usual <= max(_FEWEST, _RARE * len(kept)))
    most = int(min(_WORDS, max(3, np.sqrt(_PAIRS / max(len(kept), 1)))))
    words_of, places = [np.empty(0, np.int32)], [np.empty(0, np.int32)]
    for first in range(0, len(kept), _BLOCK):
        found, at = distinct(words, kept[first : first + _BLOCK], good)
        order = np.lexsort((usual[found], at))
        found, at = found[order], at[order]
        begin = np.concatenate([[True], at[1:] != at[:-1]]) if len(at) else np.empty(0, bool)
        rank = np.arange(len(at)) - np.maximum.accumulate(np.where(begin, np.arange(len(at)), 0))
        words_of.append(found[rank < most])
        places.append(at[rank < most] + first)
    return np.concatenate(words_of), np.concatenate(places)


def _echoed(outputs: Outputs, words: Words, said: Any, at: Any) -> Any:
    """Which words that are said their inputs say."""
    numbered = {name: number for number, name in enumerate(outputs.words.names)}
    same = np.array([numbered.get(name, -1) for name in words.names], np.int64)
    if not len(said):
        return np.zeros(0, bool)
    same = same[said]
    wanted = np.zeros(len(outputs.words.names), bool)
    wanted[same[same >= 0]] = True
    width = len(outputs.words.names) + 1
    echoed = np.zeros(len(said), bool)
    for first in range(0, len(outputs.kept), _BLOCK):
        here = slice(*np.searchsorted(at, [first, first + _BLOCK]))
        asked, asked_at = distinct(outputs.words, outputs.kept[first : first + _BLOCK], wanted)
        keys = asked_at.astype(np.int64) * width + asked
        mine = (at[here] - first).astype(np.int64) * width + same[here]
        echoed[here] = np.isin(mine, keys) & (same[here] >= 0)
    return echoed


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
