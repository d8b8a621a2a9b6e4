"""`modelward registry`: look at a registry, import models, change its policy, keep it going."""

from __future__ import annotations

from pathlib import Path

import click

from modelward.cli import output
from modelward.cli.home import checked_name
from modelward.cli.publish import open_registry
from modelward.core.counting import counted
from modelward.core.errors import EXIT_NO, EXIT_YES, InputError
from modelward.core.escape import escape

_registry_option = click.option(
    "--registry", type=click.Path(path_type=Path), help="The registry's directory."
)


@click.group("registry")
def registry() -> None:
    """Look at a registry, import models, change its policy, keep it going."""


@registry.command("show")
@click.argument("model", required=False)
@_registry_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(model: str | None, registry: Path | None, as_json: bool) -> None:
    """Show versions and stages, of all models or of one."""
    from modelward.cli.acceptance import refusal

    with open_registry(registry) as opened:
        if model is not None:
            opened.version(model)  # raises for one that nobody registered
        versions = opened.versions(model)
        stages = [stage for stage in opened.stages() if model in (None, stage.model)]
        name, pin, size = opened.settings.name, opened.pin, opened.log.size
        consistent = opened.log_view.consistent
        refused = {stage: refusal(opened, stage.model, stage.stage) for stage in stages}
    if as_json:
        import msgspec

        output.answer_json(
            {
                "consistent": consistent,
                "identity": str(pin),
                "logSize": size,
                "name": name,
                "stages": [
                    msgspec.to_builtins(stage) | {"refused": None if problem is None else str(problem)}
                    for stage, problem in refused.items()
                ],
                "versions": [
                    {
                        "artifact": str(version.artifact),
                        "author": version.author,
                        "model": version.model,
                        "origin": version.origin,
                        "version": version.version,
                    }
                    for version in versions
                ],
            }
        )
        return
    state = "local, unwitnessed" if consistent else "NOT CONSISTENT with an earlier checkpoint"
    output.answer(f"registry {name}, {size} log entries, {state}")
    for version in versions:
        at = [
            f"{stage.stage} (release {stage.sequence}{'' if refused[stage] is None else ', NOT accepted'})"
            for stage in stages
            if (stage.model, stage.version) == (version.model, version.version)
        ]
        imported = ", imported" if version.origin == "imported" else ""
        output.answer(
            f"  {version.model}@{version.version}  {version.artifact.short}  by {version.author}{imported}"
            + (f"  -> {', '.join(at)}" if at else "")
        )
    for stage, problem in refused.items():
        if problem is not None:
            output.answer(f"verifiers refuse {stage.model}:{stage.stage}: {escape(str(problem))}")


@registry.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--model", required=True, help="The model's name.")
@click.option("--description", default="", help="What is known of it.")
@_registry_option
@click.option("--key", help="The signer's URI (default: your identity).")
def import_(path: Path, model: str, description: str, registry: Path | None, key: str | None) -> None:
    """Register a model that exists already: everything about its making is only declared.

    What the gate would say of it: modelward promote MODEL --to production --dry-run.
    """
    from modelward.cli.push import register

    with open_registry(registry) as opened:
        number, entry = register(opened, path, checked_name(model), description, key, "imported")
    output.answer(f"{model}@{number}")
    output.note("already registered" if entry is None else f"imported as declared, logged as entry {entry}")


@registry.command("attach")
@click.argument("bundle", type=click.Path(path_type=Path))
@_registry_option
def attach(bundle: Path, registry: Path | None) -> None:
    """Log a statement that was signed elsewhere (a Sigstore bundle), if its signer may make it."""
    from modelward.attest.bundle import MAX_BUNDLE_BYTES, Bundle

    try:
        with bundle.open("rb") as stream:
            data = stream.read(MAX_BUNDLE_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(bundle)) from error
    try:
        signed = Bundle.from_bytes(data)
    except InputError as error:
        error.where = str(bundle)
        raise
    with open_registry(registry) as opened:
        published = opened.publish([signed])[0]
    output.answer(str(published.id))
    output.note(f"logged as entry {published.index}")


@registry.command("freeze")
@click.argument("model", required=False)
@click.option("--reason", required=True, help="Why; who tries to promote is told.")
@_registry_option
@click.option("--key", help="The signer's URI (default: your identity).")
def freeze(model: str | None, reason: str, registry: Path | None, key: str | None) -> None:
    """Stop all promotions of a model, or of every model. What is released stays released."""
    _freeze(model, reason, registry, key, frozen=True)


@registry.command("unfreeze")
@click.argument("model", required=False)
@click.option("--reason", required=True, help="Why.")
@_registry_option
@click.option("--key", help="The signer's URI (default: your identity).")
def unfreeze(model: str | None, reason: str, registry: Path | None, key: str | None) -> None:
    """Allow promotions again. A freeze of every model is ended for every model at once."""
    _freeze(model, reason, registry, key, frozen=False)


def _freeze(model: str | None, reason: str, named: Path | None, key: str | None, *, frozen: bool) -> None:
    import secrets

    from modelward.attest.predicates import Freeze
    from modelward.attest.statement import Statement
    from modelward.cli.home import Home
    from modelward.cli.publish import signed
    from modelward.core import instant

    signer = Home.open().signer(key)
    with open_registry(named) as opened:
        if model is not None:
            opened.version(model)  # raises for one that nobody registered
        opened.authenticate(signer, "freeze", model or "*")
        act = Freeze(
            registry=str(opened.pin),
            model=model,
            frozen=frozen,
            reason=reason,
            issued_at=instant.render(instant.now()),
            nonce=secrets.token_hex(16),
        )
        statement = Statement.of(opened.settings.name, opened.pin, act)
        published = opened.publish([signed(statement, signer)])[0]
    output.answer(str(published.id))
    what = "every model" if model is None else model
    output.note(
        f"promotions of {what} are {'frozen' if frozen else 'allowed again'}: entry {published.index}"
    )


@registry.command("policy")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@_registry_option
@click.option("--root-key", "root_keys", multiple=True, help="A root signer's URI (default: yours).")
@click.option("--out", type=click.Path(path_type=Path), help="Where a proposal goes that others must sign.")
def policy(file: Path | None, registry: Path | None, root_keys: tuple[str, ...], out: Path | None) -> None:
    """Print the gate policy, or put FILE in its place: a new version of the trust policy, signed by root."""
    from modelward.attest.trust_edit import with_gate_policy
    from modelward.cli.trust_change import TrustChange
    from modelward.core import atomic
    from modelward.gate.policy import MAX_BYTES, Policy

    with open_registry(registry) as opened:
        if file is None:
            output.answer(opened.policy_bytes().decode("utf-8"))
            return
        try:
            with file.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=str(file)) from error
        parsed = Policy.parse(data, where=str(file))
        atomic.write_bytes(opened.layout.policy(parsed.digest), data)
    TrustChange.open(registry).make([with_gate_policy(parsed.digest)], root_keys, out)
    output.note(f"gate policy {parsed.name}, {parsed.digest}")


@registry.command("refresh")
@_registry_option
def refresh(registry: Path | None) -> None:
    """Issue a new status and all release bundles: run it more often than the policy's status-valid."""
    from modelward.registry.status import refresh as issue

    with open_registry(registry) as opened:
        stages = issue(opened)
        place = opened.layout.releases
    for stage in stages:
        output.answer(f"{stage.model}:{stage.stage}  release {stage.sequence}, {stage.model}@{stage.version}")
    output.note(f"status issued; {counted(len(stages), 'release bundle')} in {escape(str(place))}")


@registry.command("replay")
@_registry_option
def replay(registry: Path | None) -> int:
    """Rebuild the tables from the log, and tell every row that was not what the log says."""
    from modelward.registry.replay import replay as rebuild

    with open_registry(registry) as opened:
        differences = rebuild(opened)
        size = opened.log.size
    for line in differences:
        output.answer(escape(line))
    if differences:
        output.note(f"the tables were not what {size} log entries say; they are now")
        return EXIT_NO
    output.answer(f"equal: the tables are what {size} log entries say")
    return EXIT_YES


@registry.command("export")
@click.argument("place", metavar="MODEL:STAGE")
@click.option("--out", type=click.Path(path_type=Path), help="Write the bundle here (default: stdout).")
@click.option(
    "--since", type=click.IntRange(min=0), help="Prove that the log continues this many entries, seen before."
)
@_registry_option
def export(place: str, out: Path | None, since: int | None, registry: Path | None) -> None:
    """Write the release bundle of a stage, with a fresh status, for verifiers elsewhere."""
    from modelward.cli.names import parse_place
    from modelward.core import atomic
    from modelward.registry import status

    model, stage = parse_place(place)
    with open_registry(registry) as opened, opened.exclusive():
        opened.sync()
        current = opened.current(model, stage)
        if current is None:
            raise InputError(f"nothing was promoted to {place} yet")
        if since is not None and since > opened.log.size:
            raise InputError(f"the log has only {opened.log.size} entries", help="modelward log audit")
        data = status.export(opened, current, status.issue(opened), since).to_bytes()
    if out is None:
        output.answer(data.decode("utf-8"))
    else:
        atomic.write_bytes(out, data)
        output.note(f"wrote {escape(str(out))}: release {current.sequence} of {place}")
