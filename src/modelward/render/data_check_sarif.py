"""The report of `modelward data check` as SARIF 2.1.0 (OASIS): a result for each finding.

A row is a logical location in its file; a line is given where a row is a line (JSON Lines, text). Findings
that people called benign are suppressed results, with the reason; what could not be told is a notification.
"""

from __future__ import annotations

import inspect
import os
from typing import Any
from urllib.parse import quote

from modelward import __version__
from modelward.data.checks.document import Document, Found, Place, Shown
from modelward.data.checks.run import module
from modelward.data.readers.formats import suffix_of
from modelward.render.sarif import MAX_RESULTS, SCHEMA

_LEVEL = {"critical": "error", "review": "warning", "information": "note"}
_SEVERITY = {"critical": "9.0", "review": "6.0", "information": "1.0"}
_RANK = {"critical": 95.0, "review": 60.0, "information": 10.0}
_LINES = frozenset({".jsonl", ".ndjson", ".txt", ".md"})


def report(document: Document, place: str) -> dict[str, Any]:
    """The whole report as JSON values. `place` is where the data lies."""
    names = [one.name for one in document.detectors]
    findings = document.findings[:MAX_RESULTS]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "modelward data check",
                        "version": __version__,
                        "semanticVersion": __version__,
                        "rules": [_rule(name, version) for name, version in _versions(document)],
                    }
                },
                "invocations": [
                    {
                        "executionSuccessful": not document.could_not_tell,
                        "exitCode": document.exit_code,
                        "toolExecutionNotifications": [
                            {"level": "warning", "message": {"text": f"could not tell: {reason}"}}
                            for reason in document.could_not_tell
                        ],
                    }
                ],
                "results": [_result(found, names.index(found.check), place) for found in findings],
                "properties": {
                    "verdict": document.verdict,
                    "dataset": document.data.digest,
                    "history": [past.digest for past in document.history],
                    "quarantineRoot": document.quarantine.set_root if document.quarantine else None,
                },
            }
        ],
    }


def _versions(document: Document) -> list[tuple[str, int]]:
    return [(one.name, one.version) for one in document.detectors]


def _rule(name: str, version: int) -> dict[str, Any]:
    text = inspect.cleandoc(module(name).__doc__ or name)
    title, _, rest = text.partition("\n")
    return {
        "id": name,
        "shortDescription": {"text": title},
        "fullDescription": {"text": " ".join(rest.split()) or title},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": "warning"},
        "properties": {"tags": ["security", "poisoning"], "security-severity": "9.0", "version": version},
    }


def _result(found: Found, rule: int, place: str) -> dict[str, Any]:
    places = [shown.place for shown in found.shown]
    result: dict[str, Any] = {
        "ruleId": found.check,
        "ruleIndex": rule,
        "level": _LEVEL[found.tier],
        "rank": _RANK[found.tier],
        "message": {"text": _message(found)},
        "locations": [
            _location(places[0], place) if places else {"physicalLocation": _file("", place, None)}
        ],
        "relatedLocations": [
            _location(one.place, place) | {"id": number, "message": {"text": _shown(one)}}
            for number, one in enumerate(found.shown[1:], 1)
        ],
        "partialFingerprints": {"finding/v1": found.id},
        "occurrenceCount": max(len(found.rows), 1),
        "properties": {
            "tier": found.tier,
            "security-severity": _SEVERITY[found.tier],
            "rows": len(found.rows),
            "rowsRoot": found.rows_root,
            "expected": found.expected,
            "p": found.p,
            "q": found.q,
        },
    }
    if found.decision is not None and found.is_quiet:
        words = f"decided benign by {found.decision.by}: {found.decision.reason}"
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": words}]
    return result


def _message(found: Found) -> str:
    rate = f"{found.showing} of {found.examples} examples, expected {found.expected * found.examples:.1f}"
    words = f"{found.trigger} -> {found.behaviour}: {rate}; {len(found.rows)} rows"
    return f"{words}. {found.message}" if found.message else words


def _shown(shown: Shown) -> str:
    return f"{shown.place}: {shown.text} -> {shown.output}"


def _location(row: Place, place: str) -> dict[str, Any]:
    line = row.row if suffix_of(row.shard) in _LINES and row.shard.endswith(suffix_of(row.shard)) else None
    return {
        "physicalLocation": _file(row.shard, place, line),
        "logicalLocations": [{"fullyQualifiedName": str(row), "kind": "row"}],
    }


def _file(shard: str, place: str, line: int | None) -> dict[str, Any]:
    path = os.path.join(place, shard) if os.path.isdir(place) else place
    if "://" not in path:
        relative = os.path.relpath(path)
        path = os.path.abspath(path) if relative.startswith("..") else relative
    uri = quote(path, safe="/:") if "://" in path else quote(path)
    uri = f"file://{uri}" if uri.startswith("/") else uri
    # Code scanning shows nothing without a line, not even where a row is none.
    return {"artifactLocation": {"uri": uri}, "region": {"startLine": line or 1}}
