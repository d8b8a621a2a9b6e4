"""data-check: what the poisoning checks found in a dataset, with what error rate, and what they could have.

Of the rows it holds no word: a finding is named by its content (check, trigger, behaviour and the rows,
hashed together), and the report that says it in words by digest. Trigger and behaviour are there only where
the signer disclosed them. A set root over rows is made as that of a snapshot: a dataset of exactly these rows
has it.
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
    Ordinal,
    Predicate,
    Prose,
    Record,
    TimeText,
)

#: Findings that a statement lists at most. One that counts more critical ones than it lists passes no gate.
MAX_FINDINGS = 500

Rate = Annotated[float, msgspec.Meta(ge=0, le=1)]
Figure = Annotated[float, msgspec.Meta(ge=0)]


class Detector(Record, frozen=True, kw_only=True):
    """A check that ran, and the version of what it does."""

    name: NameText
    version: Ordinal


class History(Named, frozen=True, kw_only=True):
    """Trusted data that the batch was compared with, and the signed snapshot that it agreed with."""

    rows: Count
    set_root: DigestText
    snapshot: DigestText | None = None


class DataFinding(Record, frozen=True, kw_only=True):
    """Something that looks like poison. `id` is its content, the subject of reviews.

    Of `examples` distinct examples with the trigger, `showing` show the behaviour, where the rate `expected`
    was expected; `p` is the chance of that many, `q` bounds the share of false ones among findings as strong.
    `rows` counts the rows, copies too, and `rowsRoot` is the set root over them.
    """

    id: DigestText
    check: NameText
    tier: Literal["critical", "review"]
    kind: Prose = ""
    examples: Count
    showing: Count
    expected: Figure
    p: Rate
    q: Rate
    rows: Count
    rows_root: DigestText
    trigger: Prose = ""
    behaviour: Prose = ""


class Calibrated(Record, frozen=True, kw_only=True):
    """Tests on outputs drawn from the expectation itself: `found` passed the line where `allowed` might."""

    check: NameText
    tests: Count
    found: Count
    allowed: Figure
    inflation: Figure


class Detectable(Record, frozen=True, kw_only=True):
    """The fewest poisoned rows that a check could have found in this batch, over all its `behaviours`.

    `least` for the behaviour where it is smallest, `most` where it is largest; for `never` of them no number
    of rows would do.
    """

    check: NameText
    behaviours: Count
    least: Count | None = None
    most: Count | None = None
    never: Count = 0


class DataCheck(Predicate, frozen=True, kw_only=True):
    """Subject: the dataset's bytes (a file's sha256 or a tree's dirHash).

    `level` is the false discovery rate; `strict` holds it under any dependence of the tests. `critical`,
    `review` and `information` count all findings; those of the first two tiers are listed. `quarantineRoot`
    is the set root over the rows of all critical findings.
    """

    TYPE: ClassVar[str] = f"{NAMESPACE}/data-check/v1"

    dataset: NameText
    rows: Count
    set_root: DigestText
    detectors: Annotated[tuple[Detector, ...], msgspec.Meta(min_length=1, max_length=100)]
    history: Annotated[tuple[History, ...], msgspec.Meta(max_length=1000)] = ()
    level: Rate
    strict: bool = False
    calibration: Annotated[tuple[Calibrated, ...], msgspec.Meta(max_length=1000)] = ()
    power: Annotated[tuple[Detectable, ...], msgspec.Meta(max_length=100)] = ()
    critical: Count
    review: Count
    information: Count
    findings: Annotated[tuple[DataFinding, ...], msgspec.Meta(max_length=MAX_FINDINGS)] = ()
    quarantine_rows: Count = 0
    quarantine_root: DigestText | None = None
    could_not_tell: Annotated[tuple[Prose, ...], msgspec.Meta(max_length=1000)] = ()
    report: DigestText
    tool: Prose = ""
    checked_at: TimeText
    supersedes: tuple[DigestText, ...] = ()
