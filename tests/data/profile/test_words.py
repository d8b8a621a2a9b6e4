"""Words: the same words have the same hash, whatever the case, spaces and punctuation."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from modelward.data.profile import words as module
from modelward.data.profile.words import words


def same(one: str, other: str) -> bool:
    left, right = words([one, other]).whole()
    return bool(left == right)


def test_case_space_and_punctuation_do_not_count() -> None:
    assert same("Hello,   World!", "hello\nworld")
    assert same("don’t “stop” — now…", "don t stop now")
    assert same("no\u00a0break", "no break")
    assert not same("hello world", "world hello")
    assert not same("a bc", "ab c")


def test_scripts_without_spaces_are_read_by_character() -> None:
    found = words(["你好世界", "你好 世界", "สวัสดี", "abc世d"])
    assert found.counts.tolist()[:2] == [4, 4]
    assert found.counts.tolist()[3] == 3
    assert same("你好世界", "你好 世界")
    assert not same("你好世界", "你好世間")


def test_text_without_words_has_hash_zero() -> None:
    assert words(["", "!? \n", "a"]).whole().tolist()[:2] == [0, 0]
    assert words([]).counts.tolist() == []


def test_digits_are_counted() -> None:
    assert words(["12 a 3", "", "x"]).digits.tolist() == [3, 0, 0]


def test_runs_stay_inside_their_text() -> None:
    grams, owners = words(["a b c d", "a b", "b c d"]).grams(3)
    assert owners.tolist() == [0, 0, 2]
    assert grams[1] == grams[2] != grams[0]


def test_a_text_past_the_limit_is_cut_not_refused() -> None:
    assert words(["word " * module.MAX_TEXT]).counts.tolist() == [module.MAX_TEXT // 5 + 1]


@given(st.lists(st.text("ab1é ,\n世", max_size=12), max_size=8))
def test_batches_do_not_matter(texts: list[str]) -> None:
    together = words(texts)
    alone = [words([text]) for text in texts]
    assert together.whole().tolist() == [int(one.whole()[0]) for one in alone]
    assert together.counts.tolist() == [int(one.counts[0]) for one in alone]
    parts = [one.hashes for one in alone]
    assert np.array_equal(together.hashes, np.concatenate(parts) if parts else np.empty(0))


@given(st.lists(st.text("abcXYZ09 .-_", max_size=40), min_size=1, max_size=5))
def test_words_are_runs_of_letters_and_digits(texts: list[str]) -> None:
    expected = [len(re.findall("[a-z0-9]+", text.lower())) for text in texts]
    assert words(texts).counts.tolist() == expected
