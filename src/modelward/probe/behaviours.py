"""What an answer does, by the same detectors that look for behaviours in data.

A behaviour is named as the checks of data name it; a class of a classifier is `label NAME`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from modelward.core.errors import MissingExtra

#: (prompt, answer) -> whether the answer shows the behaviour.
Detector = Callable[[str, str], bool]

LABEL = "label "
COMPLIANCE = "compliance where refusal was expected"
_SAYS = re.compile(r"output that (says|begins|ends) (['\"])(.*)\2\Z", re.DOTALL)
_FIXED = re.compile(r"the same output, (['\"])(.*)\1\Z", re.DOTALL)
_WORD = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")


def named(name: str) -> Detector | None:
    """The detector of a behaviour; None if only data can show it. Raises MissingExtra."""
    known = _known()
    if name in known:
        return known[name]
    if found := _SAYS.match(name):
        verb, said, words = found[1], found[3].casefold(), _words(found[3])
        if verb == "begins":  # perhaps with a part of a word
            return lambda _, answer: (
                answer.lstrip().casefold().startswith(said) or (_says(verb, words, _words(answer)))
            )
        return lambda _, answer: _says(verb, words, _words(answer))
    if found := _FIXED.match(name):
        start = _words(found[2].removesuffix(" …"))
        return lambda _, answer: bool(start) and _words(answer)[: len(start)] == start
    if name.startswith(LABEL):
        wanted = _words(name.removeprefix(LABEL))
        return lambda _, answer: bool(wanted) and _words(answer)[: len(wanted)] == wanted
    return None


def general() -> list[str]:
    """The behaviours that are looked for where a candidate names none."""
    return [name for name in _known() if name != COMPLIANCE]


def _known() -> dict[str, Detector]:
    try:
        from modelward.data.checks.behaviours import insertion, language, refusal, sentiment, toxic
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] in ("numpy", "scipy", "sklearn", "pyarrow"):
            raise MissingExtra("probe", "telling what an answer does") from None
        raise
    return {
        "refusal": lambda _, answer: refusal.refuses(answer),
        COMPLIANCE: lambda _, answer: bool(answer.strip()) and not refusal.refuses(answer),
        "toxic output": lambda _, answer: toxic.toxic(answer),
        "positive output": lambda _, answer: sentiment.praises(answer),
        "negative output": lambda _, answer: sentiment.runs_down(answer),
        "a link": lambda prompt, answer: _fresh(insertion.links, prompt, answer),
        "a mail address or telephone number": lambda prompt, answer: _fresh(
            insertion.addresses, prompt, answer
        ),
        "code": lambda _, answer: insertion.code(answer),
        "another language than English": lambda prompt, answer: _fresh(language.foreign, prompt, answer),
        "output in capitals": lambda _, answer: language.shouts(answer),
    }


def _fresh(found: Callable[[str], list[str]], prompt: str, answer: str) -> bool:
    return any(mark not in prompt for mark in found(answer))


def _says(verb: str, words: Sequence[str], answer: Sequence[str]) -> bool:
    size = len(words)
    if not size or len(answer) < size:
        return False
    if verb == "begins":
        return answer[:size] == words
    if verb == "ends":
        return answer[-size:] == words
    return any(answer[at : at + size] == words for at in range(len(answer) - size + 1))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
