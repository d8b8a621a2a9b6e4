"""Views: which column is what, and the text of a row."""

from __future__ import annotations

from typing import Any

from tests.data.profile.conftest import sentences, view

from modelward.data.cells import Temporal
from modelward.data.profile.view import Plan, category, kind_of, leading_bits, text_of
from modelward.data.rows import row_digests

CHAT = [
    {"role": "system", "content": "be kind"},
    {"role": "user", "content": [{"type": "text", "text": "hello there"}]},
]


def plan(columns: dict[str, list[Any]], **wanted: Any) -> Plan:
    return Plan.of(columns, Plan(**wanted))


def test_columns_of_sentences_are_text_and_codes_are_not() -> None:
    columns: dict[str, list[Any]] = {
        "id": ["a-1", "a-2"],
        "text": sentences(2, 1),
        "messages": [CHAT, CHAT],
        "n": [1, 2],
        "label": ["the label is long", "the label is long"],
        "License": ["MIT", None],
        "asian": ["你好世界", "再见"],
    }
    found = plan(columns)
    assert found.text == ("text", "messages", "asian")
    assert (found.label, found.licences) == ("label", ("License",))


def test_what_is_named_stands() -> None:
    columns = {"a": ["x"], "b": ["y"], "label": ["z"]}
    found = plan(columns, text=("a",), label="b")
    assert (found.text, found.label) == (("a",), "b")


def test_of_a_conversation_the_text_is_what_is_said() -> None:
    assert text_of(CHAT) == "be kind\nhello there"
    assert text_of(3.5) == ""


def test_text_of_a_row_is_that_of_its_columns() -> None:
    found = view({"q": ["one two three", None], "a": [CHAT, CHAT]}, text=("q", "a"))
    assert found.texts == ["one two three\nbe kind\nhello there", "be kind\nhello there"]
    assert view({"n": [1]}).texts == [""]


def test_rows_have_the_digests_of_a_snapshot() -> None:
    found = view({"a": ["x", None], "b": [1, 2]})
    digests = row_digests(["a", "b"], [found.cells["a"], found.cells["b"]], 2)
    assert found.row_hashes.tolist() == [int.from_bytes(digest[:8], "big") for digest in digests]
    assert leading_bits([]).tolist() == []


def test_categories_are_short_texts() -> None:
    assert category(None) is None
    assert category("") is None
    assert category(True) == "true"
    assert len(category("x" * 1000) or "") == 120
    assert view({"n": [1]}).categories("other") == [None]


def test_kinds_of_cells() -> None:
    assert [kind_of(kind) for kind in (int, float, bool, str, Temporal, dict)] == [
        *("number", "number", "bool", "text", "time", "object")
    ]
