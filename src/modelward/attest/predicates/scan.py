"""scan: what an examination of an artifact's files found, and what it did not examine."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

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


class Scanner(Record, frozen=True, kw_only=True):
    """The program, and the digest of the rules and allowlist it used."""

    name: str
    version: str
    ruleset: DigestText


class ScanFinding(Record, frozen=True, kw_only=True):
    """One finding."""

    rule: str
    severity: Literal["error", "warning", "note"]
    path: str
    offset: Count | None = None
    message: Prose
    expression: Prose = ""


class NotExamined(Record, frozen=True, kw_only=True):
    """One file or member that nothing examined, and why."""

    path: str
    reason: Prose


class Scan(Predicate, frozen=True, kw_only=True):
    """Subject: the scanned artifact."""

    TYPE: ClassVar[str] = f"{NAMESPACE}/scan/v1"

    scanner: Scanner
    verdict: Literal["malicious", "unverified", "incomplete", "clean"]
    files: Count
    examined: Count
    findings: Annotated[tuple[ScanFinding, ...], msgspec.Meta(max_length=1000)] = ()
    not_examined: Annotated[tuple[NotExamined, ...], msgspec.Meta(max_length=1000)] = ()
    scanned_at: TimeText
    supersedes: tuple[DigestText, ...] = ()
