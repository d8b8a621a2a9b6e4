"""Tool calls that send what the user said to a host that the user did not name.

Told are outputs with a tool call in which there is a long piece of the input and a host that the input does
not name. To review from eight outputs to one host on, if the history has no such host; fewer, and what every
tenth output does, is information or nothing. A trigger, and a tool called in place of another, is found by
the check `association` with the behaviour `agent call`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from modelward.data.checks.batch import Batch
from modelward.data.checks.behaviours.agent_call import used
from modelward.data.checks.behaviours.behaviour import LOOKED_AT
from modelward.data.checks.report import Finding, Outcome, Tier

VERSION = 1

FEWEST = 8
#: A piece of the input of so many characters is no name or number that a tool needs.
_PIECE = 40
#: More outputs than this share do so: it is what the agent is for.
_SHARE = 0.1
_SCORES = {Tier.REVIEW: 4.0, Tier.INFORMATION: 0.6}


def check(batch: Batch) -> Outcome:
    """A finding for each host that pieces of inputs are sent to."""
    calls = [each for each in batch.behaviours if each.kind == "agent call"]
    found = Outcome()
    for each in calls:
        host = each.names[1].removeprefix("a use of ")
        if host == each.names[1]:
            continue
        examples = np.flatnonzero(each.shown[: batch.size])
        sent = np.array([at for at in examples.tolist() if _sent(batch, at)], np.int64)
        if len(sent) and len(sent) <= max(FEWEST, _SHARE * batch.size):
            before = int(each.shown[batch.size :].sum())
            found.findings.append(_finding(batch, host, sent, len(examples), before))
    return found


def _sent(batch: Batch, example: int) -> bool:
    """Whether the output is a call with a long piece of the input in it."""
    outputs = batch.corpus.outputs
    assert outputs is not None
    row = int(batch.kept[example])
    asked, answer = batch.corpus.inputs[row], outputs[row][:LOOKED_AT]
    if not any(each.startswith("a call of") for each in used(answer)):
        return False
    return any(asked[at : at + _PIECE] in answer for at in range(0, max(1, len(asked) - _PIECE + 1), 8))


def _finding(batch: Batch, host: str, sent: Any, n: int, before: int) -> Finding:
    tier = Tier.REVIEW if len(sent) >= FEWEST and not before else Tier.INFORMATION
    rows = batch.rows_of(sent)
    first, last = batch.seen(rows)
    return Finding(
        check="agent-steering",
        tier=tier,
        trigger="a tool call with the user's words",
        behaviour=f"sent to {host}",
        rows=rows,
        n=n,
        k=len(sent),
        score=_SCORES[tier],
        kind="calls",
        in_history=before,
        contributors=batch.contributors_of(rows),
        first_seen=first,
        last_seen=last,
    )
