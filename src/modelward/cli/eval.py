"""`modelward eval`: metrics, bound to the model, the data and the harness."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelward.cli import output
from modelward.core.errors import UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.core.digest import Digest
    from modelward.registry.local import Registry

_FILE = click.Path(path_type=Path)


@click.command("eval")
@click.argument("model", metavar="MODEL")
@click.option("--data", metavar="PATH", required=True, type=_FILE, help="The evaluation data.")
@click.option("--harness", metavar="PATH", required=True, type=_FILE, help="The program that measured.")
@click.option("--metrics", metavar="FILE", required=True, type=_FILE, help="JSON: an object of numbers.")
@click.option("--report", metavar="FILE", type=_FILE, help="The full report (default: the metrics file).")
@click.option("--notes", default="", help="What a reviewer should know.")
@click.option(
    "--supersedes", metavar="ID", multiple=True, help="An evaluation that this one replaces, sha256:HEX."
)
@click.option(
    "--registry",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The registry to ask and to publish to.",
)
@click.option("--key", metavar="URI", help="The signer (default: yours).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def evaluate(
    model: str,
    data: Path,
    harness: Path,
    metrics: Path,
    report: Path | None,
    notes: str,
    supersedes: tuple[str, ...],
    registry: Path | None,
    key: str | None,
    as_json: bool,
) -> None:
    """Sign what a harness measured on MODEL: a file, a directory, or NAME@VERSION.

    The data must have a snapshot and custody, and no part in the training of MODEL. The harness is not run
    here: the metrics are the signer's word, bound by digest to model, data, harness and report.
    """
    from modelward.cli.publish import open_evidence, publish
    from modelward.core.digest import Digest
    from modelward.pipeline import evaluation

    with open_evidence(registry) as evidence:
        subject = _subject(model, evidence)
        result = evaluation.evaluate(
            subject,
            data,
            harness,
            metrics,
            evidence,
            report=report,
            notes=notes,
            supersedes=[Digest.parse(text) for text in supersedes],
        )
    entry = publish(result.statement, registry=registry, key=key)
    if as_json:
        output.answer_json(
            {
                "model": str(subject[1]),
                "metrics": result.metrics,
                "statement": str(entry.id),
                "index": entry.index,
                "provenanceKnown": result.provenance_known,
            }
        )
        return
    output.answer(f"evaluation of {escape(subject[0])} ({subject[1]})")
    width = max(len(name) for name in result.metrics)
    for name, value in sorted(result.metrics.items()):
        output.answer(f"  {name:<{width}}  {value:.6g}")
    output.answer(f"statement {entry.id}, log entry {entry.index}")
    if not result.provenance_known:
        output.note("not checked: nothing tells what the model was trained on, so data may have leaked")
    output.note("not enforced: the harness was not run here; the metrics are the signer's word")


def _subject(model: str, registry: Registry) -> tuple[str, Digest]:
    """A path if there is one, else NAME@VERSION in the registry."""
    from modelward.artifact.hashing import digest_of

    path = Path(model)
    if path.exists():
        return path.resolve().name, digest_of(path)
    name, at, number = model.partition("@")
    if not at or not number.isdecimal() or len(number) > 9:
        raise UsageError("no such file, and not NAME@VERSION", where=model, help="for example fraud-scorer@7")
    return name, registry.version(name, int(number)).artifact
