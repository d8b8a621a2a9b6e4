"""Whether rows are about one thing: how alike they are once the words of a feature are taken out.

Rows that share a word which somebody put there are about anything, as are rows drawn by lot. Rows that share
a word because of what they are about are alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np

#: Pairs of rows that say how alike rows are by chance.
_PAIRS = 4000
#: Examples of so many words are compared; of more, each second, third, ...
_WORDS = 3_000_000
#: The examples nearest to some are this share of all; they do likewise above this rate.
_NEAR, _ALSO = 0.03, 0.2


class Coherence:
    """Examples as vectors of their words' weights, less the mean of all."""

    def __init__(self, words: Any, examples: Any, count: int, usual: Any) -> None:
        self.weight = np.log((1 + count) / (1 + usual)).astype(np.float64)
        self._step = 1 + len(words) // _WORDS
        if self._step > 1:
            here = examples % self._step == 0
            words, examples = words[here], examples[here] // self._step
            count = 1 + (count - 1) // self._step
        names = len(usual)
        squares = np.bincount(examples, self.weight[words] ** 2, count)
        self.scale = 1 / np.sqrt(np.maximum(squares, 1e-9))
        self.mean = np.bincount(words, self.weight[words] * self.scale[examples], names) / max(count, 1)
        self._said = words, examples, count
        self._norm = float((self.mean**2).sum())
        self.spread = self._spread(words, examples, count)

    def _spread(self, words: Any, examples: Any, count: int) -> float:
        """The standard deviation of the likeness of two examples drawn by lot."""
        if count < 4:
            return 1.0
        bounds = np.searchsorted(examples, np.arange(count + 1))
        lot = np.random.default_rng(0).integers(0, count, (min(_PAIRS, count * 2), 2))
        found = []
        value = self.weight[words] * self.scale[examples]
        centred = np.bincount(examples, value * self.mean[words], count)
        for one, other in lot[lot[:, 0] != lot[:, 1]]:
            a, b = slice(bounds[one], bounds[one + 1]), slice(bounds[other], bounds[other + 1])
            _, left, right = np.intersect1d(words[a], words[b], assume_unique=True, return_indices=True)
            alike = float((value[a][left] * value[b][right]).sum())
            found.append(alike - centred[one] - centred[other] + self._norm)
        return float(np.std(found)) or 1.0

    def z(self, words: Any, at: Any, examples: Any, taken: Any) -> float:
        """By how many standard deviations these examples are more alike than by chance.

        `words` are theirs, each once an example, `at` the place in `examples` of the one it is in; those
        that are `taken` do not count.
        """
        k = len(examples)
        if k < 2:
            return 0.0
        alike, _ = self._alike(words[~taken], at[~taken], k)
        return alike / self._error(k)

    def z_beside(self, words: Any, at: Any, examples: Any, taken: Any, apart: Any, shown: Any) -> float:
        """The same, compared with the examples that are most like these, `apart` from them.

        Infinite if those often do what `shown` says: then these are as the others about their matter are.
        """
        k = len(examples)
        if k < 2 or not apart.any():
            return 0.0
        alike, total = self._alike(words[~taken], at[~taken], k)
        said, owners, count = self._said
        apart, shown = apart[:: self._step], shown[:: self._step]
        value = self.weight[said] * self.scale[owners]
        near: Any = np.bincount(owners, value * (total - self.mean)[said], count)
        near = near - float(((total - self.mean) * self.mean).sum())
        near[~apart] = -np.inf
        beside = np.argsort(-near, kind="stable")[: max(4 * k // self._step, int(_NEAR * count))]
        beside = beside[np.isfinite(near[beside])]
        if shown[beside].mean() > _ALSO:
            return float("inf")
        return (alike - float(near[beside].mean())) / self._error(k)

    def _error(self, k: int) -> float:
        return float(self.spread / np.sqrt(k * (k - 1) / 2))

    def _alike(self, words: Any, at: Any, k: int) -> tuple[float, Any]:
        """The mean likeness of two of `k` examples, and their mean."""
        value = self.weight[words]
        value = value / np.sqrt(np.maximum(np.bincount(at, value**2, k), 1e-9))[at]
        total = np.bincount(words, value, len(self.weight))
        own = np.bincount(at, value * self.mean[words], k)
        squares = float((np.bincount(at, value**2, k) - 2 * own + self._norm).sum())
        whole = float((total**2).sum() - 2 * k * (total * self.mean).sum() + k * k * self._norm)
        return (whole - squares) / (k * (k - 1)), total / k
