"""Bytes examined as a file of some name."""

from __future__ import annotations

from modelward.core.finding import Report
from modelward.formats.budget import Budget
from modelward.formats.source import BytesSource
from modelward.scan.examination import DEFECT, Examination, Place


def examine(data: bytes, name: str = "model.bin", *, budget: Budget | None = None) -> Report:
    """The report on a file with these bytes; a reader that breaks fails the test."""
    examination = Examination(budget)
    examination.examine(BytesSource(data), Place(name, name))
    defects = [entry.reason for entry in examination.report.coverage if entry.reason.startswith(DEFECT)]
    assert defects == []
    return examination.report


def rules(data: bytes, name: str = "model.bin") -> list[str]:
    """The rules that found something in a file."""
    return [finding.rule for finding in examine(data, name).findings]


def unexamined(data: bytes, name: str = "model.bin") -> dict[str, str]:
    """What was not examined in a file, and why."""
    return {entry.path: entry.reason for entry in examine(data, name).coverage if not entry.examined}
