"""`modelward run`: one step of the pipeline, with signed provenance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.cli import output
from modelward.cli.home import Home
from modelward.core.errors import Rejected, UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modelward.attest.keys.signer import Signer
    from modelward.attest.statement import Statement
    from modelward.pipeline.step import StepResult
    from modelward.registry.local import Published, Registry

_STDERR = 2


@click.command("run")
@click.argument("step", metavar="STEP")
@click.argument("command", metavar="-- COMMAND [ARGUMENT]...", nargs=-1, type=click.UNPROCESSED)
@click.option(
    "--in", "inputs", metavar="NAME=PATH", multiple=True, help="An input, whose origin is recorded."
)
@click.option(
    "--out", "outputs", metavar="NAME=PATH", multiple=True, help="An output: a file or a directory."
)
@click.option(
    "--code",
    metavar="PATH",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Code the step uses. Files named in the command are recorded anyway.",
)
@click.option("--overwrite", is_flag=True, help="Let outputs replace what is there.")
@click.option(
    "--registry",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The registry to ask and to publish to.",
)
@click.option("--key", metavar="URI", help="The signer (default: yours).")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object; the command's output goes to stderr."
)
def run(
    step: str,
    command: tuple[str, ...],
    inputs: tuple[str, ...],
    outputs: tuple[str, ...],
    code: tuple[Path, ...],
    overwrite: bool,
    registry: Path | None,
    key: str | None,
    as_json: bool,
) -> int:
    """Run COMMAND as STEP on verified inputs, and sign where its outputs came from.

    An input must be the output of an earlier step, a dataset with a snapshot and custody, or a registered
    version; anything else is refused before the command starts. The exit code is the command's own; if it
    is not 0, nothing is signed. Nothing confines the command in this version: what it reads besides its
    inputs is not known.
    """
    from modelward.cli.publish import open_evidence
    from modelward.pipeline import step as steps

    named_inputs, named_outputs = _pairs("--in", inputs), _pairs("--out", outputs)
    with open_evidence(registry) as evidence:
        signer = _signer(evidence, key)
        result = steps.run(
            step,
            command,
            named_inputs,
            named_outputs,
            code,
            evidence,
            overwrite=overwrite,
            stdout=_STDERR if as_json else None,
        )
    published = _publish(result.statements, registry, signer)
    if as_json:
        output.answer_json(_json(step, result, published))
    else:
        _say(step, result, published)
    return result.exit_code


def _signer(registry: Registry, key: str | None) -> Signer:
    """The user's signer, if it may sign provenance: known before hours of training, not after."""
    from modelward.attest.predicates import Provenance

    signer = Home.open().signer(key)
    trusted = registry.trust.key(signer.public.id)
    if not registry.trust.may_sign(trusted, Provenance.TYPE):
        raise Rejected(
            f"{trusted.principal} ({', '.join(trusted.roles)}) may not sign provenance",
            help="a root key grants the role trainer with modelward key trust",
        )
    return signer


def _publish(statements: Sequence[Statement], registry: Path | None, signer: Signer) -> list[Published]:
    """Sign all, then publish all: either every output has its provenance, or none."""
    from modelward.cli.publish import open_registry, signed

    if not statements:
        return []
    with open_registry(registry) as opened:
        return opened.publish([signed(statement, signer) for statement in statements])


def _pairs(option: str, given: tuple[str, ...]) -> dict[str, Path]:
    pairs: dict[str, Path] = {}
    for text in given:
        name, equals, path = text.partition("=")
        if not (name and equals and path):
            raise UsageError(
                f"{option} {text!r} is not NAME=PATH", help=f"for example {option} data=train.csv"
            )
        if name in pairs:
            raise UsageError(f"{option} {name} is given twice", help="give each its own name")
        pairs[name] = Path(path)
    return pairs


def _say(step: str, result: StepResult, published: list[Published]) -> None:
    """To stderr: standard output is the command's."""
    for item in result.inputs:
        output.note(f"input   {escape(item.name)}  {item.digest.short}  {item.origin}")
    if result.exit_code:
        output.note(f"step {escape(step)} failed with exit code {result.exit_code}; nothing was signed")
        for path in result.set_aside:
            output.note(f"the earlier output is kept at {escape(str(path))}")
        return
    for (name, digest), entry in zip(result.outputs.items(), published, strict=True):
        output.note(f"output  {escape(name)}  {digest}  provenance {entry.id.short}, log entry {entry.index}")
    output.note("not enforced: no sandbox; inputs and code are declared, digests observed")


def _json(step: str, result: StepResult, published: list[Published]) -> dict[str, Any]:
    entries = dict(zip(result.outputs, published, strict=True)) if published else {}
    return {
        "step": step,
        "exitCode": result.exit_code,
        "enforced": False,
        "inputs": [
            {"name": item.name, "digest": str(item.digest), "origin": item.origin} for item in result.inputs
        ],
        "outputs": [
            {
                "name": name,
                "digest": str(result.outputs[name]),
                "statement": str(entry.id),
                "index": entry.index,
            }
            for name, entry in entries.items()
        ],
        "setAside": [str(path) for path in result.set_aside],
    }
