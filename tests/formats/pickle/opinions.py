"""What is thought of pickles."""

from __future__ import annotations

import copyreg
import io
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
        for judgement in judged(_dumps(value, protocol))
    ]


def _dumps(value: Any, protocol: int) -> bytes:
    """As a fresh interpreter writes it: other tests import tblib, which writes exceptions its own way."""
    stream = io.BytesIO()
    pickler = pickle.Pickler(stream, protocol)
    pickler.dispatch_table = {
        kind: reduce
        for kind, reduce in copyreg.dispatch_table.items()
        if not reduce.__module__.startswith("tblib")
    }
    pickler.dump(value)
    return stream.getvalue()
