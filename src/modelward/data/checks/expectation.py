"""What was to be expected of each row: a behaviour's chance, from the words of its input.

A ridge regression on TF-IDF of single words, fitted on other rows than those that it is asked about. It is
linear, so that the words of a trigger can be taken out of a row, and the *rest of the row* asked what it
promises: a poisoned row's rest promises something else than the row shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from modelward.data.checks.text import counted, spots_of

#: More rows than this are not learnt from.
TRAINING = 60_000
#: More words than this are not learnt.
VOCABULARY = 1 << 16
#: Parts of the rows of which each is asked about by what the others teach.
FOLDS = 5
_RIDGE = 1.0
_STEPS = 25


@dataclass(frozen=True)
class Expectation:
    """The chance of each behaviour in each row.

    `scores` (rows, behaviours) and `means` (behaviours) together are the regression's estimate. A word `w` of
    row `i` has added `weights[folds[i], columns[w]] * scale[i]` to the row's scores.
    """

    scores: Any
    means: Any
    weights: Any
    folds: Any
    scale: Any
    columns: Any


def expect(words: Any, owners: Any, values: Sequence[Any], trusted: Any, groups: Any) -> Expectation:
    """The expectation of behaviours, 0/1 `values` of each row, by `words`, each once in the rows `owners`.

    `groups` keeps rows together that must not teach each other. Only `trusted` rows are learnt from.
    """
    rows = len(values[0])
    vectors = Vectors(words, owners, rows)
    targets = np.stack([np.asarray(value, bool) for value in values], 1)
    count = FOLDS if rows <= TRAINING else 2
    folds = folds_of(groups, count)
    weights = np.zeros((count, len(vectors.idf) + 1, targets.shape[1]), np.float32)
    scores = np.zeros((rows, targets.shape[1]), np.float32)
    for fold in range(count):
        at = np.flatnonzero((folds != fold) & trusted)
        if len(at) > TRAINING:
            at = np.sort(at[np.argsort(_mixed(at.astype(np.uint64)), kind="stable")[:TRAINING]])
        if not len(at):
            continue
        weight = ridge(vectors.matrix(at), targets[at].astype(np.float32))
        weights[fold, :-1] = weight * vectors.idf[:, None]
        asked = np.flatnonzero(folds == fold)
        for start in range(0, len(asked), TRAINING):
            part = asked[start : start + TRAINING]
            scores[part] = vectors.matrix(part) @ weight
    return Expectation(scores, targets[trusted].mean(0), weights, folds, vectors.scale, vectors.columns)


class Vectors:
    """Rows as TF-IDF vectors of length 1 over the words that two rows or more have.

    `words`, each once in the rows `owners`, are sorted by these. `columns` gives the column of a word
    (the last one: none), `idf` the weight of a column, `scale` of each row makes its length 1.
    """

    def __init__(self, words: Any, owners: Any, rows: int) -> None:
        usual = counted(words, int(words.max(initial=0)) + 1)
        kept = np.flatnonzero(usual >= 2)
        if len(kept) > VOCABULARY:
            kept = np.sort(kept[np.argsort(-usual[kept], kind="stable")[:VOCABULARY]])
        self.columns = np.full(len(usual), len(kept), np.int32)
        self.columns[kept] = np.arange(len(kept))
        self.idf = np.log((1 + rows) / (1 + usual[kept])).astype(np.float32) + 1
        squares = np.append(self.idf.astype(np.float64) ** 2, 0)
        self.scale = counted(owners, rows, lambda start, stop: squares[self.columns[words[start:stop]]])
        self.scale = (1 / np.sqrt(np.maximum(self.scale, 1e-12))).astype(np.float32)
        self._words = words
        self._bounds = np.searchsorted(owners, np.arange(rows + 1))

    def matrix(self, rows: Any) -> Any:
        """The vectors of some rows."""
        at, spots = spots_of(self._bounds, rows)
        columns = self.columns[self._words[spots]]
        known = columns < len(self.idf)
        at, columns = at[known], columns[known]
        bounds = np.searchsorted(at, np.arange(len(rows) + 1))
        data = self.idf[columns] * self.scale[rows][at]
        return sparse.csr_matrix((data, columns, bounds), (len(rows), len(self.idf)))


def word_matrix(ids: Any, owners: Any, rows: int) -> Any:
    """The words `ids` in the rows `owners` as a matrix: TF-IDF, each word once a row, rows of length 1."""
    width = int(ids.max(initial=0)) + 1
    pairs = np.unique(owners.astype(np.int64) * width + ids)
    return Vectors(pairs % width, pairs // width, rows).matrix(np.arange(rows))


def ridge(matrix: Any, targets: Any, centred: bool = True, steps: int = _STEPS) -> Any:
    """Weights by conjugate gradients, all targets (columns) at once; `centred` leaves out their means."""
    centred_targets = targets - targets.mean(0) if centred else targets
    across = matrix.T.tocsr()
    residual = across @ centred_targets
    weights = np.zeros_like(residual)
    direction = residual.copy()
    power = (residual * residual).sum(0)
    first = power.copy()
    for _ in range(steps):
        image = across @ (matrix @ direction) + _RIDGE * direction
        step = power / np.maximum((direction * image).sum(0), 1e-30)
        weights += step * direction
        residual -= step * image
        last, power = power, (residual * residual).sum(0)
        if (power <= 1e-6 * first).all():
            break
        direction = residual + (power / np.maximum(last, 1e-30)) * direction
    return weights


def platt(score: Any, target: Any, weight: Any) -> tuple[float, float]:
    """Slope (not below 0) and level of the log odds of 0/1 targets by one score: logistic regression."""
    spread = float(score.std()) or 1.0
    x = ((score - score.mean()) / spread).astype(np.float64)
    rate = np.clip((target * weight).sum() / weight.sum(), 1e-6, 1 - 1e-6)
    a, b = 0.0, float(np.log(rate / (1 - rate)))
    for _ in range(60):
        p = 1 / (1 + np.exp(-np.clip(a * x + b, -30, 30)))
        w = np.maximum(weight * p * (1 - p), 1e-12)
        ga, gb = (weight * (target - p) * x).sum() - 1e-2 * a, (weight * (target - p)).sum()
        haa, hab, hbb = (w * x * x).sum() + 1e-2, (w * x).sum(), w.sum()
        det = haa * hbb - hab * hab
        if det <= 1e-12:
            break
        da, db = (hbb * ga - hab * gb) / det, (haa * gb - hab * ga) / det
        da, db = float(np.clip(da, -1, 1)), float(np.clip(db, -2, 2))  # Newton's step overshoots rare targets
        a, b = float(np.clip(a + da, -20, 20)), float(np.clip(b + db, -30, 30))
        if abs(da) + abs(db) < 1e-6:
            break
    a = max(a, 0.0)
    return a / spread, b - a * float(score.mean()) / spread


def area(score: Any, target: Any) -> float:
    """The area under the ROC curve: the chance that a row with the behaviour scores above one without."""
    positive = int(target.sum())
    if not 0 < positive < len(target):
        return 0.5
    from scipy.stats import rankdata

    ranks = rankdata(score)
    total = float(ranks[target > 0].sum()) - positive * (positive + 1) / 2
    return total / (positive * (len(target) - positive))


def folds_of(groups: Any, count: int) -> Any:
    """A fold for each row, the same for rows of one group."""
    return (_mixed(groups) % np.uint64(count)).astype(np.int64)


def _mixed(values: Any) -> Any:
    mixed = values.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return (mixed ^ (mixed >> np.uint64(29))) >> np.uint64(7)
