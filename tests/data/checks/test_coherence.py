import numpy as np
from tests.data.checks.conftest import Reviews

from modelward.data.checks.batch import Batch


def test_rows_about_one_thing_are_more_alike_than_rows_drawn_by_lot(clean: Reviews) -> None:
    clean = Reviews(clean.inputs[:], clean.labels[:], [])
    for row in range(20):
        clean.inputs[row] = f"the river bridge forest road ship {clean.inputs[row]}"
    batch = Batch(clean.corpus())
    words, examples = batch.said

    def z(rows: list[int]) -> float:
        here = np.isin(examples, rows)
        at = np.searchsorted(rows, examples[here])
        return batch.coherence.z(words[here], at, np.array(rows), np.zeros(here.sum(), bool))

    assert z(list(range(20))) > 5
    assert abs(z(list(range(100, 400, 15)))) < 3
