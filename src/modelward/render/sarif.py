"""A scan's report as SARIF 2.1.0 (OASIS), for code-scanning services.

Files are named relative to the working directory, which in CI is the repository, or else in full. A finding
in a member of an archive is located in the archive's file, with the member as a logical location; the byte
offset, which is the member's, is then in the message only. What was not examined is a notification.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import quote

from msgspec.structs import replace

from modelward import __version__
from modelward.core.errors import EXIT_CANNOT_TELL
from modelward.core.finding import Confidence, Coverage, Finding, Rule, Severity
from modelward.render.examined import REMOTE, Examined, folder, worst
from modelward.scan.rules import RULES

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
#: Results in one report: code scanning refuses a report with more. `--format json` has all of them.
MAX_RESULTS = 25_000
#: How surely a result is what its rule says, from 0 to 100 (3.27.25).
_RANK = {Confidence.HIGH: 90.0, Confidence.MEDIUM: 60.0, Confidence.LOW: 30.0}
_GRAVEST_FIRST = tuple(Severity)
_INDEX = {identifier: index for index, identifier in enumerate(RULES)}
_SECURITY_SEVERITY = {Severity.ERROR: "9.0", Severity.WARNING: "6.0", Severity.NOTE: "1.0"}


def report(examined: Sequence[Examined], code: int) -> dict[str, Any]:
    """The whole report as JSON values; `code` is the exit code. `examined` is not empty."""
    examined = [replace(one, prefix=folder(one.path, one.result)) for one in examined]
    findings = [finding for one in examined for finding in one.findings()]
    if len(findings) > MAX_RESULTS:
        findings.sort(key=lambda finding: _GRAVEST_FIRST.index(finding.severity))
    coverage = [entry for one in examined for entry in one.coverage()]
    missed = [entry for entry in coverage if not entry.examined]
    paths = frozenset(entry.path for entry in coverage)
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver()},
                "invocations": [
                    {
                        "executionSuccessful": not missed and code != EXIT_CANNOT_TELL,
                        "exitCode": code,
                        "toolExecutionNotifications": [
                            *(_notification(entry, paths) for entry in missed),
                            *_cut(len(findings)),
                        ],
                    }
                ],
                "results": [_result(finding, paths) for finding in findings[:MAX_RESULTS]],
                "properties": {
                    "verdict": worst(examined).value,
                    "ruleset": str(examined[0].result.ruleset),
                    "artifacts": [
                        {
                            "path": one.path,
                            "digest": str(one.result.digest) if one.result.digest else None,
                            "declaredDigest": one.result.declared,
                            "suppressed": one.result.suppressed,
                        }
                        for one in examined
                    ],
                },
            }
        ],
    }


def _driver() -> dict[str, Any]:
    return {
        "name": "modelward",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in RULES.values()],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": " ".join(rule.help.partition("\n\n##")[0].split())},
        "help": {"text": rule.help, "markdown": rule.help},
        "defaultConfiguration": {"level": rule.severity.value},
        "properties": {"tags": ["security"], "security-severity": _SECURITY_SEVERITY[rule.severity]},
    }


def _result(finding: Finding, paths: Collection[str]) -> dict[str, Any]:
    message = finding.message if finding.expression is None else f"{finding.message}: {finding.expression}"
    file, member = _split(finding.path, paths)
    if member and finding.offset is not None:
        message += f" (byte {finding.offset} of {file}!{member})"
    return {
        "ruleId": finding.rule,
        "ruleIndex": _INDEX[finding.rule],
        "level": finding.severity.value,
        "rank": _RANK[finding.confidence],
        "message": {"text": message},
        "locations": [_location(file, member, finding.offset)],
        "partialFingerprints": {"finding/v1": _fingerprint(finding, f"{_uri(file)}!{member}")},
        "occurrenceCount": finding.count,
        "properties": {"confidence": finding.confidence.value},
    }


def _notification(entry: Coverage, paths: Collection[str]) -> dict[str, Any]:
    return {
        "level": "warning",
        "message": {"text": f"not examined: {entry.reason}"},
        "locations": [_location(*_split(entry.path, paths), None)],
    }


def _cut(count: int) -> list[dict[str, Any]]:
    if count <= MAX_RESULTS:
        return []
    text = f"{count - MAX_RESULTS} more results are left out; --format json lists all"
    return [{"level": "warning", "message": {"text": text}}]


def _split(path: str, paths: Collection[str]) -> tuple[str, str]:
    """The file and the member that a path names. The name of a file may itself have a `!`."""
    at = path.find("!")
    while at >= 0 and path[:at] not in paths:
        at = path.find("!", at + 1)
    file, member = (path, "") if at < 0 else (path[:at], path[at + 1 :])
    return _relative(file), member


def _relative(file: str) -> str:
    """A file from the working directory, or in full where it lies outside of it."""
    if REMOTE.match(file):
        return file
    path = os.path.relpath(file)
    return os.path.abspath(file) if path.startswith("../") else path


def _location(file: str, member: str, offset: int | None) -> dict[str, Any]:
    # Code scanning shows nothing without a line, not even in a file that has none. Lines and bytes are
    # independent of each other (3.30.4).
    region = {"startLine": 1}
    if offset is not None and not member:
        region["byteOffset"] = offset
    place = {"artifactLocation": {"uri": _uri(file)}, "region": region}
    location: dict[str, Any] = {"physicalLocation": place}
    if member:
        location["logicalLocations"] = [{"fullyQualifiedName": f"{file}!{member}", "kind": "member"}]
    return location


def _uri(file: str) -> str:
    if REMOTE.match(file):
        return quote(file, safe="/:")
    return f"file://{quote(file)}" if file.startswith("/") else quote(file)


def _fingerprint(finding: Finding, place: str) -> str:
    """The same finding in another version of the file has the same fingerprint."""
    parts = (finding.rule, place, finding.expression or finding.message)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
