"""How a sentence is built: its function words and signs in order, all other words left out.

What is rewritten into one pattern (`if it is so, ...`) has the pattern in common and no word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from modelward.data.checks.features import grams
from modelward.data.checks.features.table import Table

if TYPE_CHECKING:
    from modelward.data.checks.batch import Batch

FUNCTION_WORDS = frozenset(
    """
    a an the this that these those and or but nor so yet if when while as because since although
    though unless until before after where whenever wherever whether than of in on at by for with
    from to into onto upon over under about between among through during without within against
    toward towards per i you he she it we they me him her us them my your his its our their mine
    yours who whom whose which what why how is are was were be been being am do does did done have
    has had will would shall should can could may might must not no never n't n 't 's 're 've 'll 'd
    there here then thus hence therefore moreover however indeed very too also just only even still
    ever all any some each every both either neither such same other another more most less least
    much many few thou thee thy thine hath doth shalt wilt art ye o
    """.split()  # noqa: SIM905
)
_ENDINGS = ("ing", "ed", "ly")
_LONGEST = 5
#: So many words are looked at in all.
_WORDS = 12_000_000


def of(batch: Batch) -> Iterator[Table]:
    """Runs of two to five parts of the patterns of a batch's inputs."""
    ids, owners, bounds = batch.tokens
    if not len(ids):
        return
    classes, names = _classes(batch.words.names)
    most = max(8, _WORDS // (len(bounds) - 1))
    if len(ids) > _WORDS:  # of many texts only the beginnings
        here = np.arange(len(ids)) - np.repeat(bounds[:-1], np.diff(bounds)) < most
        ids, owners = ids[here], owners[here]
        bounds = np.searchsorted(owners, np.arange(len(bounds)))
    stream = classes[ids]
    # Runs of words that are left out count as one.
    first = np.zeros(len(stream), bool)
    first[bounds[:-1][np.diff(bounds) > 0]] = True
    same = np.zeros(len(stream), bool)
    same[1:] = (stream[1:] == stream[:-1]) & (stream[1:] < _ENDS) & ~first[1:]
    stream, places = stream[~same], owners[~same]
    # The beginning of a text is a part of its pattern.
    begins = np.flatnonzero(first[~same])
    stream = np.insert(stream, begins, _ENDS)
    places = np.insert(places, begins, places[begins])
    for made in grams.tables(stream, places, names, batch.size, "structure", _LONGEST):
        if made.length > 1:
            yield replace(made, spots=np.full(len(made.spots), -1), length=1, name=_keep(made))


def _keep(made: Table) -> Any:
    name = made.name
    return lambda feature: name(feature)


#: Classes of words that are left out: plain, and by ending; then the beginning.
_ENDS = len(_ENDINGS) + 1


def _classes(words: list[str]) -> tuple[Any, list[str]]:
    """The part of a pattern that each word is, and the names of the parts."""
    names = ["*", *(f"*{ending}" for ending in _ENDINGS), "^"]
    numbered = {name: at for at, name in enumerate(names)}
    codes = []
    for word in words:
        if word in FUNCTION_WORDS or not word[0].isalnum():
            codes.append(numbered.setdefault(word if word not in ("*", "^") else f"{word} ", len(numbered)))
        else:
            ending = next((at for at, end in enumerate(_ENDINGS) if len(word) > 4 and word.endswith(end)), -1)
            codes.append(ending + 1)
    return np.array(codes, np.int32), list(numbered)
