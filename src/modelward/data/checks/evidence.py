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
from modelward.data.checks.text import spots_of

#: With fewer rows that show a behaviour, or do not, nothing is learnt of their difference.
_FEWEST = 20
#: If the rest of a row tells less than this (area under the ROC curve), it tells nothing.
_SKILL = 0.65
#: Weight, in rows, of how often a rival is preferred to any behaviour.
_RIVALS = 5.0
#: Lines are learnt from about so many rows; each of so few behaviours has its own.
_SAMPLE, _FEW = 8000, 4
#: Words of examples, the examples that they are in, and the bounds of these.
Tokens = tuple[Any, Any, Any]
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
    tested: tuple[int, ...] = (1,)


class Evidence:
    """What the rest of a row says about a group's behaviours, once words are taken out of it."""

    def __init__(self, group: Group, expectation: Expectation, tokens: Tokens, trusted: Any) -> None:
        self.group = group
        self.width = len(group.columns)
        first = int(group.columns[0])
        self._at = slice(first, first + self.width)
        self._expectation = expectation
        self.counts = np.bincount(group.shown, minlength=group.size)
        counts = np.bincount(group.shown[trusted], minlength=group.size).astype(float)
        self.rates = np.clip(counts / max(counts.sum(), 1), 1e-6, 1 - 1e-6)
        self.prior = np.log(self.rates / (1 - self.rates))
        self.rivals: Any = None
        self.skill = np.full(group.size, 0.5)
        self.lines = [(0.0, 0.0)] * group.size
        rows = np.flatnonzero(trusted)
        if self.width == 1:
            for behaviour in group.tested:
                self._learn(behaviour, rows, tokens)
        else:
            self._learn_all(_some(rows), tokens)

    @property
    def scores(self) -> Any:
        """The regression's estimate for each example (rows) and behaviour (columns), a copy."""
        found = self._expectation.scores[:, self._at] + self._expectation.means[self._at]
        return np.concatenate([1 - found, found], 1) if self.width == 1 else found

    def added(self, ids: Any, rows: Any) -> Any:
        """What words add to the scores (of each column of the group) in the rows where they are."""
        each = self._expectation
        found = each.weights[:, :, self._at][each.folds[rows], each.columns[ids]]
        return found * each.scale[rows][:, None]

    def margin(self, rows: Any, added: Any, behaviour: Any) -> tuple[Any, Any]:
        """By how much the rest of a row prefers a behaviour (a number, or one for each row) to all others.

        And which of the others it prefers most.
        """
        scores = self._expectation.scores[rows, self._at] + self._expectation.means[self._at] - added
        if self.width == 1:
            return (2 * scores[:, 0] - 1) * (2 * behaviour - 1), np.broadcast_to(1 - behaviour, len(scores))
        at = np.arange(len(scores))
        own = scores[at, behaviour]
        scores[at, behaviour] = -np.inf
        rival = scores.argmax(1)
        return own - scores[at, rival], rival

    def against(self, rows: Any, added: Any, behaviour: int) -> Any:
        """Log of the chance of the rest if somebody made it so, over that if it is so by itself."""
        slope, level = self.lines[behaviour]
        if not slope:
            return np.zeros(len(rows))
        margin, rival = self.margin(rows, added, behaviour)
        found = -(slope * margin + level)
        if self.rivals is not None:
            found += np.where(margin < 0, self.rivals[behaviour, rival], 0)
        return np.clip(found, -BOUND, BOUND)

    def _learn(self, behaviour: int, rows: Any, tokens: Tokens) -> None:
        """The line that makes log odds of a behaviour's margin.

        Learnt from rows that show it, without the word that promises it most, against rows that do not.
        """
        showing = self.group.shown[rows] == behaviour
        own, others = _some(rows[showing]), _some(rows[~showing])
        self._fit(behaviour, self._without_best(own, tokens)[0], self.margin(others, 0, behaviour)[0])

    def _learn_all(self, rows: Any, tokens: Tokens) -> None:
        """The same for many behaviours: one line serves all, or one each if they are few."""
        size, shown = self.group.size, self.group.shown[rows]
        other = (shown + 1 + np.arange(len(rows)) % (size - 1)) % size
        without, _ = self.margin(rows, 0, other)
        margins, rival = self._without_best(rows, tokens)
        self.rivals = self._rivals(shown, rival, margins < 0)
        if size <= _FEW:
            for behaviour in range(size):
                self._fit(behaviour, margins[shown == behaviour], without[other == behaviour])
        else:
            self._fit(0, margins, without)
            self.lines = self.lines[:1] * size
            self.skill[:] = self.skill[0]

    def _without_best(self, rows: Any, tokens: Tokens) -> tuple[Any, Any]:
        """The margin of what each row shows, and the rival, without the word that promises it most."""
        ids, _, bounds = tokens
        at, spots = spots_of(bounds, rows)
        shown = self.group.shown[rows]
        added = self.added(ids[spots], rows[at])
        if self.width == 1:
            gain = added[:, 0] * (2 * shown[at] - 1)
        else:
            own = added[np.arange(len(at)), shown[at]]
            gain = own - (added.sum(1) - own) / (self.group.size - 1)
        order = np.lexsort((-gain, at))
        sorted_at = at[order]
        best = order[np.concatenate([[True], sorted_at[1:] != sorted_at[:-1]])] if len(at) else order
        best = best[gain[best] > 0]
        taken = np.zeros((len(rows), self.width), np.float32)
        taken[at[best]] = added[best]
        return self.margin(rows, taken, shown)

    def _fit(self, behaviour: int, margins: Any, without: Any) -> None:
        if min(len(margins), len(without)) < _FEWEST:
            return
        x = np.concatenate([margins, without])
        y = np.concatenate([np.ones(len(margins)), np.zeros(len(without))])
        weight = np.where(y > 0, 0.5 / len(margins), 0.5 / len(without))
        self.skill[behaviour] = area(x, y)
        if self.skill[behaviour] >= _SKILL:
            self.lines[behaviour] = platt(x, y, weight * len(x))

    def _rivals(self, shown: Any, rival: Any, wrong: Any) -> Any:
        """Log of how often a rival is preferred to any behaviour, over how often to this one.

        Behaviours that resemble each other are taken for each other, and that is no sign of anything.
        """
        counts = np.zeros((self.group.size, self.group.size))
        np.add.at(counts, (shown[wrong], rival[wrong]), 1)
        usual = (counts.sum(0) + 1) / (counts.sum() + self.group.size)
        here = (counts + _RIVALS * usual) / (counts.sum(1, keepdims=True) + _RIVALS)
        return np.log(usual / here)


def _some(rows: Any) -> Any:
    return rows[:: 1 + len(rows) // _SAMPLE]
