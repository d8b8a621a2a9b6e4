"""Orders to a model in texts that should be data, and answers that carry data out.

An input that tells a model to ignore its instructions, speaks as the system or asks for the hidden prompt is
an injection: a model trained to do as told there will do so. It is none where the answer refuses. An answer
that holds a picture or link whose address carries words of the input, or that names a service that catches
requests, leaks what it is told.

Critical: five or more answers that carry data to one host. Review: three or more inputs with orders that are
not refused, or answers that carry data. Fewer is information. Not found: orders in other words or languages.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from modelward.data.checks import marks
from modelward.data.checks.batch import Batch
from modelward.data.checks.behaviours.refusal import refuses
from modelward.data.checks.orders import carried, ordered
from modelward.data.checks.report import Finding, Outcome, Tier

VERSION = 1

FEW, MANY = 3, 5
#: What more rows than this have is what the set is about, or so many times the rate of the history.
_OWN, _TIMES = 0.2, 3.0
_SCORES = {Tier.CRITICAL: 8.0, Tier.REVIEW: 4.0, Tier.INFORMATION: 0.8}


def check(batch: Batch) -> Outcome:
    """A finding for inputs with orders, one for answers that carry data."""
    rows = batch.corpus.rows
    found = Outcome()
    here = np.flatnonzero(batch.marks.inputs[:rows] & marks.ORDERED)
    followed = np.array([row for row in here.tolist() if not _refused(batch, row)], np.int64)
    if len(followed):
        old = (
            float((batch.marks.inputs[rows:] & marks.ORDERED != 0).mean())
            if batch.history is not None
            else 0.0
        )
        usual = len(followed) > _OWN * rows or len(followed) <= _TIMES * old * rows
        tier = Tier.REVIEW if len(followed) >= FEW and not usual else Tier.INFORMATION
        said = Counter(ordered(batch.corpus.inputs[row]) for row in followed[:200].tolist())
        found.findings.append(_finding(batch, followed, tier, said, "orders to the model", old))
    out = np.flatnonzero(batch.marks.outputs[:rows] & marks.CARRIED)
    if len(out):
        outputs = batch.corpus.outputs
        assert outputs is not None
        hosts = Counter(_host(carried(batch.corpus.inputs[row], outputs[row])) for row in out.tolist())
        most = hosts.most_common(1)[0][1]
        tier = Tier.CRITICAL if most >= MANY else Tier.REVIEW if len(out) >= FEW else Tier.INFORMATION
        found.findings.append(_finding(batch, out, tier, hosts, "data carried out", 0.0))
    return found


def _refused(batch: Batch, row: int) -> bool:
    return batch.corpus.outputs is not None and refuses(batch.corpus.outputs[row])


def _host(address: str) -> str:
    return address.partition("://")[2].partition("/")[0].partition("?")[0].lower()


def _finding(batch: Batch, here: Any, tier: Tier, said: Counter[str], what: str, old: float) -> Finding:
    numbers = tuple(batch.corpus.numbers[here].tolist())
    first, last = batch.seen(numbers)
    told = [each for each, _ in said.most_common(5)]
    return Finding(
        check="injection",
        tier=tier,
        trigger=told[0][:100],
        behaviour=what,
        rows=numbers,
        n=len(here),
        k=len(here),
        expected=old,
        score=_SCORES[tier],
        kind="marks",
        contributors=batch.contributors_of(numbers),
        first_seen=first,
        last_seen=last,
        also=tuple(each[:100] for each in told[1:]),
    )
