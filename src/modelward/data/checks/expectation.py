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


def expect(ids: Any, owners: Any, values: Sequence[Any], trusted: Any, groups: Any) -> Expectation:
    """The expectation of behaviours, 0/1 `values` of each row, by the words `ids` in the rows `owners`.

    `groups` keeps rows together that must not teach each other. Only `trusted` rows are learnt from.
    """
    rows = len(values[0])
    matrix, columns, scale, idf = _matrix(ids, owners, rows)
    targets = np.stack([np.asarray(value, np.float32) for value in values], 1)
    count = FOLDS if rows <= TRAINING else 2
    folds = folds_of(groups, count)
    weights = np.zeros((count, matrix.shape[1] + 1, targets.shape[1]), np.float32)
    scores = np.zeros((rows, targets.shape[1]), np.float32)
    for fold in range(count):
        asked = folds == fold
        at = np.flatnonzero(~asked & trusted)
        if len(at) > TRAINING:
            at = at[np.argsort(_mixed(at.astype(np.uint64)), kind="stable")[:TRAINING]]
            at.sort()
        if not len(at):
            continue
        weight = ridge(matrix[at], targets[at])
        scores[asked] = matrix[asked] @ weight
        weights[fold, :-1] = weight * idf[:, None]
    return Expectation(scores, targets[trusted].mean(0), weights, folds, scale, columns)


def _matrix(ids: Any, owners: Any, rows: int) -> tuple[Any, Any, Any, Any]:
    """TF-IDF, each word once a row, rows of length 1; word -> column (the last: none); row scale; idf."""
    words = int(ids.max()) + 1 if len(ids) else 1
    pairs = sparse.csr_matrix((np.ones(len(ids), np.float32), (owners, ids)), (rows, words))
    pairs.sum_duplicates()
    pairs.data[:] = 1
    found = np.bincount(pairs.indices, minlength=words)
    kept = np.flatnonzero(found >= 2)
    if len(kept) > VOCABULARY:
        kept = np.sort(kept[np.argsort(-found[kept], kind="stable")[:VOCABULARY]])
    columns = np.full(words, len(kept), np.int64)
    columns[kept] = np.arange(len(kept))
    idf = np.log((1 + rows) / (1 + found[kept])).astype(np.float32) + 1
    matrix = pairs[:, kept]
    matrix.data = idf[matrix.indices]
    norm = np.sqrt(np.asarray(matrix.multiply(matrix).sum(1)).ravel())
    scale = (1 / np.maximum(norm, 1e-6)).astype(np.float32)
    matrix.data *= np.repeat(scale, np.diff(matrix.indptr))
    return matrix, columns, scale, idf


def word_matrix(ids: Any, owners: Any, rows: int) -> Any:
    """The words `ids` in the rows `owners` as a matrix: TF-IDF, each word once a row, rows of length 1."""
    return _matrix(ids, owners, rows)[0]


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
