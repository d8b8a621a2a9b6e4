"""A scan's report as one JSON object, and the schema of that object."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec

from modelward import __version__
from modelward.render.examined import Examined, worst

SCHEMA_ID = "https://modelward.dev/schemas/scan-report/v2"

_Verdict = Literal["malicious", "unverified", "incomplete", "clean"]
_Count = Annotated[int, msgspec.Meta(ge=0)]
_Digest = Annotated[str, msgspec.Meta(pattern="^(sha256|dirHash):[0-9a-f]{64}$")]


class Finding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing found. `offset` is in bytes of the file or member that `path` names, members after `!`."""

    rule: str
    severity: Literal["error", "warning", "note"]
    confidence: Literal["high", "medium", "low"]
    message: str
    path: str
    offset: _Count | None
    step: str | None
    expression: str | None
    label: str | None
    help: str | None
    count: Annotated[int, msgspec.Meta(ge=1)]


class CoverageEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file or member: what it was read as, or why it was not."""

    path: str
    format: str
    examined: bool
    reason: str


class Artifact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file, directory, stream or remote artifact.

    `digest` is null unless it was asked for, and where a name in a directory is one that no digest can be
    made of. `declared_digest` is what the server of a remote artifact says, which was not checked, and
    `fetched_bytes` how much of it was read. `suppressed` counts the findings that the configuration hides.
    """

    path: str
    digest: _Digest | None
    declared_digest: str | None
    fetched_bytes: _Count | None
    verdict: _Verdict
    files: _Count
    examined: _Count
    suppressed: _Count
    findings: list[Finding]
    coverage: list[CoverageEntry]


class ScanReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `modelward scan --json` prints. `verdict` is the worst of all artifacts."""

    verdict: _Verdict
    exit_code: Literal[0, 1, 2]
    version: str
    ruleset: _Digest
    artifacts: list[Artifact]


def report(examined: Sequence[Examined], code: int) -> dict[str, Any]:
    """The whole report as JSON values; `code` is the exit code. `examined` is not empty."""
    verdict = worst(examined)
    document: dict[str, Any] = msgspec.to_builtins(
        ScanReport(
            verdict=verdict.value,
            exit_code=code,  # type: ignore[arg-type]  # it is 0, 1 or 2
            version=__version__,
            ruleset=str(examined[0].result.ruleset),
            artifacts=list(map(_artifact, examined)),
        )
    )
    return document


def schema() -> str:
    """The JSON schema of the report, as published in docs/schemas/scan-report.json."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID}
    return json.dumps(head | msgspec.json.schema(ScanReport), indent=2, ensure_ascii=False) + "\n"


def _artifact(one: Examined) -> Artifact:
    result = one.result
    return Artifact(
        path=one.path.encode("utf-8", "backslashreplace").decode("utf-8"),
        digest=str(result.digest) if result.digest else None,
        declared_digest=result.declared,
        fetched_bytes=result.fetched,
        verdict=result.verdict.value,
        files=result.files,
        examined=result.examined,
        suppressed=result.suppressed,
        findings=[
            Finding(
                rule=found.rule,
                severity=found.severity.value,
                confidence=found.confidence.value,
                message=found.message,
                path=found.path,
                offset=found.offset,
                step=found.step,
                expression=found.expression,
                label=found.label,
                help=found.fix,
                count=found.count,
            )
            for found in one.findings()
        ],
        coverage=[
            CoverageEntry(entry.path, entry.format, entry.examined, entry.reason) for entry in one.coverage()
        ],
    )
