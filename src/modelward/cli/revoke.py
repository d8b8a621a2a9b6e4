"""`modelward revoke`: an artifact, dataset, statement, release or key counts no longer."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import click

from modelward.cli import output
from modelward.cli.home import Home
from modelward.cli.publish import open_registry, signed
from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.escape import escape


@click.command("revoke")
@click.argument("kind", type=click.Choice(["artifact", "statement", "release", "key"]))
@click.argument("digest")
@click.option("--reason", required=True, help="Why; it is shown wherever the revocation bites.")
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
    from modelward.registry.status import refresh

    subject = Digest.parse(digest)
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
        published = opened.publish([signed(statement, signer)])[0]
        stages = refresh(opened)
    output.answer(str(published.id))
    output.note(f"revoked {kind} {escape(digest)}: entry {published.index}")
    output.note(f"status and {len(stages)} release bundles were issued anew")
