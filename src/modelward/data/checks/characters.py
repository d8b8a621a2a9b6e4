"""Characters in a text that people do not see, or take for others.

Joiners within emoji and in scripts that need them, marks of right-to-left text, and flags spelt in tag
characters are as they should be; so are words of another script.
"""

from __future__ import annotations

from modelward.core.regex import regex
from modelward.formats import hidden_text

#: What may be found, in the order of the bits of `kinds`.
KINDS = (
    "characters without width inside a text",
    "letters of another script that look alike",
    "text in invisible tag characters",
    "a run of invisible characters",
    "controls that turn the direction of text",
    "letters in a mathematical or full-width style",
    "unusual spaces",
)
WIDTHLESS, ALIKE, TAGS, RUN, TURNED, STYLED, SPACES = (1 << bit for bit in range(len(KINDS)))

_CYRILLIC = "асеорхуѕіјһԁԛԝӏАВСЕНІЈКМОРЅТХУ"
_GREEK = "οιανρτκυΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"
_EITHER = f"[{_CYRILLIC}{_GREEK}]"
_MIXED = regex(f"[A-Za-z]{_EITHER}|{_EITHER}[A-Za-z]")
_WHOLE = regex(rf"(?<!\w)[{_CYRILLIC}]+(?!\w)")
_CYRILLIC_ONLY = regex("[\u0400-\u052f]")
_LATIN = regex("[A-Za-z]")
_NONE = "\u200b\u200c\u200d\u2060-\u2064\ufeff\u00ad\u180e\u034f\u115f\u1160\u3164\uffa0"
_INSIDE = regex(f"(?<=[!-\u024f ])[{_NONE}]+(?=[!-\u024f ])")
_STYLED = regex("[\U0001d400-\U0001d7ff\uff21-\uff3a\uff41-\uff5a\u24b6-\u24e9]{2}")
_SPACES = regex("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_SUSPECT = regex(
    f"[{_NONE}{_CYRILLIC}{_GREEK}\U0001d400-\U0001d7ff\uff21-\uff5a\u24b6-\u24e9\u00a0\u1680\u2000-\u200a"
    "\u202a-\u202f\u205f-\u2069\u3000\ufe00-\ufe0f\U000e0000-\U000e01ef]"
)
_HIDDEN = (("tag characters", TAGS), ("run of", RUN), ("direction", TURNED))


def kinds(text: str) -> int:
    """What of KINDS is in a text, a bit for each."""
    if text.isascii() or not _SUSPECT.search(text):
        return 0
    found = 0
    for _, what in hidden_text.runs(text):
        found |= next(bit for mark, bit in _HIDDEN if mark in what)
    if _INSIDE.search(text.lstrip("\ufeff")):
        found |= WIDTHLESS
    if _MIXED.search(text) or _alone(text):
        found |= ALIKE
    if _STYLED.search(text):
        found |= STYLED
    if _SPACES.search(text):
        found |= SPACES
    return found


def _alone(text: str) -> bool:
    """Whether a Latin text has a word that is Cyrillic, of letters only that look Latin."""
    words = _WHOLE.findall(text)
    if not words:
        return False
    cyrillic = len(_CYRILLIC_ONLY.findall(text))
    return cyrillic == sum(map(len, words)) and len(_LATIN.findall(text)) > 4 * cyrillic
