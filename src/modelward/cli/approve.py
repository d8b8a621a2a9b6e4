"""`modelward approve` and `modelward waive`: signed acts of people who had no part in making a version."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelward.cli import output
from modelward.cli.home import Home
from modelward.cli.names import parse_version
from modelward.cli.publish import open_registry, signed
from modelward.core import instant
from modelward.core.errors import InputError, UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.attest.statement import Statement
    from modelward.registry.local import Registry


#: As the waiver's schema asks.
_SHORTEST_REASON = 10


@click.command("approve")
@click.argument("version")
@click.option("--to", "stage", required=True, help="The stage it may enter.")
@click.option("--comment", default="", help="Why.")
@click.option("--valid", default="30d", show_default=True, help="How long the approval holds.")
@click.option("--registry", type=click.Path(path_type=Path), help="The registry's directory.")
@click.option("--key", help="The signer's URI (default: your identity).")
def approve(
    version: str, stage: str, comment: str, valid: str, registry: Path | None, key: str | None
) -> None:
    """Approve VERSION (MODEL@NUMBER) for a stage, as it stands in the evidence now.

    The approval binds artifact, policy and review BOM by digest: anything new that is said about the model or
    its data makes another release, which needs another approval.
    """
    from modelward.attest.predicates import Approval
    from modelward.attest.predicates.acts import release_digest
    from modelward.attest.statement import Statement
    from modelward.registry.promote import candidate

    model, number = parse_version(version)
    signer = Home.open().signer(key)
    with open_registry(registry) as opened:
        approver = opened.authenticate(signer, "approve", model)
        proposed = candidate(opened, model, number, stage)
        now = instant.now()
        approval = Approval(
            release=proposed.release,
            approver=approver.name,
            comment=comment,
            issued_at=instant.render(now),
            expires=instant.render(now + instant.parse_duration(valid)),
            nonce=secrets.token_hex(16),
        )
        name = f"{model}@{proposed.version.version}"
        statement = Statement.of(name, proposed.version.artifact, approval)
        published = opened.publish([signed(statement, signer)])[0]
    output.answer(str(published.id))
    release = release_digest(proposed.release)
    output.note(f"approved {name} for {escape(stage)} by {approver.name}, release {release.short}")
    output.note(f"  artifact  {proposed.version.artifact.short}   review BOM {proposed.bom.digest.short}")
    output.note(f"logged as entry {published.index}; good until {approval.expires}")


@click.command("waive")
@click.argument("version", required=False)
@click.option("--to", "stage", help="The stage.")
@click.option("--rule", help="The check or rule to waive.")
@click.option("--reason", help="Why; at least ten characters.")
@click.option("--valid", default="7d", show_default=True, help="How long; the policy caps it.")
@click.option("--cosign", metavar="STATEMENT", help="Sign a waiver that somebody else made.")
@click.option("--registry", type=click.Path(path_type=Path), help="The registry's directory.")
@click.option("--key", help="The signer's URI (default: your identity).")
def waive(
    version: str | None,
    stage: str | None,
    rule: str | None,
    reason: str | None,
    valid: str,
    cosign: str | None,
    registry: Path | None,
    key: str | None,
) -> None:
    """Give leave from one rule, for one VERSION at one stage, for a while.

    Two people who are not the author must sign the same waiver: the second with --cosign. Signatures,
    revocation, log and the verdict malicious cannot be waived.
    """
    from modelward.attest.predicates import Waiver
    from modelward.core.digest import Digest

    signer = Home.open().signer(key)
    with open_registry(registry) as opened:
        if cosign is not None:
            found = opened.statement(Digest.parse(cosign))
            if found is None or found.statement.predicate_type != Waiver.TYPE:
                raise InputError(f"the log holds no waiver {cosign}")
            if found.key_id == signer.public.id:
                raise UsageError("you have signed this waiver already", help="somebody else must sign it too")
            statement = found.statement
            opened.authenticate(signer, "waive", statement.typed(Waiver).model)
        elif version is None or stage is None or rule is None or reason is None:
            raise UsageError(
                "a waiver names a version, a stage, a rule and a reason",
                help="modelward waive MODEL@N --to STAGE --rule RULE --reason TEXT, or --cosign STATEMENT",
            )
        else:
            statement = _new_waiver(opened, version, stage, rule, (reason, valid))
            opened.authenticate(signer, "waive", parse_version(version)[0])
        published = opened.publish([signed(statement, signer)])[0]
    output.answer(str(published.id))
    output.note(f"logged as entry {published.index}")
    if cosign is None:
        output.note(f"it counts when a second person signs it: modelward waive --cosign {published.id}")


def _new_waiver(opened: Registry, version: str, stage: str, rule: str, why: tuple[str, str]) -> Statement:
    """The statement of a new waiver; `why` is its reason and how long it shall hold."""
    from modelward.attest.predicates import Waiver
    from modelward.attest.statement import Statement

    model, number = parse_version(version)
    reason, valid = why
    policy = opened.policy
    wanted = policy.stage(stage)
    waivable = {check.id: check.waivable for check, _ in wanted.checks} | {r.id: True for r in wanted.rules}
    if not waivable.get(rule, False):
        raise UsageError(
            f"{rule!r} cannot be waived at {stage}",
            help=f"these can: {', '.join(sorted(name for name, ok in waivable.items() if ok))}",
        )
    if len(reason) < _SHORTEST_REASON:
        raise UsageError(f"a reason for a waiver has at least {_SHORTEST_REASON} characters")
    length = instant.parse_duration(valid)
    if length > policy.waiver_max:
        raise UsageError("the policy does not allow a waiver that long", help="pass a shorter --valid")
    registered = opened.version(model, number)
    now = instant.now()
    waiver = Waiver(
        registry=str(opened.pin),
        model=model,
        version=registered.version,
        stage=stage,
        policy=str(policy.digest),
        rule=rule,
        reason=reason,
        issued_at=instant.render(now),
        expires=instant.render(now + length),
        nonce=secrets.token_hex(16),
    )
    return Statement.of(f"{model}@{registered.version}", registered.artifact, waiver)
