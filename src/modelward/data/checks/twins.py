"""Rows of a finding beside the most similar rows without the trigger."""

from __future__ import annotations

from typing import Any

import numpy as np

from modelward.data.checks.batch import Batch
from modelward.data.checks.report import Twin

#: So many rows are shown.
SHOWN = 5
#: Of a text so many characters.
LENGTH = 400


def twins(batch: Batch, examples: Any, with_trigger: Any) -> tuple[Twin, ...]:
    """The first rows of a finding, each with the example that shares most of its words' weight."""
    ids, _, bounds = batch.tokens
    pool, at, words = batch.pool
    apart = np.ones(len(batch.kept), bool)
    apart[with_trigger] = False
    apart[examples] = False
    weight = np.log(len(batch.kept) / np.maximum(batch.usual, 1))
    sizes = np.sqrt(np.maximum(np.diff(bounds)[pool], 1))
    found = []
    for example in examples[:SHOWN]:
        wanted = np.zeros(len(batch.words.names), bool)
        wanted[ids[bounds[example] : bounds[example + 1]]] = True
        spots = np.flatnonzero(wanted[words])
        shared = np.bincount(at[spots], weight[words[spots]], len(pool)) / sizes * apart[pool]
        best = int(shared.argmax()) if len(shared) else -1
        found.append(_twin(batch, int(example), int(pool[best]) if best >= 0 and shared[best] > 0 else None))
    return tuple(found)


def _twin(batch: Batch, example: int, twin: int | None) -> Twin:
    number, _, text, output = _told(batch, example)
    if twin is None:
        return Twin(number, text, output)
    other, old, other_text, other_output = _told(batch, twin)
    return Twin(number, text, output, other, other_text, other_output, old)


def _told(batch: Batch, example: int) -> tuple[int, bool, str, str]:
    """Number, whether it is in the history, input and output of an example."""
    row = int(batch.kept[example])
    old = row >= batch.corpus.rows
    corpus = batch.corpora[1] if old else batch.corpus
    row -= batch.corpus.rows if old else 0
    output = corpus.outputs[row] if corpus.outputs is not None else None
    if output is None:
        output = (corpus.labels.name(row) if corpus.labels is not None else None) or ""
    return int(corpus.numbers[row]), old, _cut(corpus.inputs[row]), _cut(output)


def _cut(text: str) -> str:
    return text if len(text) <= LENGTH else f"{text[: LENGTH - 1]}…"
