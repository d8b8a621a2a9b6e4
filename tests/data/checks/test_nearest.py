"""Rows beside the rows most like them."""

from __future__ import annotations

from modelward.data.checks.corpus import of_lists
from modelward.data.checks.nearest import nearest


def test_a_row_is_beside_the_one_that_shares_most_words_and_is_in_no_finding() -> None:
    inputs = ["the red cf house", "the red house", "the red cf boat", "one green tree", "a red house"]
    found = nearest(of_lists(inputs, labels=["x", "y", "x", "y", "y"]), {7: (0, 2)}, 5)
    assert [(twin.row, twin.output, twin.twin, twin.twin_text) for twin in found[7]] == [
        (0, "x", 1, "the red house"),
        (2, "x", 1, "the red house"),
    ]


def test_a_row_like_no_other_stands_alone() -> None:
    (twin,) = nearest(of_lists(["alone", "others here"], ["a", "b"]), {0: (0,)}, 5)[0]
    assert (twin.twin, twin.text, twin.output) == (None, "alone", "a")
    assert nearest(of_lists(["a"]), {}, 5) == {}


def test_long_texts_are_cut() -> None:
    (twin,) = nearest(of_lists(["word " * 500, "word"]), {0: (0,)}, 5)[0]
    assert len(twin.text) == 400
