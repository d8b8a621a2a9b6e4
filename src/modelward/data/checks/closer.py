"""A closer look at candidates: all words that belong to a trigger are taken out of its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from modelward.data.checks.batch import Batch
from modelward.data.checks.candidates import Candidate
from modelward.data.checks.text import spots_of
from modelward.data.checks.tiers import FEW, PURE

#: Words that so many of the rows share, and so many times as often as others do, belong to the trigger.
_COMPANION, _LIFT = 0.8, 3.0
#: So do words that hardly any other rows have.
_CONTAINED = 0.25
#: A word goes with a behaviour by itself if it raises its log odds by this; so many examples are doubted.
_TENDENCY, _DOUBT = 1.0, 10.0
#: Where the rest of rows promises nothing: the evidence, in nats, of rows that are no more alike than any.
_UNLIKE = 12.0
#: Rows that share more than this part of their words are copies.
_WHOLE = 0.6
#: A candidate is alone if it has more than this share of the rows that show its behaviour.
_ALONE = 0.5
#: Of a candidate's rows about so many are looked at.
_SAMPLE = 4000


def once(found: Sequence[Candidate]) -> list[Candidate]:
    """Of candidates with the same rows and behaviour the longest."""
    best: dict[tuple[int, int, bytes], Candidate] = {}
    for each in found:
        key = each.group, each.behaviour, each.rows.tobytes()
        if key not in best or _told(best[key]) < _told(each):
            best[key] = each
    return list(best.values())


def _told(each: Candidate) -> tuple[bool, int]:
    return each.kind == "words", each.length


def look(batch: Batch, each: Candidate) -> None:
    """Take the words of the feature and those that come with it out of its rows, and count again.

    A word that goes with the behaviour in other rows too has a meaning of its own, and stays.
    """
    ids, _, bounds = batch.tokens
    evidence = batch.expectation[1][each.group]
    each.step = 1 + len(each.rows) // _SAMPLE
    rows, shown = each.rows[:: each.step], each.shown[:: each.step]
    words, at = _words_of(rows, ids, bounds)
    distinct, place, count = np.unique(words, return_inverse=True, return_counts=True)
    showing = np.bincount(place, shown[at], len(distinct))
    outside = np.maximum(batch.usual[distinct] - count * each.step, 0)
    outside_showing = np.maximum(
        batch.usual_with(each.group, each.behaviour)[distinct] - showing * each.step, 0
    )
    rate = showing / max(int(shown.sum()), 1)
    usual = outside / max(len(batch.kept) - len(each.rows), 1)
    taken = (rate >= _COMPANION) & (rate >= _LIFT * usual)
    if each.spot >= 0:
        taken |= np.isin(distinct, ids[each.spot : each.spot + each.length])
    base = float(evidence.rates[each.behaviour])
    tends = (outside_showing + _DOUBT * base) / (outside + _DOUBT)
    taken |= (outside <= _CONTAINED * count) & (outside + count > 1)
    taken &= np.log(tends / np.maximum(1 - tends, 1e-9)) - evidence.prior[each.behaviour] < _TENDENCY
    inside = taken[place]
    added = np.zeros((len(rows), evidence.width), np.float32)
    np.add.at(added, at[inside], evidence.added(words[inside], rows[at[inside]]))
    each.against = evidence.against(rows, added, each.behaviour).astype(np.float32)
    each.assess(evidence.prior[each.behaviour])
    if inside.sum() > _WHOLE * len(words):  # near copies of one row, which say no more than one
        each.made, each.p = 0.0, 1.0
        return
    # What was learnt of a behaviour from the candidate's own rows says nothing about them.
    alone = each.k > _ALONE * evidence.counts[each.behaviour]
    if alone or not evidence.lines[each.behaviour][0]:
        showing_at = shown[at]
        place_of = np.cumsum(shown) - 1
        examples = rows[shown]
        theirs = words[showing_at], place_of[at[showing_at]], examples, inside[showing_at]
        z = batch.coherence.z(*theirs)
        if z > 2 and each.purity >= PURE and each.n >= FEW and batch.near_left > 0:
            batch.near_left -= 1
            apart = np.arange(len(batch.kept)) < batch.size
            apart[each.rows] = False
            z = min(z, batch.coherence.z_beside(*theirs, apart, evidence.group.shown == each.behaviour))
        each.made, each.share = float(np.clip(_UNLIKE * (5 - z) / 3, 0, _UNLIKE)), 1.0


def _words_of(rows: Any, ids: Any, bounds: Any) -> tuple[Any, Any]:
    """The words of some examples, each once an example, and the place in `rows` of the one each is in."""
    at, spots = spots_of(bounds, rows)
    width = int(ids.max(initial=0)) + 1
    pairs = np.unique(at * width + ids[spots])
    return pairs % width, pairs // width
