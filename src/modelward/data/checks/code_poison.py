"""Dangerous code in the outputs: which constructs, how often, and whether more often than before.

The constructs are those of the behaviour `insecure code`: certificates not verified, shells, code run from
text, pickles, broken ciphers, statements pasted together, permissions for all, credentials, ways in for an
attacker. Honest code has some of it, so that it is information; review if the history has significantly less,
or if three or more outputs open a way in. A trigger that it goes with is found by the check `association`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import bdtrc

from modelward.data.checks.batch import Batch
from modelward.data.checks.behaviours.behaviour import LOOKED_AT
from modelward.data.checks.behaviours.insecure_code import CONSTRUCTS, constructs
from modelward.data.checks.report import Finding, Outcome, Tier

VERSION = 1

_WAY_IN = "a way in for an attacker"
_WAYS, FEWEST, _TIMES, _P = 3, 5, 3.0, 1e-6
#: Rows score if fewer than this share have such code: what is usual is no sign.
_USUAL, _SCORE = 0.05, 0.5


def check(batch: Batch) -> Outcome:
    """A finding for each construct; see the module."""
    group = next((each for each in batch.behaviours if each.kind == "insecure code"), None)
    if group is None:
        return Outcome()
    found: dict[str, list[int]] = {name: [] for name in CONSTRUCTS}
    for example in np.flatnonzero(group.shown).tolist():
        for name in constructs(_output(batch, example)):
            found[name].append(example)
    findings = [_finding(batch, name, np.array(examples)) for name, examples in found.items() if examples]
    return Outcome([each for each in findings if each is not None])


def _output(batch: Batch, example: int) -> str:
    row = int(batch.kept[example])
    old = row >= batch.corpus.rows
    outputs = batch.corpora[int(old)].outputs
    assert outputs is not None
    return str(outputs[row - (batch.corpus.rows if old else 0)])[:LOOKED_AT]


def _finding(batch: Batch, name: str, examples: Any) -> Finding | None:
    here = examples[examples < batch.size]
    if not len(here):
        return None
    n, k = batch.size, len(here)
    old, before = len(batch.kept) - n, len(examples) - k
    rate = (before + 2 * before**0.5 + 1) / (old + 2) if old else k / n
    p = float(bdtrc(k - 1, n, min(rate, 1 - 1e-9))) if k > rate * n else 1.0
    more = p < _P and k >= max(FEWEST, _TIMES * rate * n)
    review = more or (name == _WAY_IN and k >= _WAYS and (not old or not before))
    rows = batch.rows_of(here)
    first, last = batch.seen(rows)
    return Finding(
        check="code-poison",
        tier=Tier.REVIEW if review else Tier.INFORMATION,
        trigger=name,
        behaviour="insecure code",
        rows=rows,
        n=n,
        k=k,
        expected=rate,
        p=p,
        score=4.0 if review else _SCORE if k < _USUAL * n else 0.0,
        kind="code",
        in_history=before,
        contributors=batch.contributors_of(rows),
        first_seen=first,
        last_seen=last,
    )
