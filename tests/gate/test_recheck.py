"""Rerunning the gate on bundled evidence."""

from __future__ import annotations

import msgspec
import pytest
from tests.gate.case import Case, complete, scan

from modelward.attest import predicates as p
from modelward.attest.predicates.slsa import Builder, CheckSummary
from modelward.core import instant
from modelward.core.errors import Rejected
from modelward.gate.policy import Policy
from modelward.gate.recheck import context_of, recheck


def decided(case: Case) -> p.VerificationSummary:
    """The decision that an honest gate signs."""
    context, decision = case.context(), case.decide()
    return p.VerificationSummary(
        verifier=Builder(id="gate"),
        time_verified=instant.render(context.now),
        resource_uri="modelward:fraud@1",
        policy=p.ResourceDescriptor(digest=case.policy.digest.as_set()),
        input_attestations=(),
        verification_result="PASSED" if decision.allowed else "FAILED",
        verified_levels=(),
        release=case.release,
        expires=instant.render(context.now),
        evidence=str(context.evidence.digest),
        log_size=context.log.size,
        trust_version=1,
        sequence=context.request.sequence,
        baseline=None,
        requested_by=context.request.requested_by,
        mode=decision.mode,
        checks=tuple(CheckSummary(id=line.id, outcome=line.outcome.status) for line in decision.lines),
        nonce="0" * 32,
    )


def test_the_context_is_what_the_gate_saw() -> None:
    case = complete()
    context = context_of(case.policy, decided(case), case.evidence(), case.bom)
    assert context == case.context()


def test_an_honest_decision_comes_out_again() -> None:
    case = complete()
    assert recheck(case.policy, decided(case), case.evidence(), case.bom) == case.decide()


def test_a_check_that_was_passed_over_is_found() -> None:
    case = complete()
    summary = decided(case)
    shorter = msgspec.structs.replace(summary, checks=summary.checks[1:])
    with pytest.raises(Rejected, match="log-consistent is ok, the decision says nothing"):
        recheck(case.policy, shorter, case.evidence(), case.bom)


def test_a_check_that_the_policy_does_not_ask_is_found() -> None:
    case = complete()
    summary = decided(case)
    longer = msgspec.structs.replace(
        summary, checks=(*summary.checks, CheckSummary(id="extra", outcome="ok"))
    )
    with pytest.raises(Rejected, match="extra is not asked, the decision says ok"):
        recheck(case.policy, longer, case.evidence(), case.bom)


def test_a_lie_about_an_outcome_is_found() -> None:
    case = complete()
    summary = decided(case)
    scan(case, "ci-scan", "malicious")
    with pytest.raises(Rejected, match="scanned is fail, the decision says ok"):
        recheck(case.policy, summary, case.evidence(), case.bom)


def test_a_denied_release_is_denied_again() -> None:
    case = complete()
    scan(case, "ci-scan", "unverified")
    with pytest.raises(Rejected, match="the gate denies this release"):
        recheck(case.policy, decided(case), case.evidence(), case.bom)


def test_a_decision_that_hides_that_it_only_observed_is_found() -> None:
    text = b'format = "modelward-policy/v1"\nname = "x"\n[stage.production]\nmode = "observe"\n'
    case = complete().with_policy(text + b"[stage.production.check.signed]\n")
    summary = msgspec.structs.replace(decided(case), mode="enforce")
    with pytest.raises(Rejected):
        recheck(case.policy, summary, case.evidence(), case.bom)


def test_another_policy_gives_another_decision() -> None:
    case = complete()
    other = Policy.parse(b'format = "modelward-policy/v1"\nname = "x"\n[stage.production.check.signed]\n')
    with pytest.raises(Rejected):
        recheck(other, decided(case), case.evidence(), case.bom)
