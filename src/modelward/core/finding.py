"""What an examination says: rules, findings, coverage, and the verdict they give."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from msgspec import Struct, field

from modelward.core.errors import EXIT_CANNOT_TELL, EXIT_NO, EXIT_YES


class Severity(Enum):
    """How bad a finding is. An error makes an artifact malicious; see `Report.verdict`."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Confidence(Enum):
    """How sure it is that a finding is what its rule says."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Verdict(Enum):
    """Worst first. Nothing found is not enough for `clean`: everything must have been examined."""

    MALICIOUS = "malicious"
    UNVERIFIED = "unverified"
    INCOMPLETE = "incomplete"
    CLEAN = "clean"

    @property
    def exit_code(self) -> int:
        """1 for malicious and unverified, 2 for incomplete, 0 for clean."""
        if self is Verdict.CLEAN:
            return EXIT_YES
        return EXIT_CANNOT_TELL if self is Verdict.INCOMPLETE else EXIT_NO


class Rule(Struct, frozen=True):
    """One thing looked for. Its help text is the docstring of the file that implements it."""

    id: str
    title: str
    severity: Severity
    help: str


class Finding(Struct, frozen=True):
    """One thing found, at a place.

    `path` is relative to what was examined, members after `!` (`model.bin!archive/data.pkl`);
    `offset` is in bytes; `expression` is the rendered call or value, `step` the instruction that does it and
    `label` a few words about it. `count` is how many such there are in the same file or member.
    The confidence changes no verdict: it says where to look first.
    """

    rule: str
    severity: Severity
    message: str
    path: str
    offset: int | None = None
    expression: str | None = None
    fix: str | None = None
    step: str | None = None
    label: str | None = None
    count: int = 1
    confidence: Confidence = Confidence.HIGH


class Coverage(Struct, frozen=True):
    """Whether one file or member was examined, as what format, or why not."""

    path: str
    format: str
    examined: bool
    reason: str = ""


class Report(Struct):
    """Everything an examination found, and what it looked at."""

    findings: list[Finding] = field(default_factory=list)
    coverage: list[Coverage] = field(default_factory=list)

    def extend(self, findings: Iterable[Finding]) -> None:
        """Add findings."""
        self.findings.extend(findings)

    @property
    def verdict(self) -> Verdict:
        """The worst that the findings and the coverage allow.

        Any error: malicious. Any warning: unverified. Anything unexamined, or nothing
        examined at all: incomplete.
        """
        severities = {finding.severity for finding in self.findings}
        if Severity.ERROR in severities:
            return Verdict.MALICIOUS
        if Severity.WARNING in severities:
            return Verdict.UNVERIFIED
        if not self.coverage or not all(entry.examined for entry in self.coverage):
            return Verdict.INCOMPLETE
        return Verdict.CLEAN
