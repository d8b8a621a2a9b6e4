"""What the checks of a batch say: findings in tiers, a score for each row, and what could not be told.

Rows are named by their number in the dataset, from 0, as in its index.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any

import numpy as np
from msgspec import Struct, field

from modelward.core.errors import EXIT_CANNOT_TELL, EXIT_NO, EXIT_YES


class Tier(Enum):
    """How sure a finding is and what it asks for. Worst first."""

    #: Rows that should not be trained on: what the trigger does, it does nearly always.
    CRITICAL = "critical"
    #: A person should look.
    REVIEW = "review"
    #: Worth knowing beside other findings; asks for nothing.
    INFORMATION = "information"


class Twin(Struct, frozen=True):
    """A row of a finding beside the most similar row without the trigger. `None` where there is no such row.

    `twin_in_history`: the twin's number is one of the history.
    """

    row: int
    text: str
    output: str
    twin: int | None = None
    twin_text: str = ""
    twin_output: str = ""
    twin_in_history: bool = False


class Contributor(Struct, frozen=True):
    """How many rows of a finding are somebody's."""

    name: str
    rows: int


class Finding(Struct, frozen=True):
    """Something in the batch that looks like poison.

    `trigger` is what the rows have in common, `kind` of what sort it is (words, characters, structure, ...);
    `behaviour` what the outputs do. Of `n` distinct examples with the trigger `k` show the behaviour, where
    `expected` (a rate) was to be expected; `p` is the chance of that many, `q` the share of false findings
    among all that are at least as strong. `in_history` counts examples with trigger and behaviour there.
    `rows` are all rows of the batch with trigger and behaviour, copies too; and where nearly all with
    the trigger show the behaviour, the others with it. `score` orders findings and is
    the score of its rows. Times are as the data has them.
    """

    check: str
    tier: Tier
    trigger: str
    behaviour: str
    rows: tuple[int, ...]
    n: int
    k: int
    expected: float = 0.0
    p: float = 1.0
    q: float = 1.0
    score: float = 0.0
    kind: str = ""
    message: str = ""
    in_history: int = 0
    contributors: tuple[Contributor, ...] = ()
    first_seen: str = ""
    last_seen: str = ""
    also: tuple[str, ...] = ()
    twins: tuple[Twin, ...] = ()


class Detector(Struct, frozen=True):
    """A check that ran, and the version of what it does."""

    name: str
    version: int


class Power(Struct, frozen=True):
    """The smallest number of poisoned rows that a check could have found in this batch.

    `rows` distinct inputs with one trigger, all of them with the behaviour; None: no number would do.
    `rate` is how often the behaviour is seen without a trigger.
    """

    check: str
    behaviour: str
    rows: int | None
    rate: float


class Calibration(Struct, frozen=True):
    """How the tests did on a part of this batch that the expectation had not seen, with outputs as expected.

    `tests` were made on outputs drawn from the expectation itself; `found` of them passed the line where
    `allowed` might. `inflation` is by how much counts vary more than the expectation says (1: as said).
    """

    check: str
    tests: int
    found: int
    allowed: float
    inflation: float = 1.0


class Outcome(Struct):
    """What one check returns. `scores` is a number for each row of the corpus, or None.

    `state` is what is now known of a feed's contributors, for the next batch; see feed.py.
    """

    findings: list[Finding] = field(default_factory=list)
    scores: Any = None
    power: list[Power] = field(default_factory=list)
    calibration: list[Calibration] = field(default_factory=list)
    could_not_tell: list[str] = field(default_factory=list)
    state: bytes = b""


class CheckReport(Struct):
    """All that a run of the checks says of a batch.

    `row_scores` is a float for each row, higher is more suspicious; a row of a finding has at least the
    finding's score. `history_root` is the set root of the history, empty without one. `could_not_tell` says
    what no answer was possible for, and why. `state` is for the next batch of a feed.
    """

    rows: int
    findings: list[Finding] = field(default_factory=list)
    detectors: list[Detector] = field(default_factory=list)
    history_rows: int = 0
    history_root: str = ""
    power: list[Power] = field(default_factory=list)
    calibration: list[Calibration] = field(default_factory=list)
    could_not_tell: list[str] = field(default_factory=list)
    row_scores: Any = None
    state: bytes = b""

    def of(self, tier: Tier) -> list[Finding]:
        """The findings of a tier, strongest first."""
        return [finding for finding in self.findings if finding.tier is tier]

    @property
    def exit_code(self) -> int:
        """1 with a critical or review finding, 2 if something could not be told, else 0."""
        if any(finding.tier is not Tier.INFORMATION for finding in self.findings):
            return EXIT_NO
        return EXIT_CANNOT_TELL if self.could_not_tell else EXIT_YES

    def quarantined(self, tiers: Iterable[Tier] = (Tier.CRITICAL,)) -> tuple[int, ...]:
        """The rows of all findings of these tiers, sorted."""
        wanted = set(tiers)
        return tuple(sorted({row for each in self.findings if each.tier in wanted for row in each.rows}))

    @classmethod
    def gathered(cls, rows: int, outcomes: Sequence[Outcome], numbers: Any = None) -> CheckReport:
        """One report of what several checks returned for a corpus whose rows have these `numbers`."""
        found = sorted(
            (finding for outcome in outcomes for finding in outcome.findings),
            key=lambda each: (_ORDER[each.tier], -each.score, each.check, each.trigger, each.behaviour),
        )
        return cls(
            rows,
            found,
            power=[each for outcome in outcomes for each in outcome.power],
            calibration=[each for outcome in outcomes for each in outcome.calibration],
            could_not_tell=list(
                dict.fromkeys(reason for outcome in outcomes for reason in outcome.could_not_tell)
            ),
            row_scores=_scores(rows, outcomes, found, numbers),
            state=next((outcome.state for outcome in outcomes if outcome.state), b""),
        )


def _scores(rows: int, outcomes: Sequence[Outcome], findings: Sequence[Finding], numbers: Any) -> Any:
    scores = np.zeros(rows, np.float64)
    for outcome in outcomes:
        if outcome.scores is not None:
            np.maximum(scores, outcome.scores, out=scores)
    for finding in findings:
        at = np.asarray(finding.rows, np.int64)
        if numbers is not None:
            at = np.searchsorted(numbers, at)
        scores[at] = np.maximum(scores[at], finding.score)
    return scores


_ORDER = {tier: place for place, tier in enumerate(Tier)}
