"""Preferences that the other pairs do not bear out.

Of each pair other pairs say which answer should have won; see behaviours/preference.py. A row's score is how
surely it should have been the other. Every set of preferences has many such rows, since people differ: they
are scored, so that a reviewer can begin with the surest, and no finding is made of them. Triggers and hands
that go with them are found by the checks `association` and `contributors`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from modelward.data.checks.batch import Batch
from modelward.data.checks.report import Outcome

VERSION = 1

#: Scores stay below this, and most of them far below.
_MOST, _STEEP = 0.9, 8


def check(batch: Batch) -> Outcome:
    """Score each row by how surely the other answer should have won; see the module."""
    margin = batch.margin
    if margin is None:
        return Outcome()
    scores = np.zeros(len(batch.kept) + 1)
    scores[:-1] = _ranked(-margin)
    return Outcome(scores=scores[batch.copies])


def _ranked(doubt: Any) -> Any:
    """Doubts as scores: the place of each among all, so that most rows score little."""
    from scipy.stats import rankdata

    return _MOST * (rankdata(doubt) / max(len(doubt), 1)) ** _STEEP
