"""What a verifier checks again of the gate's decision without rerunning all of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from modelward.attest.predicates import Release, VerificationSummary, Version
from modelward.attest.verify import VerifiedStatement
from modelward.core.digest import Digest
from modelward.core.errors import Rejected, Stale
from modelward.gate.checks import approved
from modelward.gate.context import MissingField, Outcome
from modelward.gate.evaluate import waive
from modelward.gate.evidence import Evidence
from modelward.gate.policy import Policy
from modelward.gate.recheck import context_of
from modelward.gate.release_bundle import ReleaseBundle


class _NoBom:
    """Approvals bind the BOM by digest; its fields are the recheck's business."""

    def __init__(self, digest: Digest) -> None:
        self.digest = digest

    def missing(self, fields: Any) -> tuple[MissingField, ...]:
        """Not asked here."""
        raise Rejected("BOM fields are judged by --recheck only")


def check_approvals(bundle: ReleaseBundle, summary: VerificationSummary, evidence: Evidence) -> None:
    """Count the approvals again, with the policy that decided. Raises Rejected when they do not suffice."""
    policy = Policy.parse(bundle.policy)
    stage = policy.stage(summary.release.stage)
    if stage.mode != summary.mode:
        raise Rejected("the decision states another mode than its policy")
    if stage.mode == "observe":
        return
    for check, options in stage.checks:
        if check is approved.CHECK:
            context = context_of(policy, summary, evidence, _NoBom(bundle.bom_digest))
            outcome = waive(context, check.id, check.run(context, options))
            if outcome.status not in ("ok", "waived"):
                raise Rejected("; ".join(outcome.detail))


def check_waivers(
    bundle: ReleaseBundle, summary: VerificationSummary, evidence: Evidence, now: datetime
) -> None:
    """A release that passed by waivers is good only while they are, by the rules of the gate.

    Raises Rejected for a rule that nobody could waive so, Stale for one whose waiver has expired.
    """
    waived = sorted(check.id for check in summary.checks if check.outcome == "waived")
    if not waived:
        return
    then = context_of(Policy.parse(bundle.policy), summary, evidence, _NoBom(bundle.bom_digest))
    for rule in waived:
        for context in (then, replace(then, now=now)):
            if waive(context, rule, Outcome("fail")).status == "waived":
                continue
            if context is then:
                raise Rejected(f"no waiver of {rule} in the evidence counts")
            raise Stale(f"the waiver of {rule} expired", help="mend it, or waive it again")


def author(evidence: Evidence, release: Release) -> VerifiedStatement | None:
    """Who registered the released version."""
    for found in evidence.about(Digest.parse(release.artifact), Version):
        if (found.predicate.model, found.predicate.version) == (release.model, release.version):
            return found.verified
    return None
