"""`modelward scan --sign`: a report as a signed statement in the registry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from modelward import __version__
from modelward.core import instant
from modelward.core.errors import InputError

if TYPE_CHECKING:
    from modelward.attest.predicates import Scan
    from modelward.registry.local import Published
    from modelward.scan.engine import Report

#: A statement lists this many findings and unexamined places; the counts and the verdict are always whole.
MAX_LISTED = 1000
_MAX_TEXT = 10_000


def publish_scan(
    path: str, result: Report, supersedes: tuple[str, ...], registry: Path | None, key: str | None
) -> Published:
    """Sign what was found and publish it. Raises InputError if the artifact has no digest."""
    from modelward.attest.statement import Statement
    from modelward.cli.publish import publish

    if result.digest is None:
        raise InputError(
            "a tree with such names has no digest, so nothing can be signed about it",
            where=path,
            help="modelward digest tells which name",
        )
    statement = Statement.of(Path(path).name, result.digest, predicate(result, supersedes))
    return publish(statement, registry=registry, key=key)


def predicate(result: Report, supersedes: tuple[str, ...] = ()) -> Scan:
    """A scan report in the form that is signed."""
    from modelward.attest.predicates import Scan
    from modelward.attest.predicates.scan import NotExamined, ScanFinding, Scanner

    report = result.everything
    return Scan(
        scanner=Scanner(name="modelward", version=__version__, ruleset=str(result.ruleset)),
        verdict=report.verdict.value,
        files=result.files,
        examined=result.examined,
        findings=tuple(
            ScanFinding(
                rule=finding.rule,
                severity=finding.severity.value,
                path=finding.path,
                offset=finding.offset,
                message=finding.message[:_MAX_TEXT],
                expression=(finding.expression or "")[:_MAX_TEXT],
            )
            for finding in report.findings[:MAX_LISTED]
        ),
        not_examined=tuple(
            NotExamined(path=entry.path, reason=entry.reason[:_MAX_TEXT])
            for entry in [entry for entry in report.coverage if not entry.examined][:MAX_LISTED]
        ),
        scanned_at=instant.render(instant.now()),
        supersedes=supersedes,
    )
