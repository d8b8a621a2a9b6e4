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
    from modelward.pipeline.sandbox.job import Confinement, Options
    from modelward.pipeline.step import StepResult
    from modelward.registry.local import Published, Registry

_STDERR = 2
_MAX_SHOWN = 10


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
    "--sandbox",
    type=click.Choice(["auto", "require", "none"]),
    default="auto",
    show_default=True,
    help="Confine the command; `auto` says so where the kernel cannot, `require` then refuses.",
)
@click.option(
    "--allow-net",
    metavar="HOST:PORT",
    multiple=True,
    help="Let the command connect there; otherwise nowhere.",
)
@click.option(
    "--env", "variables", metavar="NAME[=VALUE]", multiple=True, help="Pass a variable on; it is recorded."
)
@click.option(
    "--secret",
    "secrets",
    metavar="NAME",
    multiple=True,
    help="Pass a variable on; only its name is recorded.",
)
@click.option(
    "--limit", "limits", metavar="NAME=AMOUNT", multiple=True, help="memory=16G, time=2h, cpu, processes, …"
)
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
    sandbox: str,
    registry: Path | None,
    key: str | None,
    as_json: bool,
    **given: tuple[str, ...],
) -> int:
    """Run COMMAND as STEP on verified inputs, and sign where its outputs came from.

    An input must be the output of an earlier step, a dataset with a snapshot and custody, or a registered
    version; anything else is refused before the command starts. The command sees its inputs, its code, its
    outputs, a private temporary directory and the system's libraries, and has no network; its environment
    is empty but for a few harmless variables. The exit code is the command's own; if it is not 0, a
    failure is signed and no output.
    """
    from modelward.cli.publish import open_evidence, registry_directory
    from modelward.pipeline import step as steps
    from modelward.pipeline.sandbox.choose import choose
    from modelward.pipeline.sandbox.kernel import refuse_tracing

    named_inputs, named_outputs = _pairs("--in", inputs), _pairs("--out", outputs)
    options = _options(registry_directory(registry), **given)
    confinement = choose(sandbox, options)
    refuse_tracing()
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
            confinement=confinement,
            options=options,
        )
    statements = [*result.statements, *([result.failure] if result.failure else [])]
    published = _publish(statements, registry, signer)
    if as_json:
        output.answer_json(_json(step, result, published, confinement))
    else:
        _say(step, result, published, confinement)
    return result.exit_code


def _options(
    registry: Path,
    *,
    allow_net: tuple[str, ...],
    variables: tuple[str, ...],
    secrets: tuple[str, ...],
    limits: tuple[str, ...],
) -> Options:
    """What the step is given. The registry and the keys stay hidden whatever lies around them."""
    from modelward.pipeline.sandbox import destinations, environment
    from modelward.pipeline.sandbox.job import Options
    from modelward.pipeline.sandbox.limits import Limits

    return Options(
        destinations.parse(allow_net),
        environment.variables(variables),
        environment.secrets(secrets),
        Limits.parse(limits),
        hidden=(registry, Home.open().directory),
    )


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


def _say(step: str, result: StepResult, published: list[Published], confinement: Confinement) -> None:
    """To stderr: standard output is the command's."""
    for item in result.inputs:
        output.note(f"input   {escape(item.name)}  {item.digest.short}  {item.origin}")
    _say_refused(result)
    if result.exit_code:
        why = "ran out of time" if result.outcome.timed_out else "failed"
        output.note(f"step {escape(step)} {why} with exit code {result.exit_code}; no output was signed")
        for entry in published:
            output.note(f"failure  statement {entry.id.short}, log entry {entry.index}")
        for path in result.set_aside:
            output.note(f"the earlier output is kept at {escape(str(path))}")
        return
    for (name, digest), entry in zip(result.outputs.items(), published, strict=True):
        output.note(f"output  {escape(name)}  {digest}  provenance {entry.id.short}, log entry {entry.index}")
    for material in result.outcome.materials:
        files = material.annotations.get("files", 0)
        output.note(
            f"base    {files} files of system and interpreter  sha256:{material.digest['sha256'][:4]}…"
        )
    if result.outcome.left:
        output.note(f"killed  {result.outcome.left} processes that outlived the command")
    for stray in result.outcome.discarded[:_MAX_SHOWN]:
        output.note(f"thrown away: {escape(stray)} (not a declared output)")
    output.note(confinement.words)


def _say_refused(result: StepResult) -> None:
    from modelward.pipeline.provenance import refused

    paths = refused(result.outcome)
    for path in paths[:_MAX_SHOWN]:
        output.note(f"refused  {escape(path)}: not declared (--in for data, --code for code)")
    if len(paths) > _MAX_SHOWN:
        output.note(f"refused  {len(paths) - _MAX_SHOWN} more")


def _json(
    step: str, result: StepResult, published: list[Published], confinement: Confinement
) -> dict[str, Any]:
    from modelward.pipeline.provenance import refused

    entries = dict(zip(result.outputs, published, strict=True)) if not result.exit_code else {}
    grade = result.outcome.recorded.get("grade", confinement.grade)
    failure = published[0] if result.exit_code and published else None
    return {
        "step": step,
        "exitCode": result.exit_code,
        "enforced": grade == "enforced",
        "grade": grade,
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
        "failure": {"statement": str(failure.id), "index": failure.index} if failure else None,
        "refused": refused(result.outcome),
        "discarded": list(result.outcome.discarded),
        "killed": result.outcome.left,
        "setAside": [str(path) for path in result.set_aside],
    }
