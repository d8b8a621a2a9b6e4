from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.core.errors import InputError
from modelward.data.order import _longest_rising, reordered
from modelward.data.verify import compare

Rows = list[dict[str, Any]]
NONE = np.empty(0, np.int64)


def test_moves_are_as_few_as_can_be(files: Any, rows: Rows) -> None:
    shuffled = rows[:]
    random.Random(3).shuffle(shuffled)
    found = compare(files.index("before.csv", rows), files.index("after.csv", shuffled))
    order = [int(row["id"]) for row in shuffled]
    best = [1] * len(order)
    for at in range(len(order)):
        best[at] = max((best[b] + 1 for b in range(at) if order[b] < order[at]), default=1)
    assert len(found.moved) == len(order) - max(best)


@given(st.permutations(range(9)))
def test_the_rows_that_stayed_rise(numbers: list[int]) -> None:
    kept = [number for number in numbers if number in _longest_rising(numbers)]
    assert kept == sorted(kept)


def test_rows_left_out_on_either_side_move_nothing(files: Any, rows: Rows) -> None:
    before, after = (
        files.index("a.csv", rows),
        files.index("b.csv", [rows[3], *rows[:2], *rows[4:8], *rows[9:]]),
    )
    order = reordered(before, after, np.array([2, 8]), NONE, 10)
    assert (order.moved, order.unnamed) == ([(3, 0)], 0)
    assert reordered(before, before, NONE, NONE, 10).moved == []


def test_other_rows_are_no_other_order(files: Any, rows: Rows) -> None:
    with pytest.raises(InputError, match="damaged"):
        reordered(files.index("a.csv", rows), files.index("b.csv", [*rows[:-1], rows[0]]), NONE, NONE, 10)
