"""All characters and wordings of one sort are one feature."""

from __future__ import annotations

from modelward.data.checks import corpus
from modelward.data.checks.batch import Batch
from modelward.data.checks.features import marks


def test_different_characters_of_a_sort_are_one_feature() -> None:
    hidden = ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"]
    inputs = [f"row {at} is pl{sign}ain" for at, sign in enumerate(hidden)] + [
        f"row {at}" for at in range(20)
    ]
    (table,) = marks.of(Batch(corpus.of_lists(inputs, None, ["a"] * len(inputs))))
    assert table.count == 1
    assert table.name(0) == "characters without width inside a text"
    assert table.rows.tolist() == [0, 1, 2, 3, 4]


def test_plain_texts_have_no_such_feature() -> None:
    inputs = [f"row {at}" for at in range(20)]
    assert list(marks.of(Batch(corpus.of_lists(inputs, None, ["a"] * 20)))) == []
