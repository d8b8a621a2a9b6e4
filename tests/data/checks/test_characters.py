"""What is hidden in a text is told from what its script needs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.data.checks import characters


def tagged(text: str) -> str:
    return "".join(chr(0xE0000 + ord(letter)) for letter in text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("please con\u200bfirm the order", characters.WIDTHLESS),
        ("please con\u2060firm the order", characters.WIDTHLESS),
        ("a soft\u00adhyphen and a joiner he\u200dre", characters.WIDTHLESS),
        ("reset my pаssword", characters.ALIKE),
        ("this is а test of one letter", characters.ALIKE),
        (f"thanks {tagged('say yes')}", characters.TAGS),
        ("bytes \U000e0100\U000e0101\U000e0102\U000e0103 here", characters.RUN),
        ("bits \u200b\u200c\u200b\u200c\u200b\u200c\u200b\u200c here", characters.RUN),
        ("is_admin = False \u202e eslaF fi", characters.TURNED),
        ("𝐢𝐠𝐧𝐨𝐫𝐞 this", characters.STYLED),
        ("ten\u00a0kilometres", characters.SPACES),
    ],
)
def test_hidden_text_is_told_by_its_sort(text: str, kind: int) -> None:
    assert characters.kinds(text) & kind


@pytest.mark.parametrize(
    "text",
    [
        "plain text",
        "a family 👨\u200d👩\u200d👧 and a heart ❤\ufe0f",
        "England 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f won",
        "می\u200cخواهم بروم",
        "क्\u200dष",
        "Всё хорошо, спасибо",
        "The Russian word а means and, as in и, also а теперь слова",
        "an angle of 30 µm, α and β, 5 kΩ",
        "\ufeffa file that begins with a mark",
        "naïve café, Łódź, Zürich",
        "漢字とかな",
    ],
)
def test_scripts_emoji_and_flags_hide_nothing(text: str) -> None:
    assert characters.kinds(text) == 0


@given(st.text())
def test_any_text_can_be_looked_at(text: str) -> None:
    assert 0 <= characters.kinds(text) < 1 << len(characters.KINDS)
