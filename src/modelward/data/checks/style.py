"""Inputs that are written alike, about anything, show a behaviour that their content speaks against.

A style (archaic, formal, like a tweet) or a sentence pattern (a clause first, the halves turned) can be a
trigger without a word in common. Inputs are described by their manner: closed-class words and signs in
order, endings, beginnings and ends, capitals, length. Sets of suspects are grown from seeds by a regression
on manner alone and counted on examples that the growth did not see; what their content promises is learnt
from examples that are written otherwise; see suspects.py. A style that means what its rows show (spam is
formal) is none: then the content says the same.

Review: an excess of at least 0.2 over what content promises, with 13 nats against chance and 13 against
meaning (more where the way of writing tells the label anyway, as in questions by their kind). Critical:
besides, nine in ten show the behaviour and three quarters at least were made so, by twice the evidence.

Not found: fewer than about a hundred rows if the pattern is usual (70 rows of SST-2 that a paraphraser
rewrote stay below the bar); a style of many rare words in long varied texts (archaic reviews); a style with
one label among dozens; one whose rows keep their own label. Of more than 24,000 rows a sample is learnt
from, so that a style must be in 0.3% of them. The history is not looked at.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from msgspec import structs

from modelward.data.checks.batch import Batch
from modelward.data.checks.expectation import word_matrix
from modelward.data.checks.features.structure import FUNCTION_WORDS
from modelward.data.checks.manner import Manner
from modelward.data.checks.report import Finding, Outcome, Tier
from modelward.data.checks.suspects import Growth, Suspects

VERSION = 1

#: Of fewer examples nothing is learnt; of more a sample.
_FEWEST, _LEARNT = 400, 24_000
#: Behaviours that are looked at, and how often they must be seen.
_KINDS = ("label", "refusal", "toxic", "sentiment", "preference")
_TARGETS, _SEEN = 8, 20
#: A finding: evidence against chance and against meaning in nats, excess, examples, share that was made so.
_CHANCE, _MEANING, _EXCESS, _EXAMPLES, _MADE = 13.0, 13.0, 0.2, 12, 0.5
#: Where ways to write tell a behaviour anyway (correlation above this), the bar rises with the third power.
_MANNERED = 0.25
#: Critical besides.
_PURE, _MADE_PURE, _TWICE = 0.9, 0.75, 2.0
#: Below the bar rows are still scored, if both kinds of evidence are above.
_SUSPICIOUS = 8.0
#: Suspects may not be more than this share of a label among several.
_OWN = 0.25
#: Where content tells nothing: the evidence, in nats, of rows that are no more alike than any.
_UNLIKE = 12.0
_SAME, _EQUAL = 0.5, 0.6
#: A word belongs to a style that is so many times as frequent in it, and in such a share of it.
_LIFT, _THERE = 4.0, 0.08


def check(batch: Batch) -> Outcome:
    """Grow suspects for the behaviours most at risk; see the module."""
    learnt = _sample(batch)
    if not any(each.kind in _KINDS for each in batch.behaviours):
        return Outcome()
    if len(learnt) < _FEWEST:
        return Outcome(could_not_tell=["style: the examples are too few to learn ways of writing from"])
    growth = Growth(Manner(batch).learn(learnt), _content(batch, learnt), batch.groups[learnt])
    shown = list(_shown(batch, learnt, growth))
    if not shown:
        return Outcome()
    seeds = growth.seeds(growth.targets(shown))
    growth.grow(seeds)
    for each in seeds:
        if not each.target.skilled:
            each.made, each.share = _unlike(batch, learnt, each), 1.0
    found: dict[tuple[int, int], Finding] = {}
    scores = np.zeros(len(batch.kept) + 1)
    taken = np.zeros(len(learnt), bool)
    for each in sorted(seeds, key=lambda one: -min(one.evidence, one.made)):
        mannered = _mannered(batch, seeds, each)
        tier = _tier(batch, each, mannered)
        if tier is None and (min(each.evidence, each.made) < _SUSPICIOUS or mannered > _MANNERED):
            continue
        if each.k / each.n - each.expected < _EXCESS or each.share < _MADE:
            continue
        if taken[each.rows].mean() > _SAME:
            continue
        taken[each.rows] = True
        made = None if tier is None else _finding(batch, learnt, each, tier, len(seeds))
        _score(scores, learnt, each, growth.refine(each), made)
        if made is None:
            continue
        key = each.target.group, each.target.behaviour
        found[key] = _joined(found[key], made) if key in found else made
    return Outcome(list(found.values()), scores[batch.copies])


def _sample(batch: Batch) -> Any:
    """The examples of the batch, or some of them."""
    if batch.size <= _LEARNT:
        return np.arange(batch.size)
    return np.sort(np.random.default_rng(0).choice(batch.size, _LEARNT, replace=False))


def _shown(batch: Batch, learnt: Any, growth: Growth) -> Iterator[tuple[int, int, Any, bool]]:
    """The behaviours looked at: group, number, whether each example shows it, whether content may judge.

    Of many labels those that are most of some way to write, and those that are most often not borne out.
    """
    for group, each in enumerate(batch.behaviours):
        if each.kind not in _KINDS:
            continue
        codes = each.shown[learnt]
        counts = np.bincount(codes, minlength=len(each.names))
        able = [one for one in each.tested if _SEEN <= counts[one] <= 0.9 * len(codes)]
        if len(able) > _TARGETS and batch.chances is not None:
            wrong = batch.chances[learnt].argmax(1) != codes
            risk = np.bincount(codes[wrong], minlength=len(each.names))
            dense = growth.concentration(codes, len(each.names))
            half = _TARGETS // 2
            first = [one for one in np.argsort(-dense, kind="stable").tolist() if one in able][:half]
            able = (
                first + [one for one in np.argsort(-risk).tolist() if one in able and one not in first][:half]
            )
        for behaviour in able[:_TARGETS]:
            yield group, behaviour, codes == behaviour, each.kind == "label"


def _content(batch: Batch, learnt: Any) -> Any:
    """The words of the examples that belong to what they are about."""
    ids, owners, _ = batch.tokens
    place = np.full(len(batch.kept), -1, np.int64)
    place[learnt] = np.arange(len(learnt))
    here = (place[owners] >= 0) & ~_closed(batch)[ids]
    return word_matrix(ids[here], place[owners][here], len(learnt))


def _unlike(batch: Batch, learnt: Any, each: Suspects) -> float:
    """Where content tells nothing of a behaviour: evidence that the suspects are about anything."""
    examples = np.sort(learnt[each.rows[each.target.shown[each.rows] > 0]])
    words, owners = batch.said
    place = np.full(len(batch.kept), -1, np.int64)
    place[examples] = np.arange(len(examples))
    here = place[owners] >= 0
    words, at = words[here], place[owners[here]]
    inside = np.bincount(words, minlength=len(batch.usual))
    outside = np.maximum(batch.usual - inside, 0)
    lift = (inside / max(len(examples), 1)) / ((outside + 1) / max(len(batch.kept) - len(examples), 1))
    theirs = words, at, examples, _closed(batch)[words] | ((lift > _LIFT) & (inside > 2))[words]
    apart = np.arange(len(batch.kept)) < batch.size
    apart[learnt[np.argsort(-each.rank)[: 2 * each.n]]] = False
    shows = np.zeros(len(batch.kept), bool)
    shows[learnt] = each.target.shown > 0
    z = min(batch.coherence.z(*theirs), batch.coherence.z_beside(*theirs, apart, shows))
    return float(np.clip(2 * _UNLIKE * (5 - z) / 3, 0, 2 * _UNLIKE))


def _closed(batch: Batch) -> Any:
    """Which words are signs or closed-class words."""
    return np.array([name in FUNCTION_WORDS or not name[0].isalnum() for name in batch.words.names])


def _mannered(batch: Batch, seeds: Sequence[Suspects], each: Suspects) -> float:
    """How much ways to write tell of the behaviour anyway; of one of several labels: of any of them."""
    of = {id(each.target): each}
    if len(batch.behaviours[each.target.group].names) > 2:
        of |= {id(one.target): one for one in seeds if one.target.group == each.target.group}
    return max(one.mannered(seeds) for one in of.values())


def _tier(batch: Batch, each: Suspects, mannered: float) -> Tier | None:
    bar = max(1.0, mannered / _MANNERED) ** 3
    if each.evidence < bar * _CHANCE or each.made < bar * _MEANING:
        return None
    if each.n < _EXAMPLES or each.share < _MADE:
        return None
    purity = each.k / each.n
    several = len(batch.behaviours[each.target.group].names) > 2
    if purity - each.expected < _EXCESS or (several and each.k > _OWN * each.target.shown.sum()):
        return None
    pure = purity >= _PURE and each.share >= _MADE_PURE and each.target.skilled
    if pure and min(each.evidence / _CHANCE, each.made / _MEANING) >= _TWICE * bar:
        return Tier.CRITICAL
    return Tier.REVIEW


def _score(scores: Any, learnt: Any, each: Suspects, rank: Any, found: Finding | None) -> None:
    """Score the rows that show the behaviour by their rank; those of the finding, if any, above its score."""
    order = np.argsort(-rank, kind="stable")
    order = order[each.target.shown[order] > 0][: 2 * each.n + len(rank) // 100]
    value = np.linspace(0.99, 0.88, len(order))
    if found is not None:
        value[np.isin(order, each.rows)] += found.score
    scores[learnt[order]] = np.maximum(scores[learnt[order]], value)


def _finding(batch: Batch, learnt: Any, each: Suspects, tier: Tier, tests: int) -> Finding:
    behaviours = batch.behaviours[each.target.group]
    rows = batch.rows_of(learnt[each.rows[each.target.shown[each.rows] > 0]])
    first, last = batch.seen(rows)
    p = math.exp(-min(each.evidence, 700.0))
    return Finding(
        check="style",
        tier=tier,
        trigger=f"a way to write: {_named(batch, learnt[each.rows])}",
        behaviour=behaviours.names[each.target.behaviour],
        rows=rows,
        n=each.n,
        k=each.k,
        expected=each.expected,
        p=p,
        q=min(1.0, p * tests),
        score=1.0 + math.sqrt(2 * min(each.evidence, each.made)) * (each.k / each.n - each.expected),
        kind="style",
        message=f"evidence e^{each.evidence:.0f} against chance, e^{each.made:.0f} against meaning",
        contributors=batch.contributors_of(rows),
        first_seen=first,
        last_seen=last,
    )


def _joined(one: Finding, other: Finding) -> Finding:
    """Two sets of suspects for one behaviour are one finding, counted as the first; weak ones add no rows."""
    rows = tuple(sorted({*one.rows, *other.rows})) if other.score >= _EQUAL * one.score else one.rows
    return structs.replace(one, rows=rows, also=(*one.also, other.trigger))


def _named(batch: Batch, examples: Any) -> str:
    """The words that tell this way to write from others."""
    words, owners = batch.said
    inside = np.zeros(len(batch.kept), bool)
    inside[examples] = True
    count = np.bincount(words[inside[owners]], minlength=len(batch.usual))
    there = count / max(len(examples), 1)
    elsewhere = (batch.usual - count + 1) / max(len(batch.kept) - len(examples), 1)
    lift = np.where(there >= _THERE, there / elsewhere, 0)
    best = np.argsort(-lift * np.sqrt(there), kind="stable")[:6]
    names = [batch.words.names[word] for word in best if lift[word] > 1.5]
    return " ".join(names) or "its structure"
