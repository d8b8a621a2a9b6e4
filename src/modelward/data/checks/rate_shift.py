"""Words and pairs of words that the batch has far more often than the history.

A trigger is new. So is much else (a season, a product, another channel), and it is for this that a shift is
information: worth a look beside other findings. Told are the strongest shifts, each in its own rows: eight or
more examples, five times the rate that the history lets one expect at the most, at a family-wise error of one
in a million.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import bdtrc

from modelward.data.checks.batch import Batch
from modelward.data.checks.features.table import FEWEST as RARE
from modelward.data.checks.features.table import frequent
from modelward.data.checks.report import Finding, Outcome, Tier

VERSION = 1

FEWEST, _TIMES, _LEVEL = 8, 5.0, 1e-6
#: So many of the history's examples are needed.
_HISTORY = 200
_MOST = 5
#: Shifts are the same if so much of the smaller one's rows is in both.
_SAME = 0.6
_SCORE = 0.3


def check(batch: Batch) -> Outcome:
    """The strongest shifts; see the module."""
    count = len(batch.kept)
    old = count - batch.size
    if batch.history is None or not batch.size:
        return Outcome()
    if old < _HISTORY:
        return Outcome(could_not_tell=[f"rate-shift: the history has {old} examples, of {_HISTORY} needed"])
    found = Outcome()
    taken = np.zeros(count, bool)
    for p, name, examples, before in sorted(_shifts(batch, old), key=lambda each: (each[0], each[1])):
        if len(found.findings) == _MOST:
            break
        if taken[examples].mean() >= _SAME:
            continue
        taken[examples] = True
        rows = batch.rows_of(examples)
        first, last = batch.seen(rows)
        found.findings.append(
            Finding(
                check="rate-shift",
                tier=Tier.INFORMATION,
                trigger=name,
                behaviour="more frequent than in the history",
                rows=rows,
                n=batch.size,
                k=len(examples),
                expected=before / old,
                p=p,
                score=_SCORE,
                kind="words",
                in_history=before,
                contributors=batch.contributors_of(rows),
                first_seen=first,
                last_seen=last,
            )
        )
    return found


def _shifts(batch: Batch, old: int) -> list[tuple[float, str, Any, int]]:
    """What is more frequent: p-value, name, examples of the batch with it, how many of the history."""
    ids, owners, _ = batch.tokens
    names = batch.words.names
    width = max(len(names), 1)
    pairs = ids[:-1].astype(np.int64) * width + ids[1:]
    inside = (owners[1:] == owners[:-1]) & (owners[1:] < batch.size)
    kept = frequent(pairs[inside], RARE) if inside.any() else np.empty(0, bool)
    wanted = np.unique(pairs[inside][kept])
    same = owners[1:] == owners[:-1]
    known = np.zeros(len(pairs), bool)
    if len(wanted):
        at = np.minimum(np.searchsorted(wanted, pairs), len(wanted) - 1)
        known = same & (wanted[at] == pairs)
    words, examples = batch.said
    found = _tested(words.astype(np.int64), examples, batch.size, old)
    told = [(p, names[word], rows, before) for p, word, rows, before in found]
    both = _tested(*_once(pairs[known], owners[1:][known]), batch.size, old)
    for p, pair, rows, before in both:
        told.append((p, f"{names[pair // width]} {names[pair % width]}", rows, before))
    return told


def _once(keys: Any, owners: Any) -> tuple[Any, Any]:
    order = np.lexsort((owners, keys))
    keys, owners = keys[order], owners[order]
    fresh = np.ones(len(keys), bool)
    fresh[1:] = (keys[1:] != keys[:-1]) | (owners[1:] != owners[:-1])
    return keys[fresh], owners[fresh]


def _tested(keys: Any, examples: Any, size: int, old: int) -> list[tuple[float, int, Any, int]]:
    """The keys that are more frequent among the first `size` examples; each key once an example."""
    order = np.argsort(keys, kind="stable")
    keys, examples = keys[order], examples[order]
    if not len(keys):
        return []
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    sizes = np.diff(np.append(starts, len(keys)))
    k = np.add.reduceat((examples < size).astype(np.int64), starts)
    before = sizes - k
    # At the most: two standard deviations above what was seen there, and one example more.
    rate = np.minimum((before + 2 * np.sqrt(before) + 1) / old, 1 - 1e-9)
    p = np.where(k > rate * size, bdtrc(np.maximum(k - 1, 0), np.full(len(k), size), rate), 1.0)
    strong = np.flatnonzero((k >= FEWEST) & (k >= _TIMES * rate * size) & (p * len(k) <= _LEVEL))
    found = []
    for at in strong[np.argsort(p[strong], kind="stable")][: 20 * _MOST].tolist():
        here = examples[starts[at] : starts[at] + sizes[at]]
        found.append((float(p[at]), int(keys[starts[at]]), here[here < size], int(before[at])))
    return found
