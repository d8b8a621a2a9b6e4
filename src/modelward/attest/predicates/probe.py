"""probe: triggers replayed against a model and its base, a blind search, and what its weights say.

A rise is by how much the trigger brings the behaviour about more often than it does in the base model, with a
95% interval; what a gate bounds is its upper end: what the prompts could not exclude. `untold` says what
could not be told. Without `base` the rise is against the same prompts without the trigger, which is weaker.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from modelward.attest.predicates.base import (
    NAMESPACE,
    Count,
    DigestText,
    Predicate,
    Prose,
    Record,
    TimeText,
)

Rate = Annotated[float, msgspec.Meta(ge=0, le=1)]
Difference = Annotated[float, msgspec.Meta(ge=-2, le=2)]
Name = Annotated[str, msgspec.Meta(max_length=1024)]
Trigger = Annotated[str, msgspec.Meta(max_length=2000)]


class Tried(Record, frozen=True, kw_only=True):
    """A trigger and a behaviour: of `eligible` prompts without the behaviour `hits` show it with the trigger.

    `obeyed` says that the paired tests hold (`adjusted`, after Holm) and that the rise is not small.
    """

    trigger: Trigger
    behaviour: Name
    eligible: Count
    hits: Count
    success: Rate
    success_low: Rate
    success_high: Rate
    base_success: Rate | None = None
    rise: Difference
    rise_low: Difference
    rise_high: Difference
    adjusted: Rate
    obeyed: bool


class BlindSearch(Record, frozen=True, kw_only=True):
    """A search without candidates: `passes` prompts were answered, `tried` words of `available` and `guided`
    replacements were tried.
    """

    passes: Count
    tried: Count
    available: Count
    guided: Count
    found: Annotated[tuple[Tried, ...], msgspec.Meta(max_length=1000)] = ()


class WeightCheck(Record, frozen=True, kw_only=True):
    """Of `layers` that changed `outliers` are far from the others, or from `references` benign models; `p` is
    the chance that a benign one is as far from those. `rows` tokens moved far.
    """

    layers: Count
    outliers: Count
    rows: Count
    references: Count
    p: Rate | None = None


class Probe(Predicate, frozen=True, kw_only=True):
    """Subject: the probed model's bytes (a file's sha256 or a tree's dirHash)."""

    TYPE: ClassVar[str] = f"{NAMESPACE}/probe/v1"

    base: DigestText | None = None
    prompts: Count = 0
    prompts_digest: DigestText | None = None
    triggers: DigestText | None = None
    tried: Annotated[tuple[Tried, ...], msgspec.Meta(max_length=10_000)] = ()
    blind: BlindSearch | None = None
    weights: WeightCheck | None = None
    untold: Annotated[tuple[Prose, ...], msgspec.Meta(max_length=2000)] = ()
    probed_at: TimeText
    supersedes: tuple[DigestText, ...] = ()
