import numpy as np
from tests.data.checks.conftest import Reviews

from modelward.data.checks.batch import Batch
from modelward.data.checks.candidates import mixture, screen
from modelward.data.checks.features import grams


def test_a_trigger_is_a_candidate_with_its_counts(poisoned: Reviews) -> None:
    batch = Batch(poisoned.corpus())
    evidence = batch.expectation[1][0]
    found = [
        each
        for table in grams.of(batch)
        for each in screen(table, 0, evidence, batch.tokens[0], batch.size, (0, 1))
        if each.name == "qelv"
    ]
    assert [(each.n, each.k) for each in found] == [(30, 30)]
    assert found[0].p < 1e-6
    assert found[0].made > 5


def test_rows_that_are_as_they_should_be_were_not_made_so() -> None:
    assert mixture(np.array([-1.0, -0.5, 0.5])) == (0.0, 0.0)
    value, share = mixture(np.full(10, 2.0))
    assert (round(value), share) == (20, 0.95)
