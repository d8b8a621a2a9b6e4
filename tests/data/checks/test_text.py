from hypothesis import given
from hypothesis import strategies as st

from modelward.data.checks.corpus import Texts
from modelward.data.checks.text import MAX_WORDS, row_hashes, split, words
from modelward.data.engine import Inline


def test_signs_and_invisible_characters_are_words() -> None:
    assert split("don't stop!! \U0001f600") == ["don't", "stop", "!", "!", "\U0001f600"]
    assert split("pay\u200bpal") == ["pay", "\u200b", "pal"]
    assert split("東京へ") == ["東", "京", "へ"]


def test_case_and_width_make_no_other_word() -> None:
    found = words([Texts.of(["Fine ｆｉｎｅ FINE"])], Inline())
    assert found.of(0) == ["fine", "fine", "fine"]


def test_of_a_long_text_beginning_and_end_are_looked_at() -> None:
    found = split(" ".join(map(str, range(3 * MAX_WORDS))))
    assert len(found) == MAX_WORDS
    assert (found[0], found[-1]) == ("0", str(3 * MAX_WORDS - 1))


@given(st.lists(st.text(max_size=30), max_size=20))
def test_texts_hash_alike_if_and_only_if_their_words_are_the_same(texts: list[str]) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    found = words([Texts.of(texts)], Inline())
    hashes = row_hashes(found)
    for one in range(len(texts)):
        for other in range(len(texts)):
            assert (hashes[one] == hashes[other]) == (found.of(one) == found.of(other))
