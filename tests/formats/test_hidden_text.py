from __future__ import annotations

import json

import pytest

from modelward.formats.hidden_text import findings, may_be_in, runs


@pytest.mark.parametrize(
    "text",
    [
        "a\nb\U000e0069\U000e0067\U000e006e",
        "a\nb\ufe00\ufe01\ufe02\ufe03\ufe04",
        "a\nb" + "\u200b\u200c" * 8,
        "a\nx = 'user\u202e' # }\u2066",
        "a\nx = 'user\u2066' # }\u202e",
    ],
)
def test_hidden_characters(text: str) -> None:
    assert [line for line, _ in runs(text)] == [2]
    assert [fact.where for fact in findings(text, "/a")] == ["/a"]


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "family \U0001f468\u200d\U0001f469\u200d\U0001f467 \u2764\ufe0f",
        "flag \U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "\u0645\u0631\u062d\u0628\u0627 \u200f(abc)\u200e",
        "\u0915\u094d\u200d\u0937",
        "balanced \u2068name\u2069 here",
        "a name with nothing turned after it\u202e\nnext",
    ],
)
def test_near_miss_emoji_and_scripts(text: str) -> None:
    assert list(runs(text)) == []


@pytest.mark.parametrize("char", ["\u200b", "\u202e", "\u2066", "\u180e", "\ufe0f", "\U000e0041"])
def test_bytes_that_may_hold_a_suspect_character(char: str) -> None:
    assert may_be_in(json.dumps(char).encode())
    assert may_be_in(json.dumps(char).upper().replace("\\U", "\\u").encode())
    assert may_be_in(json.dumps(char, ensure_ascii=False).encode())


@pytest.mark.parametrize("text", ["plain", "“quoted” — …", "สวัสดี", "\U0001f600", "\u00e9"])
def test_near_miss_bytes_that_hold_none(text: str) -> None:
    assert not may_be_in(json.dumps(text).encode())
    assert not may_be_in(json.dumps(text, ensure_ascii=False).encode())
