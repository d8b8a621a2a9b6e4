"""A scan's report as one JSON object, and the schema of that object."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec

from modelward import __version__
from modelward.render.examined import Examined, worst

SCHEMA_ID = "https://modelward.dev/schemas/scan-report/v1"

_Verdict = Literal["malicious", "unverified", "incomplete", "clean"]
_Count = Annotated[int, msgspec.Meta(ge=0)]
_Digest = Annotated[str, msgspec.Meta(pattern="^(sha256|dirHash):[0-9a-f]{64}$")]


class Finding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing found. `offset` is in bytes of the file or member that `path` names, members after `!`."""

    rule: str
    severity: Literal["error", "warning", "note"]
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
    """One file or directory. `digest` is null where a name in it is one that no digest can be made of."""

    path: str
    digest: _Digest | None
    verdict: _Verdict
    files: _Count
    examined: _Count
    findings: list[Finding]
    coverage: list[CoverageEntry]


class ScanReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `modelward scan --json` prints. `verdict` is the worst of all artifacts."""

    verdict: _Verdict
    exit_code: Literal[0, 1, 2]
    version: str
    ruleset: _Digest
    artifacts: list[Artifact]


def report(examined: Sequence[Examined]) -> dict[str, Any]:
    """The whole report as JSON values. `examined` is not empty."""
    verdict = worst(examined)
    document: dict[str, Any] = msgspec.to_builtins(
        ScanReport(
            verdict=verdict.value,
            exit_code=verdict.exit_code,  # type: ignore[arg-type]  # a verdict's code is 0, 1 or 2
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
        verdict=result.report.verdict.value,
        files=result.files,
        examined=result.examined,
        findings=[
            Finding(
                rule=found.rule,
                severity=found.severity.value,
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
