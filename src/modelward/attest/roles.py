"""Roles: fixed names, and what keys of each may sign (DESIGN 1.6).

A trust policy may narrow a role, and may let a people role sign types that modelward does not know; it can
never let a role sign a type of ours that this table does not give it. A key that needs more takes more roles.
"""

from __future__ import annotations

from modelward.attest.predicates import (
    PREDICATES,
    Approval,
    ContributorState,
    Custody,
    DataCheck,
    Derivation,
    Evaluation,
    Failure,
    Freeze,
    OmsSignature,
    Probe,
    Profile,
    Provenance,
    Review,
    Revocation,
    Scan,
    Snapshot,
    Stage,
    Status,
    TrustPolicy,
    VerificationSummary,
    Version,
    Waiver,
)
from modelward.attest.predicates.base import NAMESPACE

#: Roles of the registry itself. A key of one of these holds no other role.
INFRASTRUCTURE: dict[str, frozenset[str]] = {
    "root": frozenset({TrustPolicy.TYPE, Revocation.TYPE}),
    "gate": frozenset({VerificationSummary.TYPE, Stage.TYPE}),
    "log": frozenset(),
    "status": frozenset({Status.TYPE}),
    "witness": frozenset(),
    "timestamp": frozenset(),
}

#: Roles of people and of the machines that work for them. A key may hold several.
PEOPLE: dict[str, frozenset[str]] = {
    "publisher": frozenset({Version.TYPE, OmsSignature.TYPE}),
    "data-steward": frozenset(
        {Snapshot.TYPE, Custody.TYPE, Profile.TYPE, DataCheck.TYPE, ContributorState.TYPE, Review.TYPE}
    ),
    "trainer": frozenset({Provenance.TYPE, Failure.TYPE, Snapshot.TYPE}),
    "evaluator": frozenset({Evaluation.TYPE, Probe.TYPE, Derivation.TYPE}),
    "scanner": frozenset(
        {Scan.TYPE, Probe.TYPE, Derivation.TYPE, Profile.TYPE, DataCheck.TYPE, ContributorState.TYPE}
    ),
    "approver": frozenset({Approval.TYPE, Waiver.TYPE, Review.TYPE}),
    "administrator": frozenset({Revocation.TYPE, Waiver.TYPE, Freeze.TYPE}),
}

ROLES: dict[str, frozenset[str]] = INFRASTRUCTURE | PEOPLE

#: Roles whose keys sign C2SP notes, which are Ed25519 only.
NOTE_ROLES = frozenset({"log", "witness"})


def is_ours(predicate_type: str) -> bool:
    """Whether the table above alone says who may sign this type.

    Policies made earlier may have granted a public standard that `PREDICATES` learns later: give
    such a type to every people role, or those policies are refused.
    """
    return predicate_type in PREDICATES or predicate_type.startswith(f"{NAMESPACE}/")


def may_be_granted(role: str, predicate_type: str) -> bool:
    """Whether a trust policy may let `role` sign `predicate_type`."""
    return predicate_type in ROLES[role] or (role in PEOPLE and not is_ours(predicate_type))
