"""Growing a set of suspects: examples that show a behaviour, are written alike, and speak for another
behaviour.

1. What the *content* of an example (its words) promises is learnt from examples that are written
   otherwise: the examples are clustered by how they are written, and no cluster teaches itself.
2. Seeds, for each behaviour: the examples whose content speaks against it; those whose manner promises
   it beyond their content; clusters of one manner that show it more often than their content promises.
3. A regression on manner only is fitted to the seed, and the examples that it ranks first are the next
   seed, cut where chance explains them worst. The growth that scores an example never saw it.
4. Content is learnt once more without the examples of that manner, and the suspects are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from modelward.data.checks.expectation import area, folds_of, platt, ridge

FOLDS = 4
_ROUNDS = 3
#: Dimensions that manner is clustered in; examples for each cluster, and the fewest and most clusters.
_DIMENSIONS, _EACH, _CLUSTERS = 64, 35, (16, 200)
#: Steps of the regressions.
_STEPS = 8
#: Of all examples, sets of these shares may be suspects, and of at least so many.
_SHARES = np.array([0.002, 0.003, 0.005, 0.007, 0.01, 0.014, 0.02, 0.03, 0.04, 0.06, 0.08])
_LEAST = 12
#: What is written alike does not teach content: such a share of the examples, and of the behaviour's.
_APART, _OWN = 0.03, 0.65
#: If content tells less than this (area under the curve), it tells nothing.
_SKILL = 0.62
#: Shares of the suspects that may have been made so.
_MADE = (0.25, 0.5, 0.75, 0.95)
#: Seeds of each sort.
_SEEDS = {"content": 3, "manner": 3, "cluster": 3}
#: Of each behaviour so many clusters are looked at.
_LOOKED_AT = 5
#: A cluster is a seed above this evidence, in nats.
_CLUSTER = 4.0
#: Evidence of one example against its behaviour is bounded, in nats.
_BOUND = 4.0


@dataclass
class Target:
    """A behaviour: of each example whether it is shown, and what content promises.

    `chance` is that of the behaviour, `against` the log of the chance of the content if the example was
    made to show it over that if it shows it by itself. `skilled`: content says something. `beyond` is what
    manner promises of the `residual`, what content does not promise.
    """

    group: int
    behaviour: int
    shown: Any
    score: Any
    chance: Any
    against: Any
    lines: tuple[float, float, float, float]
    skilled: bool
    beyond: Any = None
    residual: Any = None


@dataclass
class Suspects:
    """Examples grown from a seed: `rows` are those ranked first by `rank`, shown or not."""

    target: Target
    sort: str
    seed: Any
    first: float
    chance: Any
    against: Any
    rank: Any = None
    rows: Any = None
    evidence: float = 0.0
    expected: float = 0.0
    made: float = 0.0
    share: float = 0.0

    @property
    def meaning(self) -> Any:
        """What speaks against the behaviour in each example; None if content tells nothing of it."""
        return self.against if self.target.skilled else None

    @property
    def n(self) -> int:
        """How many examples are written so."""
        return len(self.rows)

    @property
    def k(self) -> int:
        """How many of them show the behaviour."""
        return int(self.target.shown[self.rows].sum())

    def mannered(self, seeds: Sequence[Suspects]) -> float:
        """How much manner tells of the behaviour, beyond content, in examples that no seed suspects."""
        others = np.ones(len(self.rank), bool)
        for each in (self, *seeds):
            if each.target is self.target:
                others[np.argsort(-each.rank, kind="stable")[: 2 * each.n]] = False
        if others.sum() < 2:
            return 1.0
        return _correlation(self.target.beyond[others], self.target.residual[others])

    def count(self) -> None:
        """Cut where chance explains worst that so many show it, and weigh what their content says."""
        self.evidence, self.rows = cut(self.rank, self.target.shown, self.chance, self.meaning)
        self.expected = float(self.chance[self.rows].mean())
        self.made, self.share = mixed(self.against[self.rows][self.target.shown[self.rows] > 0])


class Growth:
    """Examples by manner and by content; `groups` keeps examples together that must not teach each other."""

    def __init__(self, manner: sparse.csr_matrix, content: sparse.csr_matrix, groups: Any) -> None:
        self.manner, self.content = manner, content
        self.count = manner.shape[0]
        self.folds, self.halves = folds_of(groups, FOLDS), folds_of(groups + np.uint64(0x5BD1E995), 2)
        self.clusters = clustered(manner)
        sizes = np.bincount(self.clusters)
        fold_of, load = np.zeros(len(sizes), np.int64), np.zeros(FOLDS)
        for cluster in np.argsort(-sizes, kind="stable"):
            fold_of[cluster] = load.argmin()
            load[fold_of[cluster]] += sizes[cluster]
        self._apart = fold_of[self.clusters]

    def concentration(self, codes: Any, count: int) -> Any:
        """Of each of `count` classes by how much it is most of one cluster, in nats."""
        clusters = int(self.clusters.max()) + 1
        both = np.bincount(self.clusters * count + codes, minlength=clusters * count).reshape(clusters, count)
        found: Any = excess(both, both.sum(1, keepdims=True), both.sum(0) / max(len(codes), 1)).max(0)
        return found

    def targets(self, shown: Sequence[tuple[int, int, Any, bool]]) -> list[Target]:
        """Behaviours: group, number, whether each example shows it, whether content may judge it."""
        values = np.stack([each for _, _, each, _ in shown], 1).astype(np.float32)
        score = self._fitted(self.content, values, self._apart, 20)
        return [
            _target(group, behaviour, values[:, at], score[:, at].astype(float), judged)
            for at, (group, behaviour, _, judged) in enumerate(shown)
        ]

    def seeds(self, targets: Sequence[Target]) -> list[Suspects]:
        """The most promising seeds of each sort."""
        residual = np.stack([each.shown - each.chance for each in targets], 1).astype(np.float32)
        beyond = self._fitted(self.manner, residual, self.folds, _STEPS)
        found: dict[str, list[Suspects]] = {sort: [] for sort in _SEEDS}

        def sow(sort: str, target: Target, seed: Any, first: float) -> None:
            found[sort].append(Suspects(target, sort, seed, first, target.chance, target.against))

        sizes = np.bincount(self.clusters)
        for at, target in enumerate(targets):
            shown = target.shown
            if target.skilled:
                sow(
                    "content",
                    target,
                    shown * np.clip(target.against / 2, 0, 1),
                    target.against[shown > 0].sum(),
                )
            own = np.flatnonzero(shown)
            best = own[np.argsort(-beyond[own, at], kind="stable")]
            seed = np.zeros(self.count)
            seed[best[: min(max(60, self.count // 70), len(own) // 4 + 1)]] = 1
            target.beyond, target.residual = beyond[:, at], residual[:, at]
            sow("manner", target, seed, _correlation(target.beyond, target.residual))
            k, e = np.bincount(self.clusters, shown), np.bincount(self.clusters, target.chance)
            worth = excess(k, sizes, e / np.maximum(sizes, 1)) * (k >= 5)
            for cluster in np.argsort(-worth, kind="stable")[:_LOOKED_AT]:
                if worth[cluster] > _CLUSTER:
                    sow("cluster", target, shown * (self.clusters == cluster), float(worth[cluster]))
        self._weigh(found["cluster"])
        return [
            each
            for sort, most in _SEEDS.items()
            for each in sorted(found[sort], key=lambda one: -one.first)[:most]
        ]

    def _weigh(self, clusters: Sequence[Suspects]) -> None:
        """How promising clusters are once content is learnt without what is written alike."""
        if not clusters:
            return
        start = np.stack([each.seed for each in clusters], 1).astype(np.float32)
        self._decide(clusters, self._fitted(self.manner, start, self.folds, _STEPS))
        for each in clusters:
            inside = self.clusters == self.clusters[int(each.seed.argmax())]
            k, n = each.seed.sum(), inside.sum()
            each.first = float(excess(k, n, each.chance[inside].mean()))
            if each.meaning is not None:
                each.first = min(each.first, mixed(each.against[each.seed > 0])[0])

    def grow(self, seeds: Sequence[Suspects]) -> None:
        """Grow the seeds and count what they became."""
        start = np.stack([each.seed for each in seeds], 1).astype(np.float32)
        self._decide(seeds, self._fitted(self.manner, start, self.folds, _STEPS))
        rank = np.zeros_like(start)
        for fold in range(FOLDS):
            seen = self.folds != fold
            weights = start
            for _ in range(_ROUNDS):
                following = np.zeros_like(start)
                for half in (0, 1):
                    taught, asked = seen & (self.halves == half), np.flatnonzero(seen & (self.halves != half))
                    found = self.manner[asked] @ ridge(self.manner[taught], weights[taught], steps=_STEPS)
                    self._next(seeds, found, asked, following)
                weights = following
            rank[~seen] = self.manner[~seen] @ ridge(self.manner[seen], weights[seen], steps=_STEPS)
        self._decide(seeds, rank)
        for at, each in enumerate(seeds):
            each.rank = rank[:, at]
            each.count()

    def refine(self, each: Suspects, rounds: int = 3) -> Any:
        """A better rank of the examples, for scores only: it has seen them all, so that it tests nothing."""
        rows, rank = each.rows, each.rank
        weights = np.zeros((self.count, 1), np.float32)
        for _ in range(rounds):
            weights[:] = 0
            self._next([each], rank[rows, None], rows, weights)
            rank = self._fitted(self.manner, weights, self.folds, _STEPS)[:, 0]
            self._decide([each], rank[:, None])
            _, rows = cut(rank, each.target.shown, each.chance)
        return rank

    def _next(self, seeds: Sequence[Suspects], rank: Any, asked: Any, following: Any) -> None:
        for at, each in enumerate(seeds):
            _, top = cut(rank[:, at], each.target.shown[asked], each.chance[asked])
            rows = asked[top]
            following[rows, at] = each.target.shown[rows] / (1 + np.exp(-1 - each.against[rows]))

    def _decide(self, seeds: Sequence[Suspects], rank: Any) -> None:
        """What content promises to each seed's behaviour, learnt without the examples ranked first."""
        for at, each in enumerate(seeds):
            target = each.target
            order = np.argsort(-rank[:, at], kind="stable")[: int(_APART * self.count)]
            enough = np.cumsum(target.shown[order]) <= _OWN * target.shown.sum()
            apart = order[enough]
            taught = np.ones(self.count, bool)
            taught[apart] = False
            weights = ridge(self.content[taught], target.shown[taught, None], steps=15)
            score = target.score.copy()
            score[apart] = (self.content[apart] @ weights).ravel()
            each.chance, each.against = _read(score, target.lines, target.skilled)

    def _fitted(self, matrix: sparse.csr_matrix, values: Any, folds: Any, steps: int) -> Any:
        found = np.zeros((self.count, values.shape[1]), np.float32)
        for fold in range(FOLDS):
            asked = folds == fold
            found[asked] = matrix[asked] @ ridge(matrix[~asked], values[~asked], steps=steps)
        return found


def _target(group: int, behaviour: int, shown: Any, score: Any, judged: bool) -> Target:
    count, own = len(shown), float(shown.sum())
    slope, level = platt(score, shown, np.ones(count))
    equal = np.where(shown > 0, 0.5 / own, 0.5 / max(count - own, 1)) * count
    lines = (slope, level, *platt(score, shown, equal))
    skilled = judged and area(score, shown) >= _SKILL
    chance, against = _read(score, lines, skilled)
    return Target(group, behaviour, shown, score, chance, against, lines, skilled)


def _read(score: Any, lines: tuple[float, float, float, float], skilled: bool) -> tuple[Any, Any]:
    slope, level, equal_slope, equal_level = lines
    chance = 1 / (1 + np.exp(-np.clip(slope * score + level, -9, 9)))
    if not skilled:
        return np.full(len(score), chance.mean()), np.zeros(len(score))
    return chance, np.clip(-(equal_slope * score + equal_level), -_BOUND, _BOUND)


def mixed(against: Any) -> tuple[float, float]:
    """Log of the best chance that a share of the examples was made so, over that of none; and the share."""
    ratio = np.expm1(against)
    return max((float(np.log1p(share * ratio).sum()), share) for share in _MADE)


def excess(k: Any, n: Any, expected: Any) -> Any:
    """Log likelihood ratio of a rate k/n over the expected one, where it is above."""
    rate = np.clip(k / np.maximum(n, 1), 1e-9, 1 - 1e-9)
    expected = np.clip(expected, 1e-3, 1 - 1e-3)
    found = k * np.log(rate / expected) + (n - k) * np.log((1 - rate) / (1 - expected))
    return np.where(rate > expected, found, 0.0)


def cut(rank: Any, shown: Any, chance: Any, against: Any = None) -> tuple[float, Any]:
    """The examples ranked first, as many as chance (and meaning) explains worst; and how badly chance does.

    Meaning is what the behaviour is `against` in each example; None: it is not known.
    """
    order = np.argsort(-rank, kind="stable")
    most = int(_SHARES[-1] * len(rank)) + _LEAST
    k, e = np.cumsum(shown[order[:most]]), np.cumsum(chance[order[:most]])
    sizes = np.unique(np.maximum((_SHARES * len(rank)).astype(int), _LEAST))
    sizes = sizes[sizes <= len(k)]
    if not len(sizes):
        return 0.0, order[:0]
    worth = excess(k[sizes - 1], sizes, e[sizes - 1] / sizes)
    least = worth
    if against is not None:
        ratio = np.expm1(against[order[:most]]) * (shown[order[:most]] > 0)
        made = np.max([np.cumsum(np.log1p(share * ratio))[sizes - 1] for share in _MADE], 0)
        least = np.minimum(worth, made)
    best = int(least.argmax()) if least.max() > 0 else int(worth.argmax())
    return float(worth[best]), order[: sizes[best]]


def _correlation(one: Any, other: Any) -> float:
    one, other = one.astype(np.float64) - one.mean(), other.astype(np.float64) - other.mean()
    norm = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / norm if norm > 1e-9 else 0.0


def clustered(matrix: sparse.csr_matrix) -> Any:
    """A cluster for each row: k-means on the rows' directions in their main dimensions."""
    rng = np.random.default_rng(0)
    count = matrix.shape[0]
    wanted = int(np.clip(count // _EACH, *_CLUSTERS))
    place = matrix @ main_dimensions(matrix, _DIMENSIONS)
    place /= np.maximum(np.linalg.norm(place, axis=1, keepdims=True), 1e-9)
    centres = place[rng.choice(count, min(wanted, count), replace=False)]
    nearest = np.zeros(count, np.int64)
    for _ in range(12):
        nearest = (place @ centres.T).argmax(1)
        belongs = sparse.csr_matrix(
            (np.ones(count, np.float32), (nearest, np.arange(count))), (len(centres), count)
        )
        centres = belongs @ place
        centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9)
    return nearest


def main_dimensions(matrix: sparse.csr_matrix, dimensions: int) -> Any:
    """Orthonormal columns that turn rows into their so many main dimensions, about."""
    rng = np.random.default_rng(0)
    across = matrix.T.tocsr()
    basis = rng.standard_normal((matrix.shape[1], dimensions + 8)).astype(np.float32)
    for _ in range(2):
        basis = across @ _orthonormal(matrix @ basis)
    return _orthonormal(basis)[:, -dimensions:]


def _orthonormal(columns: Any) -> Any:
    """Orthonormal columns of the same span, by rising length of what they came from."""
    lengths, turn = np.linalg.eigh((columns.T @ columns).astype(np.float64))
    return columns @ (turn / np.sqrt(np.maximum(lengths, 1e-9))).astype(np.float32)
