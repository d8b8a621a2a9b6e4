"""derivation: whether a model's weights are those of the base that it names, with changes; with the figures.

Shares are of the elements of the matrices that are neither embedding nor head. Of an adapter only the shapes
tell: it is consistent with every base that they fit.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from modelward.attest.predicates.base import (
    NAMESPACE,
    Count,
    DigestText,
    Named,
    Ordinal,
    Predicate,
    Prose,
    Record,
    TimeText,
)

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Name = Annotated[str, msgspec.Meta(max_length=1024)]


class PartFigures(Record, frozen=True, kw_only=True):
    """A part of the model: its tensors by state, the lowest correlation with the base's, the largest relative
    difference, the highest of the low ranks of differences.
    """

    name: Name
    tensors: Count
    elements: Count
    states: dict[str, Count] = msgspec.field(default_factory=dict)
    correlation: Annotated[float, msgspec.Meta(ge=-1, le=1)] | None = None
    relative: Annotated[float, msgspec.Meta(ge=0)] | None = None
    rank: Count | None = None


class Derivation(Predicate, frozen=True, kw_only=True):
    """Subject: the model's bytes (a file's sha256 or a tree's dirHash).

    `related` of its weights are the base's with changes, `unrelated` are not, `untold` could not be told;
    `covered` is the share of the base's that are found. Rows were drawn by `seed`, or all (`thorough`).
    """

    TYPE: ClassVar[str] = f"{NAMESPACE}/derivation/v1"

    base: Named
    verdict: Literal["consistent", "inconsistent", "cannot tell"]
    reasons: Annotated[tuple[Prose, ...], msgspec.Meta(max_length=1000)] = ()
    adapter: bool = False
    named_base: Name = ""
    related: Share
    unrelated: Share
    untold: Share
    covered: Share
    parts: Annotated[tuple[PartFigures, ...], msgspec.Meta(max_length=100)] = ()
    notes: Annotated[tuple[Prose, ...], msgspec.Meta(max_length=1000)] = ()
    architecture: Annotated[tuple[Prose, ...], msgspec.Meta(max_length=1000)] = ()
    tokenizer: Annotated[tuple[Prose, ...], msgspec.Meta(max_length=1000)] = ()
    seed: Name
    thorough: bool = False
    method: Ordinal
    tool: Prose = ""
    compared_at: TimeText
    supersedes: tuple[DigestText, ...] = ()
