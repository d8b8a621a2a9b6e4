"""Characters that people do not see or take for others, and orders in a coding.

Text in invisible tag characters, runs of invisible characters, controls that turn the direction of text,
letters of another script amid a word, characters without width inside a text of a script that needs none, and
base64, hexadecimal, rot13 or escapes that decode to orders or code. Emoji, flags, joiners of the scripts that
need them, words of other scripts, hashes and pictures are as they should be. What a whole set is full of, or
its history has as often, belongs to it.

Critical: five or more rows with tag characters or hidden runs, which nobody types. Review: five or more rows
of any other sort; fewer, and unusual spaces or styled letters, are information. Which label or output goes
with them says the check `association`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from modelward.data.checks import characters, marks
from modelward.data.checks.batch import Batch
from modelward.data.checks.report import Finding, Outcome, Tier

VERSION = 1

#: So many rows are more than a slip.
FEW = 5
#: What more rows than this have is the set's own way of writing; or so many times the rate of the history.
_OWN, _TIMES = 0.05, 3.0
_NEVER = characters.TAGS | characters.RUN
_SLIGHT = characters.STYLED | characters.SPACES
_SCORES = {Tier.CRITICAL: 8.0, Tier.REVIEW: 4.0, Tier.INFORMATION: 0.5}


def check(batch: Batch) -> Outcome:
    """A finding for each sort of hidden text in inputs, and in outputs."""
    found = Outcome(scores=np.zeros(batch.corpus.rows))
    for side, seen in (("input", batch.marks.inputs), ("output", batch.marks.outputs)):
        for bit, name in enumerate(marks.NAMES):
            if 1 << bit in (marks.ORDERED, marks.CARRIED):
                continue
            if (
                finding := _finding(batch, (seen & (1 << bit)) != 0, 1 << bit, f"{name}, in the {side}")
            ) is not None:
                found.findings.append(finding)
    return found


def _finding(batch: Batch, seen: Any, bit: int, name: str) -> Finding | None:
    rows = batch.corpus.rows
    here = np.flatnonzero(seen[:rows])
    old = int(seen[rows:].sum())
    expected = old / max(len(seen) - rows, 1)
    usual = len(here) <= _TIMES * expected * rows or len(here) > _OWN * rows
    if not len(here) or (usual and not bit & _NEVER):
        return None
    tier = tier_of(len(here), bit & _NEVER != 0, bit & _SLIGHT != 0)
    numbers = tuple(batch.corpus.numbers[here].tolist())
    first, last = batch.seen(numbers)
    return Finding(
        check="hidden-text",
        tier=tier,
        trigger=name,
        behaviour="",
        rows=numbers,
        n=len(here),
        k=len(here),
        expected=expected,
        score=_SCORES[tier],
        kind="marks",
        in_history=old,
        contributors=batch.contributors_of(numbers),
        first_seen=first,
        last_seen=last,
    )


def tier_of(rows: int, never: bool, slight: bool) -> Tier:
    """The tier of so many rows of what nobody types, or what does little harm, or neither."""
    if rows < FEW or slight:
        return Tier.REVIEW if never else Tier.INFORMATION
    return Tier.CRITICAL if never else Tier.REVIEW
