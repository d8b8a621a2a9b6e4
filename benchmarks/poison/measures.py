"""What is measured of a report whose truth is known."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from benchmarks.poison.attacks import Attack, Poisoned
from benchmarks.poison.sets import Rows
from sklearn.metrics import roc_auc_score, roc_curve

from modelward.data.checks import corpus, run
from modelward.data.checks.report import CheckReport, Finding, Tier

FALSE = 0.01


def reported(rows: Rows, history: Rows | None = None) -> tuple[CheckReport, float]:
    """What the checks say of a set, and the seconds that took."""
    given = [corpus.of_lists(**one.columns()) for one in (rows, history) if one is not None]
    started = time.monotonic()
    report = run.check(*given)
    return report, time.monotonic() - started


def rates(scores: Any, truth: Any) -> tuple[float, float]:
    """The area under the curve, and the recall with at most 1% of the clean rows above the line."""
    wrong, right, _ = roc_curve(truth, scores, drop_intermediate=False)
    return float(roc_auc_score(truth, scores)), float(right[wrong <= FALSE].max())


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _within(few: list[str], many: list[str]) -> bool:
    return any(few == many[at : at + len(few)] for at in range(len(many) - len(few) + 1))


def names(finding: Finding, triggers: tuple[str, ...]) -> bool:
    """Whether a finding names one of the triggers: all its words, or two in a row, or a long one."""
    for said in (finding.trigger, *finding.also):
        found = _words(said)
        for trigger in map(_words, triggers):
            telling = len(found) > 1 or any(len(word) > 4 for word in found) or found == trigger
            if found and (_within(trigger, found) or (telling and _within(found, trigger))):
                return True
    return False


def accused(report: CheckReport) -> set[str]:
    """The contributors that a finding points at: more than half of its rows are theirs."""
    return {
        person.name
        for finding in report.findings
        if finding.tier is not Tier.INFORMATION
        for person in finding.contributors
        if person.rows * 2 > len(finding.rows)
    }


@dataclass(frozen=True)
class Cell:
    """One attack on one set: ours, and (area, recall) of each peer."""

    attack: str
    family: str
    set: str
    rows: int
    area: float
    recall: float
    named: bool | None
    flagged: bool | None
    wrongly: int
    critical: float
    seconds: float
    peers: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    HEAD: ClassVar[str] = (
        f"{'attack':28} {'set':14} {'rows':>5} {'AUROC':>6} {'recall':>6} named hand (wrongly) critical    s"
        "  peers: AUROC/recall"
    )

    def behind(self, margin: float) -> list[str]:
        """The peers that are ahead, and by what."""
        return [
            f"{name} {what} {theirs:.3f} against {ours:.3f}"
            for name, each in self.peers.items()
            for what, theirs, ours in zip(("AUROC", "recall"), each, (self.area, self.recall), strict=True)
            if theirs > ours + margin
        ]

    def line(self) -> str:
        """The cell as a line of the table."""
        others = "  ".join(f"{name} {area:.2f}/{recall:.2f}" for name, (area, recall) in self.peers.items())
        return (
            f"{self.attack:28} {self.set:14} {self.rows:>5} {self.area:>6.3f} {self.recall:>6.3f} "
            f"{_said(self.named):>5} {_said(self.flagged):>4} {self.wrongly:>9} {self.critical:>8.2f} "
            f"{self.seconds:>4.1f}  {others}"
        )


def _said(value: bool | None) -> str:
    return "-" if value is None else "yes" if value else "NO"


def measured(
    attack: Attack,
    name: str,
    poisoned: Poisoned,
    report: CheckReport,
    seconds: float,
    others: Mapping[str, Any],
) -> Cell:
    """The cell of a report. `critical` is the share of the poisoned rows that are in critical findings."""
    area, recall = rates(report.row_scores, poisoned.truth)
    people = accused(report)
    quarantined = np.zeros(len(poisoned.truth), bool)
    quarantined[list(report.quarantined())] = True
    return Cell(
        attack.name,
        attack.family,
        name,
        int(poisoned.truth.sum()),
        area,
        recall,
        any(names(each, poisoned.named) for each in report.findings[:5]) if attack.lexical else None,
        bool(people & set(poisoned.attackers)) if poisoned.attackers else None,
        len(people - set(poisoned.attackers)),
        float(quarantined[poisoned.truth].mean()),
        seconds,
        {peer: rates(scores, poisoned.truth) for peer, scores in others.items()},
    )


@dataclass(frozen=True)
class Clean:
    """What the checks said of a clean set. `findings` are critical and to review."""

    name: str
    rows: int
    critical: int
    findings: int
    information: int
    people: int
    seconds: float
    said: tuple[str, ...]

    HEAD: ClassVar[str] = f"{'clean set':28} {'rows':>6} critical findings information people    s"

    @classmethod
    def of(cls, name: str, rows: Rows, report: CheckReport, seconds: float) -> Clean:
        """The figures of a report."""
        told = [one for one in report.findings if one.tier is not Tier.INFORMATION]
        return cls(
            name,
            len(rows),
            len(report.of(Tier.CRITICAL)),
            len(told),
            len(report.of(Tier.INFORMATION)),
            len(accused(report)),
            seconds,
            tuple(f"{one.check}: {one.trigger!r} -> {one.behaviour} {one.k}/{one.n}" for one in told[:5]),
        )

    def line(self) -> str:
        """The set as a line of the table, with what was said."""
        return (
            f"{self.name:28} {self.rows:>6} {self.critical:>8} {self.findings:>8} {self.information:>11} "
            f"{self.people:>6} {self.seconds:>4.1f}  {'; '.join(self.said)}"
        )
