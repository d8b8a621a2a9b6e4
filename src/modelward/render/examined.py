"""Scan results with the paths they were asked for by."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from modelward.core.finding import Coverage, Finding, Verdict
from modelward.scan.engine import ScanResult

_WORST_FIRST = tuple(Verdict)


@dataclass(frozen=True, slots=True)
class Examined:
    """One artifact: the path that was asked for, and what was found.

    `prefix` goes before the paths within it, where several artifacts are told apart.
    """

    path: str
    result: ScanResult
    prefix: str = ""

    def findings(self) -> Iterator[Finding]:
        """The findings, the gravest first, with the prefix."""
        severities = ("error", "warning", "note")
        for severity in severities:
            for finding in self.result.report.findings:
                if finding.severity.value == severity:
                    yield replace(finding, path=self.prefix + finding.path)

    def coverage(self) -> Iterator[Coverage]:
        """What was examined and what was not, with the prefix."""
        for entry in self.result.report.coverage:
            yield replace(entry, path=self.prefix + entry.path)


def together(results: Sequence[tuple[str, ScanResult]]) -> tuple[Examined, ...]:
    """Results by path; with several, the paths within each are told apart."""
    if len(results) == 1:
        return (Examined(*results[0]),)
    return tuple(Examined(path, result, _prefix(path)) for path, result in results)


def _prefix(path: str) -> str:
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    return folder.rstrip("/") + "/" if folder else ""


def worst(examined: Sequence[Examined]) -> Verdict:
    """The worst verdict of all."""
    verdicts = {one.result.report.verdict for one in examined}
    return next((verdict for verdict in _WORST_FIRST if verdict in verdicts), Verdict.INCOMPLETE)
