"""Scan results with the paths they were asked for by."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from modelward.core.errors import EXIT_YES
from modelward.core.finding import Coverage, Finding, Severity, Verdict
from modelward.core.regex import regex
from modelward.scan.engine import Report

#: How a stream is asked for, and what it is called in reports.
STDIN, STDIN_NAME = "-", "stdin"
#: A path that is an address.
REMOTE = regex(r"[a-z][a-z0-9+.-]*://")

_WORST_FIRST = tuple(Verdict)


class Examined(Struct, frozen=True):
    """One artifact: the path that was asked for, and what was found.

    `prefix` goes before the paths within it, where several artifacts are told apart.
    """

    path: str
    result: Report
    prefix: str = ""

    def findings(self) -> Iterator[Finding]:
        """The findings that are not suppressed, the gravest first, with the prefix."""
        for severity in Severity:
            for finding in self.result.findings:
                if finding.severity is severity:
                    yield replace(finding, path=self.prefix + finding.path) if self.prefix else finding

    def coverage(self) -> Iterator[Coverage]:
        """What was examined and what was not, with the prefix."""
        for entry in self.result.coverage:
            yield replace(entry, path=self.prefix + entry.path) if self.prefix else entry


def together(results: Sequence[tuple[str, Report]]) -> tuple[Examined, ...]:
    """Results by path; with several, the paths within each are told apart."""
    if len(results) == 1:
        return (Examined(*results[0]),)
    return tuple(Examined(path, result, folder(path, result)) for path, result in results)


def folder(path: str, result: Report) -> str:
    """What goes before the names within `path`: the directory that they lie in, with a slash, or nothing."""
    if path == STDIN:
        return ""
    if REMOTE.match(path):
        name = result.coverage[0].path if result.files == 1 and result.coverage else ""
        return path.removesuffix(name) if name and path.endswith(f"/{name}") else path.rstrip("/") + "/"
    directory = path if os.path.isdir(path) else os.path.dirname(path)
    if directory.startswith("/"):
        return directory.rstrip("/") + "/"
    return "" if directory.rstrip("/") in ("", ".") else directory.rstrip("/") + "/"


def worst(examined: Sequence[Examined]) -> Verdict:
    """The worst verdict of all."""
    verdicts = {one.result.verdict for one in examined}
    return next((verdict for verdict in _WORST_FIRST if verdict in verdicts), Verdict.INCOMPLETE)


def exit_code(examined: Sequence[Examined], fail_on: Verdict = Verdict.INCOMPLETE) -> int:
    """The exit code of the worst verdict, or 0 where it is better than `fail_on`."""
    verdict = worst(examined)
    failed = _WORST_FIRST.index(verdict) <= _WORST_FIRST.index(fail_on)
    return verdict.exit_code if failed else EXIT_YES
