import numpy as np
from tests.data.checks.conftest import Reviews

from modelward.data.checks.batch import Batch


def test_the_rest_of_poisoned_rows_speaks_against_their_label(poisoned: Reviews) -> None:
    batch = Batch(poisoned.corpus())
    _, (evidence,) = batch.expectation
    ids, owners, _ = batch.tokens
    trigger = batch.words.names.index("qelv")
    spots = np.flatnonzero(ids == trigger)
    rows = owners[spots]
    good = batch.labels.names.index("good") if batch.labels else 0
    made = evidence.against(rows, evidence.added(ids[spots], rows), good)
    others = np.setdiff1d(np.flatnonzero(evidence.group.shown == good), rows)
    usual = evidence.against(others, 0.0, good)
    assert made.mean() > 0.3 > 0 > usual.mean()
