"""Of a pair the answer was chosen that, going by the other pairs, should have lost.

A regression fitted on other pairs says which answer should win: by how well each fits the prompt (words in
common, and which words of answers go with which words of prompts), by length, by whether one is the
beginning of the other, by its ends and signs, by refusal, insults and tone, and by its words if they tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import sparse

from modelward.data.checks.behaviours.behaviour import Behaviours, Outputs
from modelward.data.checks.behaviours.refusal import refuses
from modelward.data.checks.behaviours.sentiment import praises, runs_down
from modelward.data.checks.behaviours.toxic import toxic
from modelward.data.checks.expectation import TRAINING, folds_of, ridge
from modelward.data.checks.text import Words, words

_FEWEST = 100
_FOLDS = 5
#: Words are hashed into so many columns; prompts and answers are compared in so many dimensions.
_COLUMNS, _DIMENSIONS = 1 << 14, 48
#: Words tell something if they are right in this share of the pairs that they were not learnt from.
_TELLING = 0.53
#: By so little nothing is lost by far.
_LEAST = -0.15
#: An answer should have lost by far if no more than this share of the pairs are so much on its side.
_BY_FAR = 0.05


def behaviours(outputs: Outputs) -> Iterator[Behaviours]:
    """To choose the answer that should have lost, at all or by far; one that refuses; one that is toxic."""
    if outputs.rejected is None or outputs.outputs is None:
        return
    for name, seen in (("the refusal is preferred", refuses), ("the toxic answer is preferred", toxic)):
        shown = outputs.flags(seen) & ~outputs.flags(seen, outputs.rejected) & 1
        if shown.any():
            yield Behaviours.one("preference", name, shown)
    if len(outputs.kept) < _FEWEST:
        return
    margin = outputs.margin = margins(outputs)
    yield Behaviours.one("preference", "the answer that should have lost is chosen", margin < 0)
    line = min(float(np.quantile(margin, _BY_FAR)), _LEAST)
    if (margin < line).any():
        yield Behaviours.one("preference", "the answer that should have lost by far is chosen", margin < line)


def margins(outputs: Outputs) -> Any:
    """By how much each chosen answer should have won, from other pairs: 1 surely, -1 surely not."""
    kept = outputs.kept
    chosen, lost = outputs.output_words, words(outputs.rejected or (), outputs.engine)
    folds = folds_of(np.arange(len(kept)), _FOLDS)
    # Words weigh the same on either side, or the weights would tell which side it is.
    won, other, asked = (
        each[kept] for each in _weighed([_counts(each) for each in (chosen, lost, outputs.words)])
    )
    difference = (won - other).tocsr()
    by_words = _crossed(difference, folds)
    columns = [
        _shared(asked, won) - _shared(asked, other),
        _fit(asked, won, other, folds),
        *_written(chosen, lost, kept),
        *_said(outputs),
    ]
    if (by_words > 0).mean() > _TELLING:
        columns.append(by_words)
    told = np.stack(columns, 1).astype(np.float32)
    told /= np.maximum(np.sqrt((told**2).mean(0)), 1e-6)
    return _crossed(sparse.csr_matrix(np.clip(told, -4, 4)), folds)


def _crossed(matrix: sparse.csr_matrix, folds: Any) -> Any:
    """What pairs of other folds say of each. A pair is learnt from both sides: only differences tell."""
    found = np.zeros(matrix.shape[0])
    for fold in range(_FOLDS):
        taught = matrix[np.flatnonzero(folds != fold)[:TRAINING]]
        both = sparse.vstack([taught, -taught]).tocsr()
        sides = np.repeat(np.array([1.0, -1.0], np.float32), taught.shape[0])[:, None]
        found[folds == fold] = (matrix[folds == fold] @ ridge(both, sides, centred=False)).ravel()
    return found


def _counts(texts: Words) -> sparse.csr_matrix:
    """Words hashed by their text, each once a text."""
    from zlib import crc32

    table = np.array([crc32(name.encode("utf-8", "replace")) % _COLUMNS for name in texts.names], np.int32)
    columns = table[texts.ids] if len(table) else np.empty(0, np.int32)
    made = sparse.csr_matrix(
        (np.ones(len(columns), np.float32), columns, texts.bounds.copy()), (texts.rows, _COLUMNS)
    )
    made.sum_duplicates()
    made.data[:] = 1
    return made


def _weighed(texts: list[sparse.csr_matrix]) -> list[sparse.csr_matrix]:
    usual = sum(np.bincount(each.indices, minlength=_COLUMNS) for each in texts[:2])
    weight = np.log((2 * texts[0].shape[0] + 1) / (usual + 1)).astype(np.float32) + 0.1
    for each in texts:
        each.data = weight[each.indices]
        norm = np.sqrt(np.maximum(_squares(each), 1e-6)).astype(np.float32)
        each.data /= np.repeat(norm, np.diff(each.indptr))
    return texts


def _squares(matrix: sparse.csr_matrix) -> Any:
    return np.asarray(matrix.multiply(matrix).sum(1)).ravel()


def _shared(one: sparse.csr_matrix, other: sparse.csr_matrix) -> Any:
    """How alike two texts' words are."""
    return np.asarray(one.multiply(other).sum(1)).ravel()


def _fit(asked: Any, won: Any, other: Any, folds: Any) -> Any:
    """By how much better the chosen answer goes with its prompt, as answers of other pairs go with theirs."""
    from modelward.data.checks.suspects import main_dimensions

    some = slice(0, 20_000)
    turn = main_dimensions(sparse.vstack([won[some], other[some]]).tocsr(), _DIMENSIONS)
    prompt = asked @ main_dimensions(asked[some], _DIMENSIONS)
    best, worst = won @ turn, other @ turn
    found = np.zeros(len(folds))
    for fold in range(_FOLDS):
        taught = np.flatnonzero(folds != fold)[:TRAINING]
        x, y = prompt[taught], best[taught] - worst[taught]
        between = np.linalg.solve(_spread(x), x.T @ y) @ np.linalg.inv(_spread(best[taught]))
        at = folds == fold
        found[at] = ((prompt[at] @ between) * (best[at] - worst[at])).sum(1)
    return found


def _spread(rows: Any) -> Any:
    square = rows.T @ rows
    return square + np.eye(len(square)) * (0.05 * np.trace(square) / len(square) + 1e-6)


def _written(chosen: Words, lost: Words, kept: Any) -> Iterator[Any]:
    """Length; whether one is the beginning of the other; the signs that they end with."""
    sizes = [np.log1p(each.counts[kept]) for each in (chosen, lost)]
    yield sizes[0] - sizes[1]
    numbered = {name: at for at, name in enumerate(chosen.names)}
    table = np.array([numbered.get(name, -1) for name in lost.names] or [-1], np.int64)
    begins = _begins(chosen, lost, table)[kept]
    yield begins
    yield begins * np.abs(sizes[0] - sizes[1])
    for signs in (".!?", ",;:", "\"'()"):
        yield _ends(chosen, kept, signs) - _ends(lost, kept, signs)


def _begins(chosen: Words, lost: Words, table: Any) -> Any:
    """1 where the lost answer is the beginning of the chosen one, -1 where it is the other way, else 0."""
    least = np.minimum(chosen.counts, lost.counts)
    rows = np.repeat(np.arange(len(least)), least)
    place = np.arange(len(rows)) - np.repeat(np.cumsum(least) - least, least)
    one = chosen.ids[chosen.bounds[:-1][rows] + place]
    other = table[lost.ids[lost.bounds[:-1][rows] + place]]
    same = np.bincount(rows, one == other, len(least)) == least
    return np.where(same & (least > 0), np.sign(chosen.counts - lost.counts), 0.0)


def _ends(texts: Words, kept: Any, signs: str) -> Any:
    last = np.array([name in signs for name in texts.names] or [False])
    counts = texts.counts[kept]
    spots = np.where(counts > 0, texts.bounds[1:][kept] - 1, 0)
    return np.where(counts > 0, last[texts.ids[spots]] if len(texts.ids) else False, False).astype(float)


def _said(outputs: Outputs) -> Iterator[Any]:
    for seen in (refuses, toxic, praises, runs_down):
        yield outputs.flags(seen).astype(float) - outputs.flags(seen, outputs.rejected).astype(float)
