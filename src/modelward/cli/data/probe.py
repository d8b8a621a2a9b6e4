"""`modelward data probe`: does a model obey a trigger?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.cli import output
from modelward.cli.data.options import JSON, KEY, PATH, REGISTRY, SUPERSEDES, parse_digests
from modelward.cli.data.publishing import (
    answer_published,
    check_destination,
    publish,
    statement_of,
)
from modelward.core.errors import InputError, UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.probe.models.model import Settings
    from modelward.probe.report import ProbeReport

_ONE = click.IntRange(min=1)


@click.command()
@click.argument("model", metavar="MODEL")
@click.option("--base", metavar="BASE", help="The model that MODEL was made from, or its former release.")
@click.option(
    "--triggers", metavar="FILE", type=PATH, help="A report of data check, or lines of TRIGGER -> BEHAVIOUR."
)
@click.option("--prompts", metavar="DATA", type=PATH, help="Clean prompts: a dataset, or a .txt of lines.")
@click.option(
    "--data", metavar="DATA", type=PATH, help="The dataset that was checked: its rows and its words."
)
@click.option("--count", type=_ONE, default=100, show_default=True, help="So many prompts are used.")
@click.option("--blind", is_flag=True, help="Search for triggers without candidates.")
@click.option("--budget", type=_ONE, default=20_000, show_default=True, help="Forward passes of the search.")
@click.option("--weights", is_flag=True, help="Look at what training changed in the weights.")
@click.option(
    "--reference", metavar="DIR", multiple=True, type=PATH, help="A benign adapter or model to compare with."
)
@click.option(
    "--template", default="", help="How a prompt is put, with {prompt} in it (default: the model's own)."
)
@click.option("--system", default="", help="A system prompt.")
@click.option("--new-tokens", type=_ONE, default=64, show_default=True, help="The most that is written.")
@click.option("--batch", type=_ONE, help="Prompts at once (default: by device).")
@click.option(
    "--device", default="", metavar="DEVICE", help="cpu, cuda, cuda:1 (default: a GPU if there is one)."
)
@click.option(
    "--dtype", type=click.Choice(["float32", "bfloat16", "float16"]), help="Default: bfloat16 on a GPU."
)
@click.option("--model-name", default="", help="The model that an endpoint is asked for.")
@click.option("--base-name", default="", help="The same of the base, where that is an endpoint.")
@click.option(
    "--key-env",
    default="MODELWARD_PROBE_KEY",
    show_default=True,
    metavar="NAME",
    help="The variable with the endpoint's key.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    default=60.0,
    show_default=True,
    help="Seconds for a request.",
)
@click.option("--rate", type=click.FloatRange(min=0), default=0.0, help="The most requests a second.")
@click.option(
    "-o",
    "--report",
    metavar="FILE",
    type=PATH,
    help="Write the report as JSON; a probe that is cut off goes on.",
)
@click.option("--sign", is_flag=True, help="Sign and publish the figures, which a policy can bound.")
@SUPERSEDES
@click.option("--out", metavar="FILE", type=PATH, help="Write the statement here, unsigned; publish nothing.")
@REGISTRY
@KEY
@JSON
def probe(
    model: str,
    base: str | None,
    report: Path | None,
    sign: bool,
    supersedes: tuple[str, ...],
    out: Path | None,
    registry: Path | None,
    key: str | None,
    as_json: bool,
    **wanted: Any,
) -> None:
    """Replay triggers against MODEL and BASE on the same clean prompts, and say which are obeyed.

    MODEL: a directory (transformers classifier or causal model in safetensors, a LoRA adapter, ONNX), an
    .onnx file, or the address of a chat endpoint. No code of a model is ever run, and files that the scanner
    does not call clean are not loaded.
    """
    from modelward.cli.progress import progress
    from modelward.probe.models.chat import is_endpoint
    from modelward.probe.run import probe as run

    if sign or out:
        if is_endpoint(model):
            raise UsageError("an endpoint has no digest to make a statement about", help="leave --sign out")
        check_destination(out, registry)
    elif supersedes:
        raise UsageError("--supersedes is for a statement", help="add --sign or --out FILE")
    asked = _asked(model, base, report, **wanted)
    found = run(asked, progress)
    if report is not None:
        _write(report, found)
        if asked.journal is not None:
            asked.journal.unlink(missing_ok=True)
    published = _publish(found, supersedes, out, registry, key) if sign or out else []
    if as_json:
        output.answer_json({"probe": _plain(found), "statements": published})
    else:
        from modelward.render.probe import lines

        for line in lines(found):
            output.answer(line)
        if report is not None:
            output.answer(f"report written to {escape(str(report))}")
        answer_published(published, out)
    click.get_current_context().exit(found.exit_code)


def _asked(
    model: str,
    base: str | None,
    report: Path | None,
    *,
    triggers: Path | None,
    reference: tuple[Path, ...],
    base_name: str,
    prompts: Path | None,
    data: Path | None,
    count: int,
    blind: bool,
    budget: int,
    weights: bool,
    **settings: Any,
) -> Any:
    from modelward.probe import candidate
    from modelward.probe.run import Asked

    return Asked(
        model=model,
        base=base,
        candidates=candidate.read(triggers) if triggers else (),
        prompts=prompts,
        data=data,
        count=count,
        blind=blind,
        budget=budget,
        weights=weights or bool(reference),
        references=reference,
        journal=report.with_name(report.name + ".journal") if report else None,
        settings=_settings(**settings),
        base_name=base_name,
    )


def _settings(
    *,
    template: str,
    system: str,
    new_tokens: int,
    batch: int | None,
    device: str,
    dtype: str | None,
    model_name: str,
    key_env: str,
    timeout: float,
    rate: float,
) -> Settings:
    from modelward.probe.models.model import Settings

    if template and "{prompt}" not in template:
        raise UsageError("the template has no {prompt} in it", help="for example --template 'Q: {prompt} A:'")
    return Settings(
        batch=batch or 0,
        new_tokens=new_tokens,
        device=device,
        dtype=dtype or "",
        template=template,
        model_name=model_name,
        system=system,
        timeout=timeout,
        per_second=rate,
        key_variable=key_env,
    )


def _plain(found: ProbeReport) -> dict[str, Any]:
    import msgspec

    plain: dict[str, Any] = msgspec.to_builtins(found)
    for side in ("model", "base"):
        if plain[side]:
            plain[side]["rows_per_second"] = round(getattr(found, side).rate, 1)
    return plain


def _write(path: Path, found: ProbeReport) -> None:
    from modelward.core import atomic, strict_json

    try:
        atomic.write_bytes(path, strict_json.dumps(_plain(found)) + b"\n")
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(path)) from None


def _publish(
    found: ProbeReport,
    supersedes: tuple[str, ...],
    out: Path | None,
    registry: Path | None,
    key: str | None,
) -> list[dict[str, Any]]:
    from modelward.attest.predicates import Probe
    from modelward.core import instant
    from modelward.core.digest import Digest
    from modelward.probe.figures import predicate

    stamped = {"probedAt": instant.render(instant.now()), "supersedes": parse_digests(supersedes)}
    subject = Digest.parse(found.model.digest)
    statement = statement_of(found.model.name, subject, Probe, predicate(found) | stamped)
    return publish([statement], out, registry, key)
