"""A scan's report as SARIF 2.1.0 (OASIS), for code-scanning services.

A finding in a member of an archive is located in the archive's file, with the member as a logical location;
the byte offset, which is the member's, is then in the message only. What was not examined is a notification.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from modelward import __version__
from modelward.core.finding import Confidence, Coverage, Finding, Rule, Severity
from modelward.render.examined import REMOTE, Examined, worst
from modelward.scan.rules import RULES

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
#: How surely a result is what its rule says, from 0 to 100 (3.27.25).
_RANK = {Confidence.HIGH: 90.0, Confidence.MEDIUM: 60.0, Confidence.LOW: 30.0}
_INDEX = {identifier: index for index, identifier in enumerate(RULES)}
_SECURITY_SEVERITY = {Severity.ERROR: "9.0", Severity.WARNING: "6.0", Severity.NOTE: "1.0"}


def report(examined: Sequence[Examined], code: int) -> dict[str, Any]:
    """The whole report as JSON values; `code` is the exit code. `examined` is not empty."""
    findings = [finding for one in examined for finding in one.findings()]
    missed = [entry for one in examined for entry in one.coverage() if not entry.examined]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver()},
                "invocations": [
                    {
                        "executionSuccessful": not missed,
                        "exitCode": code,
                        "toolExecutionNotifications": [_notification(entry) for entry in missed],
                    }
                ],
                "results": [_result(finding) for finding in findings],
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


def _result(finding: Finding) -> dict[str, Any]:
    message = finding.message if finding.expression is None else f"{finding.message}: {finding.expression}"
    if "!" in finding.path and finding.offset is not None:
        message += f" (byte {finding.offset} of {finding.path})"
    return {
        "ruleId": finding.rule,
        "ruleIndex": _INDEX[finding.rule],
        "level": finding.severity.value,
        "rank": _RANK[finding.confidence],
        "message": {"text": message},
        "locations": [_location(finding.path, finding.offset)],
        "partialFingerprints": {"finding/v1": _fingerprint(finding)},
        "occurrenceCount": finding.count,
        "properties": {"confidence": finding.confidence.value},
    }


def _notification(entry: Coverage) -> dict[str, Any]:
    return {
        "level": "warning",
        "message": {"text": f"not examined: {entry.reason}"},
        "locations": [_location(entry.path, None)],
    }


def _location(path: str, offset: int | None) -> dict[str, Any]:
    file, member = path.partition("!")[::2]
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(file)}}
    if offset is not None and not member:
        place["region"] = {"byteOffset": offset}
    location: dict[str, Any] = {"physicalLocation": place}
    if member:
        location["logicalLocations"] = [{"fullyQualifiedName": path, "kind": "member"}]
    return location


def _uri(file: str) -> str:
    return quote(file, safe="/:" if REMOTE.match(file) else "/")


def _fingerprint(finding: Finding) -> str:
    """The same finding in another version of the file has the same fingerprint."""
    parts = (finding.rule, finding.path, finding.expression or finding.message)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
