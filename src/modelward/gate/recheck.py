"""Rerunning the gate on bundled evidence: anyone can (DESIGN 1.5)."""

from __future__ import annotations

from modelward.attest.predicates import VerificationSummary
from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.errors import Rejected
from modelward.gate.context import BomView, Context, LogView, Request
from modelward.gate.evaluate import Decision, evaluate
from modelward.gate.evidence import Evidence
from modelward.gate.policy import Policy


def context_of(policy: Policy, summary: VerificationSummary, evidence: Evidence, bom: BomView) -> Context:
    """What the gate saw when it made the decision `summary`.

    The revocations of that time are not in the evidence; later ones are the verifier's business.
    """
    return Context(
        request=Request(
            summary.release,
            summary.sequence,
            summary.requested_by,
            None if summary.baseline is None else Digest.parse(summary.baseline),
        ),
        evidence=evidence,
        bom=bom,
        revoked=(),
        log=LogView(summary.log_size, True),
        now=instant.parse(summary.time_verified),
        waiver_max=policy.waiver_max,
    )


def recheck(policy: Policy, summary: VerificationSummary, evidence: Evidence, bom: BomView) -> Decision:
    """Decide again. Raises Rejected unless every check comes out as the decision says."""
    decision = evaluate(policy, context_of(policy, summary, evidence, bom))
    ours = {line.id: line.outcome.status for line in decision.lines}
    theirs = {check.id: check.outcome for check in summary.checks}
    for rule in sorted(ours.keys() | theirs.keys()):
        if ours.get(rule) != theirs.get(rule):
            raise Rejected(
                f"the gate decides otherwise: {rule} is {ours.get(rule, 'not asked')},"
                f" the decision says {theirs.get(rule, 'nothing')}"
            )
    if not decision.allowed or decision.mode != summary.mode:
        raise Rejected("the gate denies this release on the same evidence")
    return decision
