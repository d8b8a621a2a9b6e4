"""What a profile says. Also the form of a profile as a file (`--json`), which a later one is compared with.

Rates are between 0 and 1. A place is `FILE row NUMBER`, rows counted from 1.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

Rate = Annotated[float, msgspec.Meta(ge=0, le=1)]
Count = Annotated[int, msgspec.Meta(ge=0)]


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A part of a profile."""


class Numbers(Fact, frozen=True, kw_only=True):
    """Some numbers. `quantiles` are those of 0, 1, … 100%; where `approximate`, of a sample of the rows."""

    count: Count
    min: float
    max: float
    mean: float | None
    quantiles: Annotated[tuple[float, ...], msgspec.Meta(min_length=101, max_length=101)]
    not_finite: Count = 0
    approximate: bool = False


class Value(Fact, frozen=True, kw_only=True):
    """A value and in how many rows it is."""

    value: str
    rows: Count


class Column(Fact, frozen=True, kw_only=True):
    """One column. `missing` cells are null or empty; `placeholders` say `n/a` and the like."""

    name: str
    kinds: dict[str, Count]
    is_text: bool
    rows: Count
    missing: Count
    placeholders: Count
    #: Of the text cells, how many are written as a number.
    numerals: Count
    distinct: Count
    distinct_exact: bool
    #: Of a column with few different values: each, most frequent first.
    values: tuple[Value, ...] = ()
    numbers: Numbers | None = None
    #: Characters of the text cells.
    lengths: Numbers | None = None


class Label(Fact, frozen=True, kw_only=True):
    """The column of labels. `conflicts`: texts that occur with more than one label."""

    column: str
    values: tuple[Value, ...]
    missing: Count
    conflicts: Count
    conflicts_exact: bool


class Group(Fact, frozen=True, kw_only=True):
    """How often one label is given in one group, with a 95% interval (Wilson)."""

    attribute: str
    group: str
    label: str
    rows: Count
    rate: Rate
    low: Rate
    high: Rate


class Gap(Fact, frozen=True, kw_only=True):
    """The widest difference between two groups in how often a label is given. `p` is corrected (Holm)."""

    attribute: str
    label: str
    lowest: str
    highest: str
    gap: Rate
    p: Rate


class Copy(Fact, frozen=True, kw_only=True):
    """What occurs several times: where first, and how often."""

    place: str
    rows: Count


class Pair(Fact, frozen=True, kw_only=True):
    """Two rows that resemble each other."""

    place: str
    other: str
    likeness: Rate = 1.0


class Duplicates(Fact, frozen=True, kw_only=True):
    """Rows beyond the first copy. `texts`: of rows with the same words, whatever the other columns say."""

    rows: Count
    texts: Count
    exact: bool
    examples: tuple[Copy, ...] = ()


class Near(Fact, frozen=True, kw_only=True):
    """Different texts that nearly agree. `rows`: those beyond the first of each group, among `compared`."""

    rows: Count
    compared: Count
    whole: bool
    examples: tuple[Pair, ...] = ()


class Overlap(Fact, frozen=True, kw_only=True):
    """Rows of an evaluation set (or split) that the rest of the dataset has as well.

    `rows`: the same row. `texts`: the same words. `near`: nearly the same words. `grams`: a run of words in
    common. Each counts rows of the evaluation set. `shared` is how many of them have any of the four.
    """

    name: str
    digest: str
    evaluation_rows: Count
    rows: Count
    texts: Count
    near: Count
    grams: Count
    shared: Count
    examples: tuple[Pair, ...] = ()


class Personal(Fact, frozen=True, kw_only=True):
    """Personal data of one kind in one column: in how many rows, and the first places. Never what it says."""

    kind: str
    column: str
    rows: Count
    examples: tuple[str, ...]


class Share(Fact, frozen=True, kw_only=True):
    """A share of the sampled rows, with a 95% interval (Wilson)."""

    value: str
    rows: Count
    rate: Rate
    low: Rate
    high: Rate


class Text(Fact, frozen=True, kw_only=True):
    """The text of `sampled` rows: language, offence, words. `toxic` is None where nothing measured it."""

    columns: tuple[str, ...]
    sampled: Count
    whole: bool
    languages: tuple[Share, ...]
    toxic: Share | None
    toxic_examples: tuple[str, ...]
    words: dict[str, Count]
    word_count: Count


class Licence(Fact, frozen=True, kw_only=True):
    """A licence that rows name. The empty one stands for rows that name none."""

    column: str
    licence: str
    rows: Count


class Drift(Fact, frozen=True, kw_only=True):
    """How far a column has moved from the former dataset, by one measure; `p` is corrected (Holm)."""

    column: str
    measure: str
    effect: float
    p: Rate | None = None
    psi: float | None = None
    new: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


class Finding(Fact, frozen=True, kw_only=True):
    """Something past its threshold. `rule` is in the table of docs/data/profile.md."""

    rule: str
    message: str
    value: float
    threshold: float
    column: str = ""
    places: tuple[str, ...] = ()


class Profile(Fact, frozen=True, kw_only=True):
    """A dataset's profile."""

    format: str
    name: str
    subject: str
    rows: Count
    splits: dict[str, Count]
    columns: tuple[Column, ...]
    label: Label | None
    groups: tuple[Group, ...]
    gaps: tuple[Gap, ...]
    duplicates: Duplicates
    near: Near | None
    overlaps: tuple[Overlap, ...]
    personal: tuple[Personal, ...]
    #: Kinds of personal data looked for; empty where the extra is missing.
    personal_kinds: tuple[str, ...]
    text: Text
    licences: tuple[Licence, ...]
    declared_licence: str
    former: str | None
    drifts: tuple[Drift, ...]
    findings: tuple[Finding, ...] = ()
    #: What was not measured, and why.
    not_measured: tuple[str, ...] = ()


#: The name of this form. A change of any field is a new name.
FORMAT = "modelward-profile/1"
