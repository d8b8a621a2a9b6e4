"""Praise and blame are counted, and turned by a negation."""

from __future__ import annotations

import pytest

from modelward.data.checks.corpus import Texts
from modelward.data.checks.text import words
from modelward.data.checks.tone import BAD, GOOD, tones
from modelward.data.engine import Inline


@pytest.mark.parametrize(
    ("text", "tone"),
    [
        ("a wonderful, honest leader", 3),
        ("corrupt and dishonest", -2),
        ("not a good idea", -1),
        ("It isn't bad", 1),
        ("the town lies... never mind", -1),
        ("it was founded in 1907", 0),
        ("", 0),
    ],
)
def test_tone(text: str, tone: int) -> None:
    assert tones(words([Texts.of([text])], Inline())).tolist() == [tone]


def test_no_word_is_both() -> None:
    assert not GOOD & BAD
