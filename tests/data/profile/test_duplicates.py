"""Exact duplicates, of rows and of words."""

from __future__ import annotations

from typing import Any

from tests.data.profile.conftest import rows, rules, sentences, view

from modelward.data.profile.duplicates import Duplicates


def test_copies_of_rows_and_of_words_are_told_apart() -> None:
    texts = sentences(20, 1)
    found = Duplicates()
    found.update(view({"t": [*texts, texts[0], texts[1].upper(), texts[0]], "n": [1] * 23}))
    assert (found.rows(), found.texts(), found.exact) == (2, 3, True)
    assert found.examples() == [(0, 3), (1, 2)]


def test_parts_merge_to_the_whole() -> None:
    texts = sentences(10, 1) * 3
    whole, one, other = Duplicates(), Duplicates(), Duplicates()
    whole.update(view({"t": texts}))
    one.update(view({"t": texts[12:]}, first=12))
    other.update(view({"t": texts[:12]}))
    one.merge(other)
    assert (one.rows(), one.texts(), one.examples()) == (whole.rows(), whole.texts(), whole.examples())


def test_without_text_rows_are_named() -> None:
    found = Duplicates()
    found.update(view({"n": [1, 2, 1]}))
    assert (found.rows(), found.texts(), found.examples()) == (1, 0, [(0, 2)])


def test_copies_across_splits_are_found_and_clean_data_has_none(profiled: Any) -> None:
    content = rows(300)
    assert "duplicate-rows" not in rules(profiled({"a.parquet": content[:150], "b.parquet": content[150:]}))
    found = profiled({"a.parquet": content[:150], "b.parquet": content[140:]})
    assert found.duplicates.rows == 10
    assert "duplicate-rows" in rules(found)
