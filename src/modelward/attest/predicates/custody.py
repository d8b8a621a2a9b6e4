"""custody: one step in the life of a dataset: who did what, from which inputs.

`claim` is `checked` when the row digests of inputs and output prove the operation (a filter's output
and dropped rows together are its input), `declared` when it is a person's word.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from modelward.attest.predicates.base import (
    NAMESPACE,
    Count,
    DigestText,
    Named,
    NameText,
    Predicate,
    Prose,
    Record,
    TimeText,
)

Operation = Literal["collect", "filter", "merge", "split", "shuffle", "dedupe", "map"]


class Source(Record, frozen=True, kw_only=True):
    """Where collected data came from."""

    uri: Annotated[str, msgspec.Meta(max_length=2048)]
    channel: Prose = ""
    fetched_at: TimeText | None = None


class RowCounts(Record, frozen=True, kw_only=True):
    """Rows before, after, and left out by the step."""

    input: Count
    output: Count
    dropped: Count


class Custody(Predicate, frozen=True, kw_only=True):
    """Subject: the output's bytes (a file's sha256 or a tree's dirHash)."""

    TYPE: ClassVar[str] = f"{NAMESPACE}/custody/v1"

    dataset: NameText
    operation: Operation
    inputs: tuple[Named, ...]
    other_outputs: tuple[Named, ...] = ()
    claim: Literal["checked", "declared"]
    rows: RowCounts
    set_root: DigestText
    source: Source | None = None
    tool: Named | None = None
    parameters: dict[str, str] = msgspec.field(default_factory=dict)
    licence: Prose = ""
    consent: Prose = ""
    notes: Prose = ""
    performed_at: TimeText
    supersedes: tuple[DigestText, ...] = ()
