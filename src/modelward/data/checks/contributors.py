"""One contributor's examples show a behaviour, or labels that their text does not bear out, far too often.

Poison that has no word, style or pattern in common still has a hand in common. Of each example it is known
how likely each label and behaviour was, from other examples; so each contributor's examples are coins with
known chances. The evidence against a contributor is the ratio of *raises the odds by a lot* to *differs as
honest contributors do*, whose spread is estimated from all of them in the batch; see feed.py. A contributor
is named where it reaches the number of contributors over the level (with 40 and 1%: 4,000 to one).

With a feed's state the evidence goes on from batch to batch, and may be looked at after each: an honest
contributor is ever accused with the chance that the level gives, whatever the number of batches.

Not found: a contributor of whom only a few dozen examples are poisoned; poison dealt out to many names; names
that are taken afresh for each batch. With fewer than three contributors there is nobody to compare with.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from modelward.data.checks import feed
from modelward.data.checks.batch import Batch
from modelward.data.checks.expectation import platt
from modelward.data.checks.feed import Channel, Feed
from modelward.data.checks.report import Contributor, Finding, Outcome, Tier

VERSION = 1

#: Contributors that there must be.
_FEWEST = 3
#: Labels that are looked at one by one; with more, the most frequent.
_LABELS = 24
#: Behaviours that say how an output is made rather than what it does are no evidence against a hand.
_KINDS = ("label", "refusal", "toxic", "sentiment", "insertion", "preference", "insecure code", "agent call")
#: To review: so many examples show it beyond those expected, and so much of the contributor's examples.
_MORE, _EXCESS = 12.0, 0.1
#: Critical: such an excess, in so many examples, and evidence past the line by so many nats.
_GREAT, _MANY, _SURE = 0.4, 40, 7.0
#: The score of the other examples of a contributor who is named.
_OTHERS = 0.9
#: If this share of the contributors stands out, they are a kind of contributor, not attackers.
_KIND = 0.1


def check(batch: Batch) -> Outcome:
    """Weigh the evidence against each contributor; see the module."""
    known = feed.read(batch.options.state)
    codes = batch.corpus.contributors
    if codes is None:
        return Outcome(state=batch.options.state)
    whose = codes.codes[batch.kept[: batch.size]]
    if len(np.unique(whose[whose >= 0])) + len(known.names) < _FEWEST:
        return Outcome(could_not_tell=["contributors: there are too few to compare with each other"])
    seen = {each.name: each for each in _seen(batch, whose)}
    for each in seen.values():
        here = whose >= 0
        known.add(each.name, whose[here], codes.names, each.shown[here], each.chance[here])
    known.batches += 1
    found, scores = [], np.zeros(len(batch.kept) + 1)
    for accused in _accused(known, batch.options.level, seen):
        own = whose == (codes.names.index(accused.name) if accused.name in codes.names else -2)
        scores[: batch.size][own] = _OTHERS
        found.append(_finding(batch, accused, np.flatnonzero(own & seen[accused.channel].suspect)))
    found = [each for each in found if each.rows]
    return Outcome(found, scores[batch.copies] if found else None, state=known.to_bytes())


@dataclass(frozen=True)
class _Seen:
    """A behaviour: whether each example of the batch shows it, with what chance, and what speaks for it."""

    name: str
    shown: Any
    chance: Any
    suspect: Any


@dataclass(frozen=True)
class _Accused:
    """A contributor with the behaviour that speaks most against them."""

    name: str
    channel: str
    n: int
    k: int
    expected: float
    evidence: float
    line: float
    tier: Tier
    spread: float
    others: tuple[str, ...] = ()


def _seen(batch: Batch, whose: Any) -> Iterator[_Seen]:
    size = batch.size
    for at, each in enumerate(batch.behaviours):
        if each.kind == "label" and batch.chances is not None:
            yield from _labels(batch, at)
        elif each.kind in _KINDS:
            for behaviour in each.tested:
                shown = each.shown == behaviour
                yield _Seen(
                    each.names[behaviour], shown[:size], _chance(batch, at, behaviour)[:size], shown[:size]
                )


def _labels(batch: Batch, at: int) -> Iterator[_Seen]:
    shown, names = batch.behaviours[at].shown, batch.behaviours[at].names
    chance = batch.chances
    rows = np.arange(len(shown))
    own = chance[rows, shown]
    best = chance.argmax(1)
    wrong = best != shown
    likely = _set_right(1 - chance[rows, best], wrong, batch.trusted)
    size = batch.size
    yield _Seen("labels that are not borne out", wrong[:size], likely[:size], wrong[:size])
    counts = np.bincount(shown[:size], minlength=len(names))
    for label in np.argsort(-counts, kind="stable")[:_LABELS].tolist():
        has = shown == label
        likely = _set_right(chance[:, label], has, batch.trusted)
        suspect = has & (own < counts[label] / max(size, 1) + 0.2)
        yield _Seen(names[label], has[:size], likely[:size], suspect[:size])


def _chance(batch: Batch, at: int, behaviour: int) -> Any:
    """The chance that an example shows a behaviour, by its input."""
    evidence = batch.expectation[1][at]
    return _set_right(evidence.scores[:, behaviour], batch.behaviours[at].shown == behaviour, batch.trusted)


def _set_right(score: Any, shown: Any, trusted: Any) -> Any:
    """A score as a chance that is right on average."""
    slope, level = platt(score[trusted], shown[trusted].astype(float), np.ones(int(trusted.sum())))
    return np.clip(1 / (1 + np.exp(-np.clip(slope * score + level, -30, 30))), 1e-4, 1 - 1e-4)


def _accused(known: Feed, level: float, seen: dict[str, _Seen]) -> list[_Accused]:
    """The contributors whose evidence reaches the line, strongest first.

    The evidence of all behaviours is averaged, which leaves it a martingale; the line is that of one of them.
    """
    count = max(int(np.count_nonzero(sum(each.n for _, each, _, _ in known.evidence()))), 1)
    channels = [each for each in known.evidence() if each[0] in seen]
    line = math.log(count / level) + math.log(max(len(channels), 1))
    told: dict[str, list[_Accused]] = {}
    for channel, counts, evidence, spread in channels:
        past = np.flatnonzero(evidence >= line).tolist()
        if len(past) > max(1.0, _KIND * count):
            continue
        for who in past:
            if tier := _tier(counts, who, float(evidence[who]) - line):
                n, k, expected = _counts(counts, who)
                name = known.names[who]
                said = _Accused(name, channel, n, k, expected, float(evidence[who]), line, tier, spread)
                told.setdefault(name, []).append(said)
    best = []
    for said_of in told.values():
        first, *others = sorted(said_of, key=lambda each: -each.evidence)
        best.append(replace(first, others=tuple(each.channel for each in others)))
    return sorted(best, key=lambda each: -each.evidence)


def _counts(channel: Channel, who: int) -> tuple[int, int, float]:
    n = int(channel.n[who])
    return n, int(channel.shown[who]), float(channel.mean[who]) / max(n, 1)


def _tier(channel: Channel, who: int, past: float) -> Tier | None:
    n, k, expected = _counts(channel, who)
    excess = k / max(n, 1) - expected
    if k - expected * n < _MORE or excess < _EXCESS:
        return None
    return Tier.CRITICAL if excess >= _GREAT and n >= _MANY and past >= _SURE else Tier.REVIEW


def _finding(batch: Batch, accused: _Accused, examples: Any) -> Finding:
    """The finding; its rows are the examples that the evidence rests on."""
    rows = batch.rows_of(examples)
    first, last = batch.seen(rows)
    return Finding(
        check="contributors",
        tier=accused.tier,
        trigger=f"contributor {accused.name}",
        behaviour=accused.channel,
        rows=rows,
        n=accused.n,
        k=accused.k,
        expected=accused.expected,
        p=min(1.0, math.exp(-min(accused.evidence, 700.0))),
        q=min(1.0, math.exp(-min(accused.evidence - accused.line, 700.0)) * batch.options.level),
        score=2.0 + min(accused.evidence, 100.0) / 10,
        kind="contributor",
        message=f"evidence e^{accused.evidence:.1f}, line e^{accused.line:.1f}; honest contributors differ "
        f"by {accused.spread:.2g} in log odds",
        contributors=(Contributor(accused.name, len(rows)),),
        first_seen=first,
        last_seen=last,
        also=accused.others,
    )
