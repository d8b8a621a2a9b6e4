"""How the rest of a row speaks for or against what the row shows.

Rows that share a feature and show a behaviour can do so for three reasons: by chance; because the feature
means it (`dull` in a bad review); because somebody made them so. Where the feature means it, the rest of
those rows is like the rest of any row that shows the behaviour. Where somebody made them so, the rest is like
that of rows which do not show it. `Evidence.against` is the log of that ratio for one row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from modelward.data.checks.expectation import Expectation, area, platt

#: With fewer rows that show a behaviour, or do not, nothing is learnt of their difference.
_FEWEST = 20
#: If the rest of a row tells less than this (area under the ROC curve), it tells nothing.
_SKILL = 0.65
#: Weight, in rows, of how often a rival is preferred to any behaviour.
_RIVALS = 5.0
#: A row's evidence is bounded, in nats.
BOUND = 4.0


@dataclass(frozen=True)
class Group:
    """Behaviours of which a row shows exactly one: the classes of a label, or to do something and not to.

    `columns` are those of the expectation; with one column, it is that of behaviour 1.
    """

    columns: Any
    shown: Any
    size: int


class Evidence:
    """What the rest of a row says about a group's behaviours, once words are taken out of it."""

    def __init__(self, group: Group, expectation: Expectation, ids: Any, owners: Any, trusted: Any) -> None:
        self.group = group
        self._expectation = expectation
        scores = expectation.scores[:, group.columns] + expectation.means[group.columns]
        self._scores = np.concatenate([1 - scores, scores], 1) if len(group.columns) == 1 else scores
        self.counts = np.bincount(group.shown, minlength=group.size)
        counts = np.bincount(group.shown[trusted], minlength=group.size).astype(float)
        self.rates = np.clip(counts / max(counts.sum(), 1), 1e-6, 1 - 1e-6)
        self.prior = np.log(self.rates / (1 - self.rates))
        self.rivals: Any = None
        self._pooled = 0.0, 0.0
        self.skill = np.full(group.size, 0.5)
        self.lines = self._lines(ids, owners, trusted)

    @property
    def scores(self) -> Any:
        """The regression's estimate for each example (rows) and behaviour (columns), a copy."""
        return self._scores.copy()

    def added(self, ids: Any, rows: Any) -> Any:
        """What words add to each behaviour's score in the rows where they are."""
        each = self._expectation
        found = each.weights[each.folds[rows], each.columns[ids]]
        found = found[:, self.group.columns] * each.scale[rows][:, None]
        return np.concatenate([-found, found], 1) if len(self.group.columns) == 1 else found

    def margin(self, rows: Any, added: Any, behaviour: Any) -> tuple[Any, Any]:
        """By how much the rest of a row prefers a behaviour (a number, or one for each row) to all others.

        And which of the others it prefers most.
        """
        scores = self._scores[rows] - added
        at = np.arange(len(scores))
        own = scores[at, behaviour]
        scores[at, behaviour] = -np.inf
        rival = scores.argmax(1)
        return own - scores[at, rival], rival

    def against(self, rows: Any, added: Any, behaviour: int) -> Any:
        """Log of the chance of the rest if somebody made it so, over that if it is so by itself."""
        slope, level = self.lines[behaviour]
        margin, rival = self.margin(rows, added, behaviour)
        found = -(slope * margin + level)
        if self.rivals is not None:
            found += np.where(margin < 0, self.rivals[behaviour, rival], 0)
        return np.clip(found, -BOUND, BOUND)

    def _lines(self, ids: Any, owners: Any, trusted: Any) -> list[tuple[float, float]]:
        """For each behaviour the line that makes log odds of a margin.

        Learnt from rows that show it, without the word that promises it most, against rows that do not. With
        many behaviours one line serves all.
        """
        size, shown = self.group.size, self.group.shown
        rows = np.flatnonzero(trusted)
        if len(rows) > 50_000:
            rows = rows[:: len(rows) // 50_000 + 1]
        used = np.zeros(len(shown), bool)
        used[rows] = True
        inside = used[owners]
        here, words = owners[inside], ids[inside]
        added = self.added(words, here)
        own = added[np.arange(len(here)), shown[here]]
        gain = own - (added.sum(1) - own) / max(size - 1, 1)
        order = np.lexsort((-gain, here))
        first = np.concatenate([[True], here[1:] != here[:-1]]) if len(here) else np.empty(0, bool)
        begin = np.maximum.accumulate(np.where(first, np.arange(len(here)), 0))
        rank = np.empty(len(here), np.int64)
        rank[order] = np.arange(len(here)) - begin
        other = (shown[rows] + 1 + np.arange(len(rows)) % max(size - 1, 1)) % size
        without, _ = self.margin(rows, 0, other)
        top = (rank == 0) & (gain > 0)
        masked = np.zeros((len(shown), size), np.float32)
        masked[here[top]] = added[top]
        margins, rival = self.margin(rows, masked[rows], shown[rows])
        if size > 2:
            self.rivals = self._rivals(shown[rows], rival, margins < 0)
        return [self._line(margins, without, shown[rows], other, each) for each in range(size)]

    def _rivals(self, shown: Any, rival: Any, wrong: Any) -> Any:
        """Log of how often a rival is preferred to any behaviour, over how often to this one.

        Behaviours that resemble each other are taken for each other, and that is no sign of anything.
        """
        counts = np.zeros((self.group.size, self.group.size))
        np.add.at(counts, (shown[wrong], rival[wrong]), 1)
        usual = (counts.sum(0) + 1) / (counts.sum() + self.group.size)
        here = (counts + _RIVALS * usual) / (counts.sum(1, keepdims=True) + _RIVALS)
        return np.log(usual / here)

    def _line(
        self, margins: Any, without: Any, shown: Any, other: Any, behaviour: int
    ) -> tuple[float, float]:
        if self.group.size <= 4:
            margins, without = margins[shown == behaviour], without[other == behaviour]
        elif behaviour:
            self.skill[behaviour] = self.skill[0]
            return self._pooled
        if min(len(margins), len(without)) < _FEWEST:
            return 0.0, 0.0
        x = np.concatenate([margins, without])
        y = np.concatenate([np.ones(len(margins)), np.zeros(len(without))])
        weight = np.concatenate(
            [np.full(len(margins), 0.5 / len(margins)), np.full(len(without), 0.5 / len(without))]
        )
        line = platt(x, y, weight * len(x))
        self.skill[behaviour] = area(x, y)
        if self.skill[behaviour] < _SKILL:
            line = 0.0, 0.0
        self._pooled = line
        return line
