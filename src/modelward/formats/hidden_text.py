"""Characters that nobody sees: a text that says one thing to people and another to programs or models.

Tag characters spell words in invisible copies of ASCII, variation selectors and zero-width signs can carry
bytes, and controls of direction make a line read otherwise than it runs (CVE-2021-42574, "Trojan Source").
Joiners within emoji and within scripts that need them, and the marks of right-to-left text, are as they
should be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from modelward.core.regex import regex


class HiddenText(Struct, frozen=True):
    """Characters that cannot be seen, at `line` (from 1) of `where` (a place in the file, may be empty)."""

    where: str
    line: int
    what: str


#: Only texts with one of these are looked at closely.
SUSPECT = regex(
    "[\U000e0000-\U000e01ef\u202a-\u202e\u2066-\u2069\u200b\u200c\u200d\u2060-\u2064\u180e\ufe00-\ufe0f]"
)

#: The same in the bytes of UTF-8, by the bytes that each begins with, and as JSON may write it.
_MARKS = (b"\xe2\x80", b"\xe2\x81", b"\xe1\xa0\x8e", b"\xef\xb8", b"\xf3\xa0")
_ESCAPED = regex(rb"\\u(?:200[b-d]|202[a-e]|206[0-9]|180e|fe0[0-9a-f]|db40)", re.IGNORECASE)

_TAGS = regex("(?<!\U0001f3f4)[\U000e0001\U000e0020-\U000e007f]{2,}")
_FLAG = regex("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,8}\U000e007f")
_SELECTORS = regex("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")
_INVISIBLE = regex("[\u200b\u200c\u200d\u2060-\u2064\u180e\ufeff]{8,}")
_TURNS = regex("[\u202a-\u202e\u2066-\u2069]")

_OPENERS = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068 \t\r"

_KINDS = (
    (_TAGS, "text in invisible tag characters"),
    (_SELECTORS, "a run of variation selectors, which can carry hidden bytes"),
    (_INVISIBLE, "a run of characters without width, which can carry hidden bytes"),
)


def may_be_in(data: bytes) -> bool:
    """Whether a suspect character is in a JSON text, plain or escaped: cheaper than looking at each."""
    if any(mark in data for mark in _MARKS) and SUSPECT.search(data.decode("utf-8", "replace")):
        return True
    return b"\\u" in data and _ESCAPED.search(data) is not None


def runs(text: str) -> Iterator[tuple[int, str]]:
    """Each line (from 1) with hidden characters, and what they are."""
    if text.isascii() or not SUSPECT.search(text):
        return
    bare = _FLAG.sub("", text)
    for pattern, what in _KINDS:
        if found := pattern.search(bare):
            yield bare.count("\n", 0, found.start()) + 1, what
    if _TURNS.search(bare):
        for number, line in enumerate(bare.split("\n"), 1):
            if _turned(line):
                yield (
                    number,
                    "controls that turn the direction of text, so that it reads otherwise than it runs",
                )
                return


def _turned(line: str) -> bool:
    """Whether a line overrides the direction of its letters, or leaves a change of direction open."""
    line = line.rstrip(_OPENERS)  # what opens at the end turns nothing: each line stands for itself
    if "\u202d" in line or "\u202e" in line:
        return True
    opened = 0
    for sign in _TURNS.findall(line):
        opened = max(0, opened - 1) if sign in "\u202c\u2069" else opened + 1
    return opened > 0


def findings(text: str, where: str = "", first: int = 1) -> Iterator[HiddenText]:
    """The same as facts; `first` is the number of the text's first line."""
    for line, what in runs(text):
        yield HiddenText(where, line + first - 1, what)
