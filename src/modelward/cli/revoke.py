"""`modelward revoke`: an artifact, dataset, statement, release or key counts no longer."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.cli import output
from modelward.cli.home import Home
from modelward.cli.publish import open_registry, signed
from modelward.core import instant
from modelward.core.counting import counted
from modelward.core.digest import Digest
from modelward.core.errors import UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.registry.local import Registry


@click.command("revoke")
@click.argument("kind", type=click.Choice(["artifact", "statement", "release", "key"]))
@click.argument("digest")
@click.option("--reason", required=True, help="Why; the gate shows it.")
@click.option("--compromised-at", help="For a key: its signatures from then on are worthless (default: all).")
@click.option("--registry", type=click.Path(path_type=Path), help="The registry's directory.")
@click.option("--key", help="The signer's URI (default: your identity).")
def revoke(
    kind: Any, digest: str, reason: str, compromised_at: str | None, registry: Path | None, key: str | None
) -> None:
    """Revoke what has this DIGEST. Revoking a dataset stops every model that was trained on it.

    Administrators may revoke anything; anybody their own statements. The new status and release bundles
    carry it to verifiers at once.
    """
    from modelward.attest.predicates import Revocation
    from modelward.attest.statement import Statement
    from modelward.cli.acceptance import refusal
    from modelward.registry.status import refresh

    # `key show` and `key trust --list` print the id of a key bare.
    subject = Digest.parse(f"sha256:{digest}" if kind == "key" and ":" not in digest else digest)
    if not reason.strip():
        raise UsageError("say why: --reason is empty")
    act = Revocation(
        registry="",
        kind=kind,
        reason=reason,
        compromised_at=None if compromised_at is None else instant.render(instant.parse(compromised_at)),
        issued_at=instant.render(instant.now()),
        nonce=secrets.token_hex(16),
    )
    signer = Home.open().signer(key)
    with open_registry(registry) as opened:
        import msgspec

        statement = Statement.of(
            f"{kind} {subject.short}", subject, msgspec.structs.replace(act, registry=str(opened.pin))
        )
        known = _is_known(opened, kind, subject)
        published = opened.publish([signed(statement, signer)])[0]
        before = {stage for stage in opened.stages() if refusal(opened, stage.model, stage.stage) is None}
        stages = refresh(opened)
        stopped = [stage for stage in stages if stage in before and refusal(opened, stage.model, stage.stage)]
    output.answer(str(published.id))
    output.note(f"revoked {kind} {escape(digest)}: entry {published.index}")
    if not known:
        output.note(f"note: the registry knows no such {kind} yet; check the digest")
    for stage in stopped:
        output.note(
            f"verifiers refuse {stage.model}:{stage.stage} ({stage.model}@{stage.version}) from now on"
        )
    output.note(f"status and {counted(len(stages), 'release bundle')} were issued anew")


def _is_known(registry: Registry, kind: str, subject: Digest) -> bool:
    """Whether anything here has this digest; what is not here yet may be revoked too."""
    if kind == "key":
        return any(key.id == subject.value for key in registry.trust.policy.keys)
    if kind == "statement":
        return registry.statement(subject) is not None
    if kind == "release":
        return any(current.release == str(subject) for current in registry.stages())
    return bool(registry.entries_about(subject, registry.log.size))
