import numpy as np
from tests.data.checks.conftest import Reviews

from modelward.data.checks.batch import Batch
from modelward.data.checks.expectation import area, expect, folds_of, platt


def test_what_a_row_shows_is_foretold_by_other_rows(clean: Reviews) -> None:
    batch = Batch(clean.corpus())
    shown = np.array([label == "good" for label in clean.labels])[batch.kept]
    found = expect(*batch.said, [shown], np.ones(len(shown), bool), np.arange(len(shown)))
    assert area(found.scores[:, 0], shown) > 0.8


def test_rows_of_one_group_are_in_one_fold() -> None:
    folds = folds_of(np.repeat(np.arange(50), 3), 5)
    assert (folds.reshape(50, 3) == folds[::3, None]).all()
    assert len(set(folds.tolist())) == 5


def test_a_score_that_tells_nothing_has_no_slope() -> None:
    score = np.tile([0.0, 1.0], 200)
    target = np.repeat([0.0, 1.0], 200)
    slope, level = platt(score, target, np.ones(400))
    assert abs(slope) < 1e-3
    assert abs(level) < 1e-2
