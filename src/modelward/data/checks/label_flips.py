"""Labels that the text of their rows does not bear out.

Confident learning on rows that were not learnt from: the chance of each label is the geometric mean of the
expectation's (ridge regression on words) and of naive Bayes on words and pairs of words, both fitted on other
rows or on the trusted history, and set to the right confidence on the batch. A row's score is the chance that
its label is another. A row counts as flipped if another label is at least as sure as rows of that label
usually are, and its own is not.

Every set has honest mistakes, so that flips are information, in words how many and between which labels; and
review if the history, judged in the same way, has significantly fewer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.special import bdtrc

from modelward.data.checks.batch import Batch
from modelward.data.checks.expectation import folds_of
from modelward.data.checks.report import Finding, Outcome, Tier

VERSION = 1

_FOLDS = 5
#: Numbers in the tables of naive Bayes, all folds and labels together.
_TABLE = 1 << 24
#: Examples that are looked at together.
_BLOCK = 50_000
_SMOOTH = 0.05
_SHARPNESS = (0.01, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0)
#: The sharpness is set on so many examples.
_SAMPLE = 20_000
#: Residual scores stay below this.
_MOST = 0.9
#: The score of the row that is above `q` of all is this power of `q`.
_STEEP = 8
#: Against history: the p-value, how many times its rate, and how many rows make a finding to review.
_P, _TIMES, _FEWEST = 1e-6, 2.0, 8
#: Rows named in a finding that is information.
_NAMED = 200


def check(batch: Batch) -> Outcome:
    """Score each row by how little its text bears out its label; see the module."""
    at = next((at for at, each in enumerate(batch.behaviours) if each.kind == "label"), None)
    if at is None:
        return Outcome()
    shown = batch.behaviours[at].shown
    names = batch.behaviours[at].names
    chance = batch.chances
    own = chance[np.arange(len(shown)), shown]
    best = chance.copy()
    best[np.arange(len(shown)), shown] = -1
    other = best.argmax(1)
    surest = best[np.arange(len(shown)), other]
    usual = np.bincount(shown, own, len(names)) / np.maximum(np.bincount(shown, minlength=len(names)), 1)
    flipped = (surest >= usual[other]) & (own < usual[shown]) & (surest > own)
    scores = np.zeros(len(batch.kept) + 1)
    scores[:-1] = _ranked(surest / np.maximum(own, 1e-12))
    found = Outcome(scores=scores[batch.copies])
    here = np.flatnonzero(flipped[: batch.size])
    if len(here):
        here = here[np.argsort(own[here] - surest[here], kind="stable")]
        found.findings.append(_finding(batch, _Flips(here, shown, other, names), flipped))
    return found


def _ranked(doubt: Any) -> Any:
    """Doubts as scores: the place of each among all, so that most rows score little; equal ones the same."""
    from scipy.stats import rankdata

    return _MOST * (rankdata(doubt) / max(len(doubt), 1)) ** _STEEP


@dataclass(frozen=True)
class _Flips:
    """The examples that seem flipped, worst first; what they show, and what they seem to be."""

    examples: Any
    shown: Any
    other: Any
    names: Any


def _finding(batch: Batch, flips: _Flips, flipped: Any) -> Finding:
    n, k = batch.size, len(flips.examples)
    old = len(flipped) - n
    expected = (float(flipped[n:].sum()) + 1) / (old + 2) if batch.history is not None and old else k / n
    p = float(bdtrc(k - 1, n, min(expected, 1 - 1e-9))) if k > expected * n else 1.0
    worse = p < _P and k >= _TIMES * expected * n and k >= _FEWEST
    pairs, counts = np.unique(
        flips.shown[flips.examples] * len(flips.names) + flips.other[flips.examples], return_counts=True
    )
    most = np.argsort(-counts, kind="stable")[:5]
    told = [
        f"{flips.names[pair // len(flips.names)]} for {flips.names[pair % len(flips.names)]} ({count})"
        for pair, count in zip(pairs[most].tolist(), counts[most].tolist(), strict=True)
    ]
    rows = batch.rows_of(flips.examples if worse else flips.examples[:_NAMED])
    first, last = batch.seen(rows)
    return Finding(
        check="label-flips",
        tier=Tier.REVIEW if worse else Tier.INFORMATION,
        trigger="rows whose text speaks for another label",
        behaviour="a label that is not borne out",
        rows=rows,
        n=n,
        k=k,
        expected=expected,
        p=p,
        score=0.0,
        kind="labels",
        message="; ".join(told),
        in_history=int(flipped[n:].sum()),
        contributors=batch.contributors_of(rows),
        first_seen=first,
        last_seen=last,
    )


def chances(batch: Batch, at: int) -> Any:
    """The chance of each label (columns) of each example."""
    evidence = batch.expectation[1][at]
    shown, size = evidence.group.shown, evidence.group.size
    sample = np.arange(len(shown))[:: max(1, len(shown) // _SAMPLE)]
    chance: Any = None
    for scores in (evidence.scores, _bayes(batch, shown, size)):
        sharp = max(_SHARPNESS, key=lambda each: _borne_out(scores[sample] * each, shown[sample]))
        scores *= np.float32(sharp) / 2
        scores -= scores.max(1, keepdims=True)
        chance = scores if chance is None else chance + scores
    chance = np.exp(chance)
    chance /= chance.sum(1, keepdims=True)
    return chance


def _borne_out(scores: Any, shown: Any) -> float:
    """The mean log chance of the labels; that of a wrong one is bounded."""
    scores = np.exp(scores - scores.max(1, keepdims=True))
    return float(np.log(np.maximum(scores[np.arange(len(shown)), shown] / scores.sum(1), 1e-3)).mean())


def _bayes(batch: Batch, shown: Any, size: int) -> Any:
    """Log odds of each label by naive Bayes on words and pairs of words, cross-fitted."""
    bits = int(np.clip(np.log2(_TABLE / (_FOLDS * size)), 12, 18))
    folds = folds_of(batch.groups, _FOLDS)
    group = np.where(batch.trusted, folds * size + shown, -1)
    rows = np.bincount(group[group >= 0], minlength=_FOLDS * size).reshape(_FOLDS, size)
    found: Any = sparse.csr_matrix((_FOLDS * size, 1 << bits), dtype=np.float32)
    for start, stop, parts in _blocks(batch, bits):
        taught = np.flatnonzero(group[start:stop] >= 0)
        chosen = (np.ones(len(taught), np.float32), (group[start + taught], taught))
        chooser = sparse.csr_matrix(chosen, (_FOLDS * size, stop - start))
        found = found + sum(chooser @ part for part in parts)
    counts = found.toarray().reshape(_FOLDS, size, 1 << bits)
    whole = counts.sum(0)
    for fold in range(_FOLDS):
        learnt = np.maximum(whole - counts[fold], 0)
        known = learnt.sum(0) > 0
        learnt += _SMOOTH
        learnt /= learnt.sum(1, keepdims=True)
        counts[fold] = np.log(learnt) * known
    prior = np.log(np.maximum(rows.sum(0) - rows, 0.5)).astype(np.float32)
    tables = [np.ascontiguousarray(counts[fold].T) for fold in range(_FOLDS)]
    scores = np.zeros((len(shown), size), np.float32)
    for start, stop, parts in _blocks(batch, bits):
        for fold in range(_FOLDS):
            inside = np.flatnonzero(folds[start:stop] == fold)
            scores[start + inside] = prior[fold] + sum(part[inside] @ tables[fold] for part in parts)
    return scores


def _blocks(batch: Batch, bits: int) -> Iterator[tuple[int, int, tuple[Any, Any]]]:
    """Of a few examples at a time the words and the pairs of words, hashed; both together of length 1."""
    ids, owners, bounds = batch.tokens
    usual = np.log((1 + len(batch.kept)) / (1 + batch.usual)).astype(np.float32)
    mix, shift = np.uint64(0x9E3779B97F4A7C15), np.uint64(64 - bits)
    for start in range(0, len(batch.kept), _BLOCK):
        stop = min(start + _BLOCK, len(batch.kept))
        spots = slice(bounds[start], bounds[stop])
        word, owner, weight = (
            ids[spots].astype(np.uint64) + np.uint64(1),
            owners[spots] - start,
            usual[ids[spots]],
        )
        inside = owner[1:] == owner[:-1]
        pair = ((word[:-1] * np.uint64(0xD1342543DE82EF95) + word[1:]) * mix)[inside]
        both = np.maximum(weight[1:], weight[:-1])[inside]
        after = owner[1:][inside]
        count = stop - start
        squares = np.bincount(owner, weight**2, count) + np.bincount(after, both**2, count)
        scale = (1 / np.sqrt(np.maximum(squares, 1e-12))).astype(np.float32)
        parts = [
            sparse.csr_matrix(
                (
                    values * scale[place],
                    (keys >> shift).astype(np.int32),
                    np.concatenate([[0], np.cumsum(np.bincount(place, minlength=count))]),
                ),
                (count, 1 << bits),
            )
            for place, keys, values in ((owner, word * mix, weight), (after, pair, both))
        ]
        yield start, stop, (parts[0], parts[1])
