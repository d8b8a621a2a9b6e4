"""Language, offence and words of a sample of the text."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from tests.data.profile.conftest import rows, rules, sentences, view

from modelward.data.profile import sketches, texts
from modelward.data.profile.texts import NO_LANGUAGE, NO_TOXICITY, Texts, other_languages

GERMAN = "Das Wetter ist heute wirklich sehr schön und wir gehen gleich zusammen in den Park"
FRENCH = "Le temps est vraiment très beau aujourd'hui et nous allons ensemble dans le parc"
RUDE = "you are a stupid fucking idiot and everybody hates you"


def measured(said: list[str]) -> Any:
    found = Texts()
    found.update(view({"t": said}, text=("t",)))
    return found.result(("t",))


def test_languages_are_told_and_short_text_has_none() -> None:
    text, _, lacking = measured([GERMAN] * 5 + [FRENCH] * 3 + ["ok", "12"])
    assert [(share.value, share.rows) for share in text.languages] == [("de", 5), ("fr", 3), ("und", 2)]
    assert other_languages(text) == pytest.approx(0.3)
    assert lacking == []


def test_toxic_text_is_placed_and_a_technical_word_is_none() -> None:
    text, places, _ = measured([RUDE, "kill the child process and dump the core", *sentences(8, 1)])
    assert (text.toxic.rows, text.toxic.rate, places) == (1, 0.1, [0])
    assert text.toxic.low < 0.1 < text.toxic.high


def test_a_profile_warns_of_languages_and_toxic_text(profiled: Any) -> None:
    content = rows(100)
    assert not {"mixed-languages", "toxic-text"} & rules(profiled({"a.parquet": content}))
    for row in content[:10]:
        row["text"] = GERMAN
    for row in content[10:15]:
        row["text"] = RUDE
    found = profiled({"a.parquet": content})
    assert {"mixed-languages", "toxic-text"} <= rules(found)
    assert found.text.toxic_examples[0] == "a.parquet row 11"


def test_words_are_counted_without_numbers() -> None:
    text, _, _ = measured(["Rain rain 2024 and x1 wine"])
    assert text.words == {"rain": 2, "and": 1, "wine": 1}
    assert text.word_count == 4


def test_parts_merge_to_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    said = sentences(300, 1)
    whole, one, other = Texts(), Texts(), Texts()
    for found in (whole, one, other):
        found._sample = sketches.Sample(100)
    whole.update(view({"t": said}))
    one.update(view({"t": said[170:]}, first=170))
    other.update(view({"t": said[:170]}))
    one.merge(other)
    assert one.result(("t",)) == whole.result(("t",))
    assert not one.result(("t",))[0].whole


def test_what_is_not_installed_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    texts._language_identifier.cache_clear()
    monkeypatch.setitem(sys.modules, "py3langid", None)
    monkeypatch.setitem(sys.modules, "profanity_check", None)
    text, places, lacking = measured(sentences(5, 1))
    texts._language_identifier.cache_clear()
    assert (text.languages, text.toxic, places) == ((), None, [])
    assert lacking == [NO_LANGUAGE, NO_TOXICITY]
