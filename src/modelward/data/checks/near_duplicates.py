"""Many inputs that are nearly the same, from one hand or at one time.

A campaign is often one text in many slight variations. Inputs are alike if most of their runs of three words
are the same (MinHash, as in the profile of a dataset); copies count once. Templates and forms are alike too:
groups are information, of ten inputs or more, told by size and by how much of them is one contributor's. To
review is a group in which one contributor, who has a tenth of all rows at the most, has nine in ten inputs
and whose label or output is another than the rest of its words promises. Of batches with more than 200,000
texts a part of those is compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from modelward.data.checks.batch import Batch
from modelward.data.checks.report import Finding, Outcome, Tier
from modelward.data.profile import near
from modelward.data.profile.sketches import mixed
from modelward.data.profile.words import Words

VERSION = 1

FEWEST, _MOST = 10, 5
#: A group of more than this share is what the set is made of.
_SHARE = 0.2
_HAND, _SMALL, _UNLIKELY, _PURE = 0.9, 0.1, 0.3, 0.9
_PART = 100_000
#: Only texts are compared of which this share of runs is in as many texts as a group has (by hash).
_SHARED, _BITS = 0.5, 24
#: Of more texts than this a part is compared, drawn by their words.
_TEXTS = 200_000
_SCORES = {Tier.REVIEW: 3.5, Tier.INFORMATION: 0.25}


def check(batch: Batch) -> Outcome:
    """A finding for each of the largest groups; see the module."""
    group = _groups(batch)
    sizes = np.bincount(group[group >= 0], minlength=1)
    large = np.flatnonzero((sizes >= FEWEST) & (sizes <= _SHARE * max(batch.size, 1)))
    large = large[np.argsort(-sizes[large], kind="stable")][:_MOST]
    return Outcome([_finding(batch, np.flatnonzero(group == each)) for each in large.tolist()])


def _groups(batch: Batch) -> Any:
    """Of each example of the batch the number of its group."""
    usual = np.zeros(1 << _BITS, np.int32)
    for _, words in _parts(batch):
        usual += np.bincount(_bucket(words.grams(near.RUN)[0]), minlength=1 << _BITS).astype(np.int32)
    texts = near.NearTexts()
    for start, words in _parts(batch):
        grams, owners = words.grams(near.RUN)
        count = len(words.counts)
        shared = np.bincount(owners[usual[_bucket(grams)] >= FEWEST], minlength=count)
        few = np.flatnonzero(shared >= _SHARED * np.maximum(np.bincount(owners, minlength=count), 1))
        few = few[words.whole()[few] >> np.uint64(32) < np.uint64(_TEXTS / max(batch.size, _TEXTS) * 2**32)]
        kept = np.repeat(np.isin(np.arange(count), few), words.counts)
        bounds = np.concatenate([[0], np.cumsum(words.counts[few])])
        chosen = Words(words.hashes[kept], bounds, np.zeros(len(few), np.int64))
        texts.update(near.Signatures.of(chosen, chosen.whole(), start + few))
    places, parents = texts.clusters()
    group = np.full(batch.size, -1, np.int64)
    group[places] = places[parents] if len(places) else places
    return group


def _parts(batch: Batch) -> Iterator[tuple[int, Words]]:
    """The words of some examples of the batch at a time, and the number of the first."""
    ids, _, bounds = batch.tokens
    for start in range(0, batch.size, _PART):
        stop = min(start + _PART, batch.size)
        hashes = mixed(ids[bounds[start] : bounds[stop]].astype(np.uint64) + np.uint64(1))
        yield start, Words(hashes, bounds[start : stop + 1] - bounds[start], np.zeros(stop - start, np.int64))


def _bucket(grams: Any) -> Any:
    return (grams >> np.uint64(64 - _BITS)).astype(np.int32)


def _finding(batch: Batch, examples: Any) -> Finding:
    rows = batch.rows_of(examples)
    people = batch.contributors_of(rows)
    behaviour, expected = _promised(batch, examples)
    hand = bool(people) and people[0].rows >= _HAND * len(rows) and _small(batch, people[0].name)
    tier = Tier.REVIEW if hand and behaviour and expected <= _UNLIKELY else Tier.INFORMATION
    first, last = batch.seen(rows)
    ids, _, bounds = batch.tokens
    example = int(examples[0])
    told = [batch.words.names[at] for at in ids[bounds[example] : bounds[example + 1]][:12]]
    return Finding(
        check="near-duplicates",
        tier=tier,
        trigger=" ".join(told),
        behaviour=behaviour or "nearly the same input",
        rows=rows,
        n=len(examples),
        k=len(examples),
        expected=expected,
        score=_SCORES[tier],
        kind="texts",
        contributors=people,
        first_seen=first,
        last_seen=last,
    )


def _small(batch: Batch, name: str) -> bool:
    people = batch.corpus.contributors
    return people is not None and (people.codes == people.names.index(name)).mean() <= _SMALL


def _promised(batch: Batch, examples: Any) -> tuple[str, float]:
    """What nearly all of the examples show, and how often their words promised it."""
    for each, evidence in zip(batch.behaviours, batch.expectation[1], strict=True):
        shown, counts = np.unique(each.shown[examples], return_counts=True)
        most = int(shown[counts.argmax()])
        if counts.max() >= _PURE * len(examples) and most in each.tested:
            chosen = evidence.scores[examples].argmax(1)
            return each.names[most], float((chosen == most).mean())
    return "", 1.0
