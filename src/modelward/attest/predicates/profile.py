"""profile: what a dataset is like before training: figures that a gate can bound, and nothing of its rows.

A figure that is absent was not measured. `against` says with which evaluation sets the rows were compared;
who bounds the overlap asks that the set a model was evaluated with is among them.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from modelward.attest.predicates.base import (
    NAMESPACE,
    Count,
    DigestText,
    NameText,
    Predicate,
    Prose,
    Record,
    TimeText,
)

Rate = Annotated[float, msgspec.Meta(ge=0, le=1)]
Figure = Annotated[float, msgspec.Meta(ge=0)]
ColumnName = Annotated[str, msgspec.Meta(max_length=1024)]


class Compared(Record, frozen=True, kw_only=True):
    """One evaluation set, and how many of its `rows` are in the dataset: the same row, the same words, nearly
    the same words (None: not measured), a run of 13 words; `shared` in any of these ways.
    """

    name: ColumnName
    digest: DigestText
    rows: Count
    same_row: Count
    same_text: Count
    near: Count | None = None
    grams: Count
    shared: Count


class Figures(Record, frozen=True, kw_only=True):
    """Of the column or group where it is worst. Shares are of rows; `labelImbalance` is the most frequent
    label to the rarest, `personalRows` the rows of all kinds and columns together, `drift` the largest
    population stability index against the former dataset.
    """

    missing: Rate | None = None
    duplicate_rows: Rate | None = None
    duplicate_texts: Rate | None = None
    near_duplicates: Rate | None = None
    label_imbalance: Figure | None = None
    label_conflicts: Rate | None = None
    group_gap: Rate | None = None
    personal_rows: Count | None = None
    toxic: Rate | None = None
    other_languages: Rate | None = None
    unlicensed: Rate | None = None
    drift: Figure | None = None


class Warned(Record, frozen=True, kw_only=True):
    """A finding of docs/data/profile.md: which rule, in which column, and the value past the threshold."""

    rule: NameText
    column: ColumnName = ""
    value: float


class Profile(Predicate, frozen=True, kw_only=True):
    """Subject: the dataset's bytes (a file's sha256 or a tree's dirHash)."""

    TYPE: ClassVar[str] = f"{NAMESPACE}/profile/v1"

    dataset: NameText
    rows: Count
    text: tuple[ColumnName, ...] = ()
    label: ColumnName | None = None
    attributes: tuple[ColumnName, ...] = ()
    personal_kinds: tuple[ColumnName, ...] = ()
    against: Annotated[tuple[Compared, ...], msgspec.Meta(max_length=100)] = ()
    former: DigestText | None = None
    figures: Figures
    findings: Annotated[tuple[Warned, ...], msgspec.Meta(max_length=10_000)] = ()
    not_measured: tuple[Prose, ...] = ()
    profiled_at: TimeText
    supersedes: tuple[DigestText, ...] = ()
