"""What is thought of pickles."""

from __future__ import annotations

import pickle
from typing import Any

from tests.formats.assemble import run

from modelward.formats.pickle.judge import Judgement, Opinion, judge


def judged(stream: bytes, *, torch: bool = False, pinned: frozenset[str] = frozenset()) -> list[Judgement]:
    """The judgements of a pickle's events, but for those that are allowed."""
    result, events = run(stream)
    assert result.trouble is None
    found = [judge(event, torch=torch, pinned=pinned) for event in events]
    return [judgement for judgement in found if judgement.opinion is not Opinion.ALLOWED]


def worst(stream: bytes, *, torch: bool = False, pinned: frozenset[str] = frozenset()) -> Opinion:
    """The worst opinion of a pickle's events."""
    order = list(Opinion)
    return max(
        (judgement.opinion for judgement in judged(stream, torch=torch, pinned=pinned)),
        key=order.index,
        default=Opinion.ALLOWED,
    )


def written(value: Any, protocols: range = range(2, 6)) -> list[tuple[int, str, str]]:
    """What is thought of a value as Python writes it: (protocol, subject, reason)."""
    return [
        (protocol, judgement.subject, judgement.reason)
        for protocol in protocols
        for judgement in judged(pickle.dumps(value, protocol))
    ]
