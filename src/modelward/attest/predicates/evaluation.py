"""evaluation: metrics that a harness measured on an artifact with evaluation data.

Bound to the digests of model (the subject), data and harness, so it cannot speak for another model.
Every run counts: a failed evaluation stands until an authorised evaluator supersedes it by name.
"""

from __future__ import annotations

from typing import ClassVar

from modelward.attest.predicates.base import (
    NAMESPACE,
    DigestText,
    Named,
    Predicate,
    Prose,
    TimeText,
)


class Evaluation(Predicate, frozen=True, kw_only=True):
    """Subject: the evaluated artifact."""

    TYPE: ClassVar[str] = f"{NAMESPACE}/evaluation/v1"

    harness: Named
    data: Named
    report: DigestText
    metrics: dict[str, float]
    notes: Prose = ""
    evaluated_at: TimeText
    supersedes: tuple[DigestText, ...] = ()
