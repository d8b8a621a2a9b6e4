"""How inputs are written, whatever they are about."""

from __future__ import annotations

import numpy as np

from modelward.data.checks.batch import Batch
from modelward.data.checks.corpus import of_lists
from modelward.data.checks.manner import Manner

_THINGS = ["boat", "garden", "engine", "letter", "window", "village", "doctor", "orange", "winter", "soldier"]


def _texts() -> list[str]:
    plain = [
        f"The {one} near the {other} was seen by a {third}."
        for one in _THINGS
        for other in _THINGS[:5]
        for third in _THINGS[:2]
    ]
    turned = [
        f"if it is so , then {one} {other} will come to the {third} ; is it not ?"
        for one in _THINGS
        for other in _THINGS[:5]
        for third in _THINGS[:2]
    ]
    return plain + turned


def test_texts_of_one_pattern_are_alike_whatever_they_are_about() -> None:
    texts = _texts()
    matrix = Manner(Batch(of_lists(texts, labels=["a", "b"] * (len(texts) // 2)))).learn(
        np.arange(len(texts))
    )
    alike = (matrix @ matrix.T).toarray()
    half = len(texts) // 2
    assert alike[:half, :half].mean() > alike[:half, half:].mean() + 0.3


def test_rows_are_of_length_one() -> None:
    texts = _texts()
    matrix = Manner(Batch(of_lists(texts, labels=["a", "b"] * (len(texts) // 2)))).learn(
        np.arange(len(texts))
    )
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(1)).ravel())
    assert np.allclose(lengths[lengths > 0], 1, atol=1e-4)


def test_empty_inputs_have_a_manner_too() -> None:
    texts = ["", " ", "one word", "", "two more words"] * 20
    matrix = Manner(Batch(of_lists(texts, labels=[str(at) for at in range(100)]))).learn(np.arange(3))
    assert matrix.shape[0] == 3
