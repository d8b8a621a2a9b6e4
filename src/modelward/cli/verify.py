"""`modelward verify`: is this the tree that was released, and does its release still hold?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.cli import output
from modelward.cli.home import Home
from modelward.cli.names import parse_place
from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.errors import InputError, UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.attest.predicates import VerificationSummary
    from modelward.deploy.verify import Verified
    from modelward.gate.evidence import Evidence
    from modelward.gate.release_bundle import ReleaseBundle

#: Pins for every user of this machine, besides those in MODELWARD_HOME.
SYSTEM_ROOTS = Path("/etc/modelward/root.toml")


@click.command("verify")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--for", "place", metavar="MODEL:STAGE", help="What PATH is to serve as.")
@click.option(
    "--bundle", type=click.Path(path_type=Path), help="The release bundle (default: the registry's)."
)
@click.option("--registry", type=click.Path(path_type=Path), help="A registry's directory, for its bundle.")
@click.option("--root", help="The pinned identity of the registry: sha256:HEX, or its pinned name.")
@click.option("--recheck", is_flag=True, help="Rerun the gate on the bundled evidence.")
@click.option("--require-state", is_flag=True, help="Refuse when nothing is remembered of this registry yet.")
@click.option("--require-gated", is_flag=True, help="Refuse releases of a policy that only observes.")
@click.option("--allow-links", is_flag=True, help="Accept links inside PATH.")
@click.option("--state", type=click.Path(path_type=Path), help="Where to remember (default: MODELWARD_HOME).")
@click.option("--signature", type=click.Path(path_type=Path), help="Check an OMS signature file instead.")
@click.option("--key", "keys", multiple=True, help="With --signature: a public key to accept.")
@click.option("--allow-ignored", is_flag=True, help="With --signature: accept files that it leaves out.")
@click.option(
    "--authority",
    "authorities",
    multiple=True,
    type=click.Path(path_type=Path),
    help="With --signature: PEM certificates of a timestamp authority to trust.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(path: Path, place: str | None, signature: Path | None, **options: Any) -> int:
    """Verify that the directory PATH is the current release of MODEL:STAGE, offline.

    Trust starts from a pinned registry identity (modelward key root --pin), never from the bundle.
    Exit codes: 0 verified; 1 rejected; 2 something is missing, stale or over a limit.
    """
    if signature is not None:
        from modelward.cli.verify_signature import SignatureChecks, verify_signature

        checks = SignatureChecks(options["allow_ignored"], options["authorities"], options["as_json"])
        return verify_signature(path, signature, options["keys"], checks)
    if place is None:
        raise UsageError("say what it is to serve as", help="modelward verify PATH --for MODEL:STAGE")
    model, stage = parse_place(place)
    return _verify_release(path, model, stage, options)


def _verify_release(path: Path, model: str, stage: str, options: dict[str, Any]) -> int:
    from modelward.cli.progress import progress
    from modelward.deploy import state as kept_state
    from modelward.deploy.release import read_bundle
    from modelward.deploy.verify import Question, step, verify_release

    home = Home.open()
    bundle, pin = _bundle_and_pin(home, model, stage, options)
    place = options["state"] or home.state_directory / f"{pin.value}.json"
    kept = kept_state.read(place)
    question = Question(
        model,
        stage,
        pin,
        path,
        instant.now(),
        kept,
        options["require_state"],
        options["require_gated"],
        options["allow_links"],
        progress(f"verifying {path}"),
    )
    data = read_bundle(bundle)
    try:
        verified = verify_release(data, question, _recheck if options["recheck"] else None)
    except InputError as error:
        if error.where == "step 1 (parse)":
            error.where += f": {bundle}"
        raise
    with step(13, "state"):
        mine = kept_state.write(place, verified.state)
    if options["as_json"]:
        output.answer_json(_json(verified))
    else:
        _print(verified, first=kept is None, rechecked=options["recheck"])
    if not mine:
        output.note(f"not remembered: {escape(str(place))} is another user's, and was only read")
    return 0


def _bundle_and_pin(home: Home, model: str, stage: str, options: dict[str, Any]) -> tuple[Path, Digest]:
    """The bundle's file, and the pin: from --root, or kept under the registry's name."""
    from modelward.cli.config import load_config

    bundle: Path | None = options["bundle"]
    directory = options["registry"] or (load_config().registry if bundle is None else None)
    if bundle is None:
        if directory is None:
            raise UsageError("no release bundle is named", help="pass --bundle FILE or --registry DIR")
        from modelward.registry.layout import Layout

        bundle = Layout(directory).release(model, stage)
    pins = _pins(home)
    root = options["root"]
    if root is not None:
        if root not in pins and ":" not in root:
            raise UsageError(f"no registry is pinned as {root!r}", help="pass --root sha256:HEX, or pin it")
        return bundle, pins[root] if root in pins else Digest.parse(root)
    if directory is not None:
        from modelward.cli.publish import pin_of

        return bundle, pin_of(home, directory)
    if not pins:
        raise UsageError(
            "no registry is pinned",
            help="ask its owner for the identity, then: modelward key root --pin sha256:… --name NAME",
        )
    if len(set(pins.values())) != 1:
        raise UsageError(
            f"{len(pins)} registries are pinned, so it is not clear which is meant",
            help="pass --root sha256:HEX or --root NAME",
        )
    return bundle, next(iter(pins.values()))


def _pins(home: Home) -> dict[str, Digest]:
    system = Home(SYSTEM_ROOTS.parent).roots(SYSTEM_ROOTS.name)
    return system | home.roots()


def _recheck(bundle: ReleaseBundle, summary: VerificationSummary, evidence: Evidence) -> None:
    from modelward.bom.review import ReviewBom
    from modelward.gate.policy import Policy
    from modelward.gate.recheck import recheck

    recheck(Policy.parse(bundle.policy), summary, evidence, ReviewBom(bundle.bom))


def _print(verified: Verified, *, first: bool, rechecked: bool) -> None:
    release = verified.release
    gated = "" if verified.gated else " (ungated)"
    name = f"{escape(release.model)}@{release.version}"
    output.answer(f"VERIFIED{gated}: {name} may run in {escape(release.stage)}")
    files = verified.manifest.files
    output.answer(f"  bytes      {files} of {files} files match the manifest, none extra")
    if verified.author is not None:
        signer = verified.author
        output.answer(f"  signature  {escape(signer.principal.name)}, {signer.public_key.label}")
    output.answer(f"  decision   {_decision(verified, rechecked)}")
    witnesses = len(verified.witnesses)
    cosigned = f"cosigned by {witnesses} witnesses" if witnesses else "local, unwitnessed"
    output.answer(
        f"  log        entry {verified.stage_index} is in checkpoint {verified.checkpoint.size}, {cosigned}"
    )
    output.answer(f"  status     {_status(verified)}")
    if not verified.gated:
        failed = [check.id for check in verified.summary.checks if check.outcome in ("fail", "not-evaluated")]
        output.answer(
            f"  ungated    the policy only observes; it would deny for {', '.join(failed) or 'nothing'}"
        )
    if first:
        output.note("rollback bounded by status expiry: nothing was remembered of this registry before")
    output.note("not checked: licence, model quality")


def _decision(verified: Verified, rechecked: bool) -> str:
    when = verified.summary.time_verified.replace("T", " ").replace(":00Z", " UTC").replace("Z", " UTC")
    again = ", and again by this verifier from the evidence" if rechecked else ""
    waived = [check.id for check in verified.summary.checks if check.outcome == "waived"]
    by_waiver = f", waiving {', '.join(waived)}" if waived else ""
    return f"allowed {when} by gate {escape(verified.release.stage)}{by_waiver}{again}"


def _status(verified: Verified) -> str:
    issued = instant.parse(verified.status.issued_at)
    expires = instant.parse(verified.status.expires)
    revoked = len(verified.status.revocations)
    nothing = "nothing revoked" if not revoked else f"none of {revoked} revocations concerns it"
    age = _minutes((verified.now - issued).total_seconds())
    return (
        f"sequence {verified.stage.sequence} is current, {nothing};"
        f" issued {age} ago, good for {_minutes((expires - verified.now).total_seconds())}"
    )


def _minutes(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 120:
        return f"{minutes} minute{'' if minutes == 1 else 's'}"
    return f"{minutes // 60} hours" if minutes < 2880 else f"{minutes // 1440} days"


def _json(verified: Verified) -> dict[str, Any]:
    import msgspec

    return {
        "checkpointSize": verified.checkpoint.size,
        "files": verified.manifest.files,
        "gated": verified.gated,
        "release": msgspec.to_builtins(verified.release),
        "sequence": verified.stage.sequence,
        "statusExpires": verified.status.expires,
        "verified": True,
        "witnesses": list(verified.witnesses),
    }
