"""`modelward promote`: ask the gate, and if it says yes point a stage to a release."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.cli import output
from modelward.cli.home import Home
from modelward.cli.names import parse_version
from modelward.cli.publish import open_registry
from modelward.core.errors import EXIT_CANNOT_TELL, EXIT_NO, EXIT_YES, ModelwardError

if TYPE_CHECKING:
    from modelward.registry.local import Registry
    from modelward.registry.promote import Candidate, Promotion


@click.command("promote")
@click.argument("version")
@click.option("--to", "stage", required=True, help="The stage.")
@click.option("--dry-run", is_flag=True, help="Only say what the gate would decide; write nothing.")
@click.option("--registry", type=click.Path(path_type=Path), help="The registry's directory.")
@click.option("--key", help="Your signer's URI (default: your identity).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def promote(
    version: str, stage: str, dry_run: bool, registry: Path | None, key: str | None, as_json: bool
) -> int:
    """Promote VERSION (MODEL@NUMBER; without a number the newest) to a stage."""
    from modelward.registry import promote as promotion

    model, number = parse_version(version)
    signer = Home.open().signer(key)
    with open_registry(registry) as opened:
        requester = opened.authenticate(signer, "promote", model)
        if dry_run:
            proposed = promotion.candidate(opened, model, number, stage)
            decision, context = promotion.decide(opened, proposed, requester.name)
            result = promotion.Promotion(proposed, decision, sequence=context.request.sequence)
        else:
            result = promotion.promote(opened, model, number, stage, requester)
        if as_json:
            output.answer_json(_json(result, dry_run))
        elif result.stands is None:
            _print(opened, result)
        else:
            release = result.candidate.release
            name = f"{release.model}@{release.version}"
            output.answer(f"{release.stage} already points to {name}, release {result.sequence}")
        return _finish(opened, result, dry_run)


def _print(registry: Registry, result: Promotion) -> None:
    from modelward.core.digest import Digest
    from modelward.render import decision

    release = result.candidate.release
    files = registry.manifest(result.candidate.version.artifact).files
    for line in decision.lines(
        result.decision,
        release.stage,
        Digest.parse(release.artifact),
        files,
        Digest.parse(release.policy),
    ):
        output.answer(line)


def _finish(registry: Registry, result: Promotion, dry_run: bool) -> int:
    """Say what was logged; for a release, write and verify what verifiers will get."""
    release = result.candidate.release
    name = f"{release.model}@{release.version}"
    if dry_run:
        output.note("dry run: nothing was logged or promoted")
        return EXIT_YES if result.decision.allowed else EXIT_NO
    if result.stands is not None:
        output.note("nothing was logged; to release it anew, have it approved anew")
        return _release(registry, result.candidate, name, "still")
    if result.decision_index is None:
        output.note("the log is not consistent: the decision was not logged and nothing was promoted")
        return EXIT_NO
    output.note(f"decision logged as entry {result.decision_index}")
    if result.stage_index is None:
        output.note("nothing was promoted")
        return EXIT_NO
    return _release(registry, result.candidate, name, "now")


def _release(registry: Registry, proposed: Candidate, name: str, since: str) -> int:
    from modelward.cli.acceptance import refusal
    from modelward.registry.status import refresh

    release = proposed.release
    problem: ModelwardError | None
    try:
        refresh(registry)
        problem = refusal(registry, release.model, release.stage)
    except ModelwardError as error:
        problem = error
    if problem is not None:
        output.error(problem)
        output.note(f"{name} is logged for {release.stage}, but verifiers would not accept its bundle yet")
        output.note("once that is mended: modelward registry refresh")
        return EXIT_CANNOT_TELL
    path = registry.layout.release(release.model, release.stage)
    output.note(f"{release.stage} {since} points to {name}; release bundle: {path}")
    return EXIT_YES


def _json(result: Promotion, dry_run: bool) -> dict[str, Any]:
    import msgspec

    return {
        "allowed": result.decision.allowed or result.stands is not None,
        "alreadyCurrent": result.stands is not None,
        "checks": [
            {
                "detail": list(line.outcome.detail),
                "help": line.outcome.help,
                "id": line.id,
                "outcome": line.outcome.status,
            }
            for line in result.decision.lines
        ],
        "decisionEntry": result.decision_index,
        "dryRun": dry_run,
        "mode": result.decision.mode,
        "passed": result.decision.passed,
        "release": msgspec.to_builtins(result.candidate.release),
        "sequence": result.sequence,
        "stageEntry": result.stage_index,
    }
