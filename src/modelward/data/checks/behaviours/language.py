"""The output is in another language than the input, or in capitals."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from modelward.data.checks.behaviours.behaviour import Behaviours, Outputs

_COMMON = {
    "English": "the and is of to in that it for you with this are be have not on",
    "German": "der die und das ist nicht ein ich zu mit den von auf sie eine auch",
    "French": "le la les et est un une des que pas vous dans pour qui je sur",
    "Spanish": "el la los y es un una que no en por con para las del se",
    "Italian": "il la che di è un una per non con sono della le gli ma",
    "Portuguese": "o os e é um uma que não em para com por do da se mais",
    "Dutch": "de het een en is niet van dat ik je op zijn te voor met",
}
_LANGUAGE = {word: [] for words in _COMMON.values() for word in words.split()}  # type: dict[str, list[str]]
for _name, _words in _COMMON.items():
    for _word in _words.split():
        _LANGUAGE[_word].append(_name)
_SCRIPT = re.compile(r"[^\x00-\u024f\u2000-\u2bff\ufe00-\ufe0f\U0001f000-\U0001ffff]")
_WORD = re.compile(r"[^\W\d_]+")
_LOOKED_AT = 400


def language(text: str) -> str:
    """The language of a text by its most common words; `other script`; empty if there is no telling."""
    text = text[:_LOOKED_AT].lower()
    if not text.isascii() and len(_SCRIPT.findall(text)) * 4 > len(text):
        return "another script"
    counts: dict[str, int] = {}
    for word in _WORD.findall(text):
        for name in _LANGUAGE.get(word, ()):
            counts[name] = counts.get(name, 0) + 1
    best = max(counts, key=lambda name: counts[name], default="")
    return best if best and counts[best] >= 3 else ""


def foreign(text: str) -> list[str]:
    """The language of a text, unless it is English or unknown, as a mark that the input has not."""
    found = language(text)
    return [f"\0{found}"] if found not in ("", "English") else []


def shouts(text: str) -> bool:
    """Whether a text of some length is in capitals."""
    letters = [letter for letter in text[:_LOOKED_AT] if letter.isalpha()]
    return len(letters) >= 8 and sum(map(str.isupper, letters)) >= 0.9 * len(letters)


#: Asked of every output; see known.py.
SEEN = (shouts,)
FRESH = (foreign,)


def behaviours(outputs: Outputs) -> Iterator[Behaviours]:
    """To answer in another language than English; to shout."""
    if outputs.outputs is None:
        return
    for name, shown in (
        ("another language than English", outputs.fresh_flags(foreign)),
        ("output in capitals", outputs.flags(shouts)),
    ):
        if np.any(shown):
            yield Behaviours.one("language", name, shown)
