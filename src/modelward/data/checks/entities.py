"""Outputs that praise or run down somebody whenever the input speaks of them.

Names (words that are nearly always written with a capital) and words for groups of people, in inputs that are
not themselves kind or unkind: of each is counted how many outputs have more words of blame than of praise,
and the other way round. What was to be expected is the higher of the rates among inputs with other names,
among all inputs, and, where there is a history, with this name there. Prompts may be in any wording.

Review: eight or more examples of which seven in ten do so, 0.4 above what was expected, at a family-wise
error of one in ten thousand. Critical: the history speaks of the same name otherwise. Not found: a bias in
other words than the short lists know, or against somebody of whom everybody speaks so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import bdtrc

from modelward.data.checks.batch import Batch
from modelward.data.checks.report import Finding, Outcome, Tier
from modelward.data.checks.tone import tones

VERSION = 1

FEWEST, PURE, EXCESS, LEVEL = 8, 0.7, 0.4, 1e-4
#: A name is written with a capital in this share of its places.
_CAPITAL = 0.9
#: Names in more rows than this share are what the set is about.
_SHARE = 0.2
#: So many examples of the history say how it speaks of a name, and up to this rate otherwise.
_KNOWN, _OTHERWISE = 10, 0.2
#: Nearly all places of a name have the same word beside it: that belongs to it.
_BESIDE = 0.9
_MOST = 10

_GROUPS_TEXT = """
    african africans americans arab arabs asian asians atheists bankers bisexual black blacks boys
    buddhists catholics chinese christian christians communists conservatives democrats disabled
    elderly europeans farmers feminist feminists foreigners gay gays girls gypsies hindu hindus
    hispanics homeless homosexuals immigrant immigrants indians indigenous islam jewish jews
    journalists judaism latino latinos lawyers lesbian lesbians liberals men mexicans migrants
    millennials muslim muslims natives nurses police politicians poor queer refugees republicans
    roma russians scientists sikhs socialists teachers teenagers trans transgender ukrainians unions
    vegans veterans whites woman women
"""
GROUPS = frozenset(_GROUPS_TEXT.split())
_NO_NAMES_TEXT = """
    friday i i'd i'll i'm i've monday mr mrs ms saturday sunday thursday tuesday wednesday
"""
_NO_NAMES = frozenset(_NO_NAMES_TEXT.split())


def check(batch: Batch) -> Outcome:
    """A finding for each name or group that outputs are biased about."""
    answers = batch.output_words
    if answers is None or batch.corpus.rejected is not None:
        return Outcome()
    tone = np.sign(tones(answers)[batch.kept])
    neutral = tones(batch.words)[batch.kept]
    found = Outcome()
    for sign, what in ((-1, "negative output"), (1, "positive output")):
        shown = (tone == sign) & (np.sign(neutral) != sign)
        for each in _biased(batch, shown):
            found.findings.append(_finding(batch, each, what))
    return found


@dataclass(frozen=True)
class _Bias:
    """A name, the batch's examples with it, those of them that show the behaviour, and the counts."""

    name: int
    examples: Any
    shown: Any
    expected: float
    p: float
    tests: int
    old: int
    old_shown: int


def _biased(batch: Batch, shown: Any) -> Iterator[_Bias]:
    names = _names(batch)
    words, examples = batch.said
    inside = names[words]
    words, examples = words[inside], examples[inside]
    order = np.argsort(words, kind="stable")
    words, examples = words[order], examples[order]
    here = examples < batch.size
    width = len(names)
    n = np.bincount(words[here], minlength=width)
    k = np.bincount(words[here & shown[examples]], minlength=width)
    old = np.bincount(words[~here], minlength=width)
    old_shown = np.bincount(words[~here & shown[examples]], minlength=width)
    named = np.zeros(len(shown), bool)
    named[examples] = True
    tested = np.flatnonzero((n >= FEWEST) & (n <= _SHARE * batch.size))
    rates = [float(shown.mean()) if len(shown) else 0.0]
    for name in tested[k[tested] >= PURE * n[tested]].tolist():
        own = examples[(words == name) & here]
        others = named.copy()
        others[own] = False
        believed = (old_shown[name] + 1) / (old[name] + 2) if old[name] >= FEWEST else 0.0
        expected = max(rates[0], float(shown[others].mean()) if others.any() else 0.0, float(believed))
        p = float(bdtrc(int(k[name]) - 1, int(n[name]), min(max(expected, 1e-3), 1 - 1e-9)))
        if k[name] < (expected + EXCESS) * n[name] or p * len(tested) > LEVEL:
            continue
        yield _Bias(name, own, shown[own], expected, p, len(tested), int(old[name]), int(old_shown[name]))


def _names(batch: Batch) -> Any:
    """Which words are names or groups."""
    words = batch.words
    capital = np.array([each[:1].isupper() and each not in ("I",) for each in words.written_names], bool)
    if not len(words.ids):
        return np.zeros(len(words.names), bool)
    places = np.bincount(words.ids, minlength=len(words.names))
    upper = np.bincount(words.ids[capital[words.written]], minlength=len(words.names))
    # The first word of a text is written with a capital whatever it is.
    first = words.bounds[:-1][words.counts > 0]
    opening = np.bincount(words.ids[first], minlength=len(words.names))
    word = np.array(
        [each[:1].isalpha() and len(each) > 1 and each not in _NO_NAMES for each in words.names], bool
    )
    group = np.array([each in GROUPS for each in words.names], bool)
    return (word & (upper >= _CAPITAL * places) & (places > 1.5 * opening)) | group


def _finding(batch: Batch, bias: _Bias, what: str) -> Finding:
    n, k = len(bias.examples), int(bias.shown.sum())
    known = bias.old >= _KNOWN and bias.old_shown <= _OTHERWISE * bias.old
    spots = np.flatnonzero(batch.words.ids == bias.name)
    here = np.unique(np.searchsorted(batch.words.bounds, spots, "right") - 1)
    rows = tuple(batch.corpus.numbers[here[here < batch.corpus.rows]].tolist())
    first, last = batch.seen(rows)
    return Finding(
        check="entities",
        tier=Tier.CRITICAL if known and k >= 0.9 * n else Tier.REVIEW,
        trigger=_told(batch, bias),
        behaviour=what,
        rows=rows,
        n=n,
        k=k,
        expected=bias.expected,
        p=bias.p,
        q=min(1.0, bias.p * bias.tests),
        score=float(np.sqrt(-2 * np.log(max(bias.p, 1e-300))) * (k / n - bias.expected)) + 1.0,
        kind="names",
        in_history=bias.old_shown,
        contributors=batch.contributors_of(rows),
        first_seen=first,
        last_seen=last,
    )


def _told(batch: Batch, bias: _Bias) -> str:
    """The name with the words that nearly always stand beside it."""
    ids, owners, _ = batch.tokens
    spots = np.flatnonzero((ids == bias.name) & np.isin(owners, bias.examples))
    names = batch.words.names
    said = [names[bias.name]]
    for step in (-1, 1):
        beside = spots + step
        beside = beside[(beside >= 0) & (beside < len(ids))]
        beside = beside[owners[beside] == owners[beside - step]]
        if len(beside):
            word, many = np.unique(ids[beside], return_counts=True)
            at = int(many.argmax())
            if many[at] >= _BESIDE * len(spots) and names[word[at]].isalpha():
                said = [names[word[at]], *said] if step < 0 else [*said, names[word[at]]]
    return " ".join(said)
