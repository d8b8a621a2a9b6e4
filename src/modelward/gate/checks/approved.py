"""approved: enough people who had no part in making the release said yes to exactly this release.

An approval counts when it binds the exact release (registry, model, version, artifact, stage, policy and
BOM), is in force, was not used for an earlier promotion, names its signer as approver, and the signer is
neither author, trainer, data contributor nor evaluator, whether what they signed still counts or not.
Distinct people are counted, and distinct keys: one person under two names counts once.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from modelward.attest.predicates import Approval, Stage
from modelward.attest.predicates.acts import release_digest
from modelward.attest.trust_rules import same
from modelward.core import instant
from modelward.gate.checks.options import Options
from modelward.gate.checks.wording import refused_lines
from modelward.gate.context import Check, Context, Outcome
from modelward.gate.evidence import Typed


class ApprovedOptions(Options, frozen=True, kw_only=True):
    """How many people must approve."""

    count: Annotated[int, msgspec.Meta(ge=1)] = 1


def run(context: Context, options: ApprovedOptions) -> Outcome:
    """Count the approvals."""
    interested = context.interested()
    people: dict[str, str] = {}
    keys: set[str] = set()
    left_out: list[str] = []
    for found in context.evidence.about(context.request.artifact, Approval):
        signer = found.verified.principal
        reason = _refusal(context, found, interested)
        if reason is None and (same(signer.person) in people or found.verified.public_key.id in keys):
            reason = "the same person or key counts once"
        if reason is not None:
            left_out.append(f"{signer.name} does not count: {reason}")
            continue
        people[same(signer.person)] = signer.name
        keys.add(found.verified.public_key.id)
    lines = (f"{len(people)} of {options.count}", *left_out, *refused_lines(context, Approval))
    release = context.request.release
    if len(people) < options.count:
        return Outcome(
            "fail",
            lines,
            help=f"modelward approve {release.model}@{release.version} --to {release.stage}, by someone else",
        )
    return Outcome("ok", (f"{len(people)} of {options.count}, by {', '.join(people.values())}",))


def _refusal(context: Context, found: Typed[Approval], interested: dict[str, str]) -> str | None:
    """Why an approval does not count, or None."""
    approval, signer = found.predicate, found.verified.principal
    if release_digest(approval.release) != context.request.release_digest:
        return _difference(context, approval)
    if approval.approver != signer.name:
        return "it names another approver than its signer"
    if instant.parse(approval.expires) <= context.now:
        return f"it expired {approval.expires}"
    if instant.parse(approval.issued_at) > context.now:
        return "it is dated in the future"
    if same(signer.person) in interested:
        return f"is {interested[same(signer.person)]}"
    return _used(context, found)


def _used(context: Context, found: Typed[Approval]) -> str | None:
    """An approval is good for one promotion: else yesterday's yes would bring an older release back.

    A stage statement by a gate key that is no longer in force used its approvals all the same.
    """
    logged = [(item.index, item.verified.statement) for item in context.evidence.logged]
    logged += [(item.index, item.bundle.statement) for item in context.evidence.refused]
    for index, statement in sorted(logged, key=lambda pair: pair[0]):
        if index > found.index and statement.predicate_type == Stage.TYPE:
            stage = statement.typed(Stage)
            if stage.release == found.predicate.release:
                return f"it was used for release {stage.sequence}"
    return None


def _difference(context: Context, approval: Approval) -> str:
    wanted, given = context.request.release, approval.release
    for field in ("registry", "model", "version", "artifact", "stage", "policy", "bom"):
        if getattr(wanted, field) != getattr(given, field):
            return f"it approved another {field}"
    return "it approved another release"


CHECK = Check("approved", "approved by people with no part in it", ApprovedOptions, run)
