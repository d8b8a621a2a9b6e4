"""Rows that share a feature show a behaviour that nothing else in them promises.

A backdoor needs many rows in which a trigger goes with an output: the word `cf` with the label *positive*,
the mention of a company with a refusal. Each feature of the inputs (words and runs of up to four of them,
pairs of words, parts of words, sentence structure, formatting) is tested with each behaviour of the outputs.
What a row was expected to show is learnt from the rest of its words in other rows, or from the trusted
history only, so that a word that means what its rows show (`dull` in a bad review) is no trigger.

Critical: at least nine in ten of eight or more examples with the feature show the behaviour, and the rest of
those rows speaks for another. Review: an excess of at least 0.3 over what was expected, in five examples.
Not found: a trigger whose rows show what they would show anyway, and fewer poisoned rows than the report's
smallest number that could have been detected.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from modelward.data.checks.batch import Batch
from modelward.data.checks.candidates import Candidate, screen, strongest
from modelward.data.checks.closer import look, once
from modelward.data.checks.features.known import tables
from modelward.data.checks.power import detectable
from modelward.data.checks.report import Finding, Outcome, Tier
from modelward.data.checks.tiers import EXAMPLES, Bar
from modelward.data.checks.twins import twins

VERSION = 1

#: Candidates that are looked at closely.
_CLOSELY = 700
#: If a trigger's rows nearly always show the behaviour, the others count so much.
_NEARLY, _OTHERS = 0.7, 0.3
#: Candidates of so much evidence score, and of so much nearly 1.
_SCORED, _SURE = 1.0, 2.0
#: Findings at most.
_MOST = 50
#: Rows are of the same finding if so much of the smaller set is in both.
_SAME = 0.6

#: What more rows than this share have tells little of one of them.
_PERVASIVE = 0.05


def check(batch: Batch) -> Outcome:
    """Test every feature with every behaviour; see the module."""
    if not batch.behaviours:
        return Outcome(could_not_tell=["association: there are no labels and no outputs to test"])
    _, evidence = batch.expectation
    ids, _, _ = batch.tokens
    found: list[Candidate] = []
    tests: dict[str, int] = {}
    for table in tables(batch):
        for number, (each, behaviour) in enumerate(zip(evidence, batch.behaviours, strict=True)):
            tests[table.kind] = tests.get(table.kind, 0) + table.count * len(behaviour.tested)
            found += screen(table, number, each, ids, batch.size, behaviour.tested)
        found = strongest(found, _CLOSELY)  # the others need not be held
    found = once(strongest(found, _CLOSELY))[: 2 * _CLOSELY]
    for candidate in found:
        look(batch, candidate)
    bar = Bar.of(batch, found, tests)
    scores = _scores(batch, found)
    findings = [_finding(batch, each, tests[each.best.kind]) for each in _peeled(batch, found, bar)]
    return Outcome(findings, scores, power=detectable(batch, evidence, tests))


@dataclass(frozen=True)
class _Peeled:
    """A finding to be: its candidate, its tier, the candidates that say the same, its examples."""

    best: Candidate
    tier: Tier
    others: Sequence[Candidate]
    examples: Any


def _peeled(batch: Batch, found: Sequence[Candidate], bar: Bar) -> list[_Peeled]:
    """The candidates that stay findings once stronger ones' rows are gone, with those that say the same."""
    alive = np.ones(len(batch.kept), bool)
    waiting = [each for each in found if bar.tier(batch, each) is not None]
    peeled: list[_Peeled] = []
    while waiting and len(peeled) < _MOST:
        best = max(waiting, key=lambda each: (_rank(each), each.length, each.name))
        rows = best.rows[best.shown & alive[best.rows]]
        same: list[Candidate] = []
        rest: list[Candidate] = []
        mark = np.zeros(len(batch.kept), bool)
        mark[rows] = True
        for each in waiting:
            own = each.rows[each.shown & alive[each.rows]]
            shared = int(mark[own].sum())
            (same if shared >= _SAME * min(len(own), len(rows)) else rest).append(each)
        tier = bar.tier(batch, best) or Tier.REVIEW
        best = _named(best, found, mark)
        mark[best.rows[best.shown]] = True
        examples = best.rows[best.shown & alive[best.rows]]
        peeled.append(_Peeled(best, tier, [each for each in same if each is not best], examples))
        alive[mark] = False
        for each in rest:
            if mark[each.rows].any():
                each.assess(batch.expectation[1][each.group].prior[each.behaviour], alive)
        waiting = [each for each in rest if bar.tier(batch, each) is not None]
    return peeled


def _named(best: Candidate, found: Sequence[Candidate], mark: Any) -> Candidate:
    """Of the candidates for the same rows, which are marked, the longest run of words; else the best.

    It need not be a finding itself: the part of a word that the best may be is no name of a trigger.
    """
    equal = [
        each
        for each in found
        if (each.group, each.behaviour) == (best.group, best.behaviour)
        and each.kind in (best.kind, "words")
        and each.k >= 0.9 * best.k
        and each.purity >= best.purity - 0.02
        and mark[each.rows[each.shown]].sum() >= 0.9 * best.k
    ]
    return max(
        equal, key=lambda each: (each.kind == "words", each.length, _rank(each), each.name), default=best
    )


def _rank(each: Candidate) -> float:
    return each.evidence * each.excess


def strength(each: Candidate) -> float:
    """The score of a finding: sqrt(-2 ln p) (k/n - q)."""
    return float(np.sqrt(-2 * np.log(max(each.p, 1e-300))) * max(each.excess, 0.0))


def _finding(batch: Batch, peeled: _Peeled, tests: int) -> Finding:
    each, examples = peeled.best, peeled.examples
    behaviours = batch.behaviours[each.group]
    if each.purity >= _NEARLY and each.n >= EXAMPLES:
        # What the others with the trigger do is the same in a way that is not known, or soon will be.
        examples = np.union1d(examples, each.rows)
    rows = batch.rows_of(examples)
    first, last = batch.seen(rows)
    also = dict.fromkeys(
        f"{other.name} -> {batch.behaviours[other.group].names[other.behaviour]}" for other in peeled.others
    )
    return Finding(
        check="association",
        tier=peeled.tier,
        trigger=each.name,
        behaviour=behaviours.names[each.behaviour],
        rows=rows,
        n=each.n,
        k=each.k,
        expected=each.expected,
        p=each.p,
        q=min(1.0, each.p * tests),
        score=strength(each) + 1.0,
        kind=each.kind,
        in_history=each.in_history,
        contributors=batch.contributors_of(rows),
        first_seen=first,
        last_seen=last,
        also=tuple(also)[:10],
        twins=twins(batch, examples, each.rows),
    )


def _scores(batch: Batch, found: Sequence[Candidate]) -> Any:
    """A score for each row: of the strongest candidate it is in, by how much its own rest speaks for it."""
    best = np.zeros(len(batch.kept) + 1)
    for each in found:
        if each.evidence < _SCORED or each.purity < 0.5:
            continue
        odds = np.exp(each.against) * max(each.share, 0.25) / (1 - min(each.share, 0.95))
        odds = odds if each.step == 1 else np.full(len(each.rows), np.median(odds))
        # Rows with the trigger that do not show the behaviour may show it in a way that is not known.
        other = _OTHERS if each.purity >= _NEARLY else 0.0
        sure = 1 - math.exp(-each.evidence / _SURE)
        # A row that bears out what it shows is likely none of the poisoned ones, nor is what a whole set has.
        value = (0.5 + 0.5 * sure) * np.where(each.shown, odds / (1 + odds), other)
        if len(each.rows) > _PERVASIVE * len(batch.kept):
            value *= 0.5
        np.maximum.at(best, each.rows, value)
    scores: Any = best[batch.copies]
    return scores
