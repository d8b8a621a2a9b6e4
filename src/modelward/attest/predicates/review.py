"""review: what a person decided about a finding of the poisoning checks.

It speaks of this content only: the same check, trigger and behaviour in exactly these rows, wherever they
are. With one row more or less it is another finding, which nobody has reviewed.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from modelward.attest.predicates.base import (
    NAMESPACE,
    Count,
    DigestText,
    NameText,
    Predicate,
    TimeText,
)


class Review(Predicate, frozen=True, kw_only=True):
    """Subject: the finding's content, the `id` in a data-check. `data` is the dataset it was reviewed in."""

    TYPE: ClassVar[str] = f"{NAMESPACE}/review/v1"

    decision: Literal["poison", "benign", "unsure"]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=10_000)]
    check: NameText
    rows: Count
    rows_root: DigestText
    data: DigestText
    report: DigestText | None = None
    reviewed_at: TimeText
    supersedes: tuple[DigestText, ...] = ()
