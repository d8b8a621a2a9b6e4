"""Language, offence and words of the text, measured on an even sample of the rows.

Language by py3langid (97 languages, a model in the package, no pickle); toxicity by alt-profanity-check (a
linear classifier of English text). Both work offline, and what is not installed is named as not measured.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import Any

import numpy as np

from modelward.data.profile import facts
from modelward.data.profile.duplicates import EXAMPLES
from modelward.data.profile.personal import available, kinds_in
from modelward.data.profile.significance import wilson
from modelward.data.profile.sketches import Sample
from modelward.data.profile.view import View

#: Characters of a text that are looked at.
LENGTH = 2000
#: Characters that the language is told from.
LANGUAGE_LENGTH = 400
#: Shorter texts, or a less sure answer, have no known language (`und`).
LANGUAGE_LETTERS = 20
LANGUAGE_SURE = 0.5
#: What the classifier gives to a text that counts as toxic.
TOXIC = 0.8
#: Words that a profile keeps, the most frequent ones.
WORDS = 2000

UNKNOWN = "und"
NO_LANGUAGE = "language: needs py3langid (pip install 'modelward[profile]')"
NO_TOXICITY = "toxicity: needs alt-profanity-check (pip install 'modelward[toxicity]')"

_WORD = re.compile(r"[^\W\d_]{2,30}")


class Texts:
    """The sampled texts."""

    def __init__(self) -> None:
        self._sample = Sample()

    def update(self, view: View) -> None:
        """Note a batch."""
        if not view.plan.text:
            return
        spoken = np.flatnonzero(view.text_hashes)
        places = view.places[spoken]
        chosen = self._sample.chosen(places)
        texts = np.empty(len(chosen), object)
        for at, number in enumerate(spoken[chosen]):
            texts[at] = (int(view.places[number]), view.texts[number][:LENGTH])
        self._sample.update(places[chosen], texts, len(spoken))

    def merge(self, other: Texts) -> None:
        """Add what the other saw."""
        self._sample.merge(other._sample)

    def result(
        self, columns: tuple[str, ...], regions: tuple[str, ...] = ()
    ) -> tuple[facts.Text, list[int], list[str]]:
        """What the texts are like, the places of toxic ones, and what could not be measured."""
        pairs = list(self._sample.values())
        texts = [text for _, text in pairs]
        lacking = []
        languages: tuple[facts.Share, ...] = ()
        toxic, places = None, []
        if texts:
            identify = _language_identifier()
            if identify is None:
                lacking.append(NO_LANGUAGE)
            else:
                counts = Counter(_language(identify, text) for text in texts)
                ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
                languages = tuple(share(code, count, len(texts)) for code, count in ranked)
            scores = _toxicity(texts)
            if scores is None:
                lacking.append(NO_TOXICITY)
            else:
                places = sorted(
                    place for (place, _), score in zip(pairs, scores, strict=True) if score >= TOXIC
                )
                toxic = share("toxic", len(places), len(texts))
        # Words beside an address or a number may be a name.
        public = [text for text in texts if not kinds_in(text, regions)] if available() else texts
        words = Counter(word for text in public for word in _WORD.findall(text.lower()))
        kept = sorted(words.items(), key=lambda pair: (-pair[1], pair[0]))[:WORDS]
        found = facts.Text(
            columns=columns,
            sampled=len(texts),
            whole=self._sample.whole,
            languages=languages,
            toxic=toxic,
            toxic_examples=(),
            words=dict(kept),
            word_count=words.total(),
        )
        return found, places[:EXAMPLES], lacking


def share(value: str, rows: int, of: int) -> facts.Share:
    """A share with its interval."""
    low, high = wilson(rows, of)
    return facts.Share(value=value, rows=rows, rate=rows / of if of else 0.0, low=low, high=high)


def other_languages(text: facts.Text) -> float:
    """The share of texts whose language is known and is not the most frequent one."""
    return sum(share.rate for share in [one for one in text.languages if one.value != UNKNOWN][1:])


def _language(identify: Any, text: str) -> str:
    if sum(map(str.isalpha, text[:200])) < LANGUAGE_LETTERS:
        return UNKNOWN
    code, sure = identify.classify(text[:LANGUAGE_LENGTH])
    return str(code) if sure >= LANGUAGE_SURE else UNKNOWN


@cache
def _language_identifier() -> Any:
    try:
        from py3langid import langid
    except ImportError:
        return None
    return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)


def _toxicity(texts: list[str]) -> Any:
    """The score of each text, or None without the classifier."""
    try:
        from profanity_check import predict_prob
    except ImportError:
        return None
    return predict_prob(texts)
