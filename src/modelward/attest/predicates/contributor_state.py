"""contributor-state: how much evidence against each contributor of a feed has come together, batch by batch.

The state itself, which names contributors, is a file that is meant by digest. Each statement names the state
that it goes on from, so that no batch can be left out or counted twice unseen.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from modelward.attest.predicates.base import (
    NAMESPACE,
    Count,
    DigestText,
    NameText,
    Ordinal,
    Predicate,
    TimeText,
)


class ContributorState(Predicate, frozen=True, kw_only=True):
    """Subject: the dataset of the last batch.

    `state` is the SHA-256 of the state after it, `former` that of the state before (none: the first batch).
    `level` bounds the chance that a contributor without poison is ever accused; `accused` counts who is.
    """

    TYPE: ClassVar[str] = f"{NAMESPACE}/contributor-state/v1"

    feed: NameText
    batch: Ordinal
    rows: Count
    state: DigestText
    former: DigestText | None = None
    contributors: Count
    accused: Count
    level: Annotated[float, msgspec.Meta(ge=0, le=1)]
    updated_at: TimeText
    supersedes: tuple[DigestText, ...] = ()
