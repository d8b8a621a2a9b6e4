"""Drift: what differs from the former dataset, by size and by how unlikely it is to be chance.

Numbers and lengths: population stability index (PSI) over the former deciles, and Kolmogorov-Smirnov.
Categories: PSI, chi-square and Cramér's V, new and lost values. Missing cells and languages: two rates,
chi-square. Words: Jensen-Shannon divergence of the most frequent ones. All p-values are corrected (Holm).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from modelward.data.profile import facts
from modelward.data.profile.significance import (
    chi_square,
    holm,
    jensen_shannon,
    kolmogorov_smirnov,
    stability,
    two_rates,
)
from modelward.data.profile.sketches import SAMPLE

#: New or lost values and words that are named.
NAMED = 20
#: A word is new if it makes up this share of all words and was not among the former most frequent.
NEW_WORD = 0.0005
_DECILES = 10


@dataclass(slots=True)
class _Measured:
    column: str
    measure: str
    effect: float
    p: float | None = None
    psi: float | None = None
    new: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def drifts(now: facts.Profile, former: facts.Profile) -> tuple[facts.Drift, ...]:
    """How far each column, and the text, has moved."""
    found = list(_measured(now, former))
    tested = [one for one in found if one.p is not None]
    for one, p in zip(tested, holm([one.p or 0.0 for one in tested]), strict=True):
        one.p = p
    return tuple(
        facts.Drift(
            column=one.column,
            measure=one.measure,
            effect=one.effect,
            p=one.p,
            psi=one.psi,
            new=one.new,
            lost=one.lost,
        )
        for one in found
    )


def _measured(now: facts.Profile, former: facts.Profile) -> Iterator[_Measured]:
    columns = {column.name: column for column in former.columns}
    names = {column.name for column in now.columns}
    new, lost = sorted(names - columns.keys()), sorted(columns.keys() - names)
    if new or lost:
        yield _Measured("", "columns", float(len(new) + len(lost)), new=tuple(new), lost=tuple(lost))
    for column in now.columns:
        before = columns.get(column.name)
        if before is not None:
            yield from _column(column, before)
    yield from _text(now.text, former.text)


def _column(now: facts.Column, former: facts.Column) -> Iterator[_Measured]:
    if now.rows and former.rows:
        p = two_rates(now.missing, now.rows, former.missing, former.rows)
        effect = now.missing / now.rows - former.missing / former.rows
        yield _Measured(now.name, "missing", effect, p)
    if now.values and former.values:
        yield _categories(now, former)
    elif now.numbers and former.numbers and not (_is_identifier(now) and _is_identifier(former)):
        yield _numbers(now.name, "numbers", now.numbers, former.numbers)
    if now.is_text and now.lengths and former.lengths:
        yield _numbers(now.name, "lengths", now.lengths, former.lengths)


def _is_identifier(column: facts.Column) -> bool:
    """Whether it numbers the rows: whole numbers, each once. Those of another dataset are always others."""
    whole = column.numbers is not None and all(value.is_integer() for value in column.numbers.quantiles)
    return whole and column.distinct >= 0.95 * column.rows


def _categories(now: facts.Column, former: facts.Column) -> _Measured:
    counts = {value.value: value.rows for value in now.values}
    before = {value.value: value.rows for value in former.values}
    names = sorted(counts.keys() | before.keys())
    one = [counts.get(name, 0) for name in names]
    other = [before.get(name, 0) for name in names]
    p, effect = chi_square(one, other)
    return _Measured(
        now.name,
        "values",
        effect,
        p,
        stability(one, other),
        new=tuple(value.value for value in now.values if value.value not in before)[:NAMED],
        lost=tuple(value.value for value in former.values if value.value not in counts)[:NAMED],
    )


def _numbers(name: str, measure: str, now: facts.Numbers, former: facts.Numbers) -> _Measured:
    one, other = np.array(now.quantiles), np.array(former.quantiles)
    p, effect = kolmogorov_smirnov(one, min(now.count, SAMPLE), other, min(former.count, SAMPLE))
    edges = np.unique(other[_DECILES:-1:_DECILES])
    bins = [
        np.bincount(np.searchsorted(edges, side, "left"), minlength=len(edges) + 1) for side in (one, other)
    ]
    return _Measured(name, measure, effect, p, stability(bins[0].tolist(), bins[1].tolist()))


def _text(now: facts.Text, former: facts.Text) -> Iterator[_Measured]:
    name = ", ".join(now.columns)
    if now.languages and former.languages:
        counts = {share.value: share.rows for share in now.languages}
        before = {share.value: share.rows for share in former.languages}
        codes = sorted(counts.keys() | before.keys())
        p, effect = chi_square(
            [counts.get(code, 0) for code in codes], [before.get(code, 0) for code in codes]
        )
        yield _Measured(name, "languages", effect, p)
    if now.word_count and former.word_count:
        words = sorted(now.words.keys() | former.words.keys())
        one = [now.words.get(word, 0) / now.word_count for word in words]
        other = [former.words.get(word, 0) / former.word_count for word in words]
        new = [
            word
            for word, rate in zip(words, one, strict=True)
            if rate > NEW_WORD and word not in former.words
        ]
        lost = [
            word for word, rate in zip(words, other, strict=True) if rate > NEW_WORD and word not in now.words
        ]
        rest = [1 - sum(one)], [1 - sum(other)]
        effect = jensen_shannon([*one, *np.maximum(rest[0], 0)], [*other, *np.maximum(rest[1], 0)])
        new.sort(key=lambda word: (-now.words[word], word))
        lost.sort(key=lambda word: (-former.words[word], word))
        yield _Measured(name, "words", effect, new=tuple(new[:NAMED]), lost=tuple(lost[:NAMED]))
