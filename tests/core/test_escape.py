from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from modelward.core.escape import escape


def test_plain_text_stays_as_it_is() -> None:
    assert escape("weights/größe 模型.bin") == "weights/größe 模型.bin"


def test_terminal_escape_newline_and_direction_override_are_shown_not_obeyed() -> None:
    assert escape("a\x1b[31m\nverdict: clean\u202e\u2028\x7f\x9b") == (
        "a\\x1b[31m\\nverdict: clean\\u202e\\u2028\\x7f\\x9b"
    )


def test_undecodable_byte_of_a_file_name_can_be_printed() -> None:
    assert escape(b"a\xff".decode("utf-8", "surrogateescape")) == "a\\udcff"


def test_long_text_is_cut() -> None:
    assert escape("x" * 500) == "x" * 399 + "…"
    assert escape("x" * 400) == "x" * 400


@given(st.text(st.characters()))
def test_nothing_hidden_survives(text: str) -> None:
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    shown = escape(text)
    assert not {unicodedata.category(char) for char in shown} & hidden
    shown.encode("utf-8")
