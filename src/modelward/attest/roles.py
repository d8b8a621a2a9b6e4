"""Roles: fixed names, and what keys of each may sign (DESIGN 1.6).

A trust policy may narrow a role, and may let a people role sign types that modelward does not know; it can
never let a role sign a type of ours that this table does not give it. A key that needs more takes more roles.
"""

from __future__ import annotations

from modelward.attest.predicates import (
    PREDICATES,
    Approval,
    Custody,
    Evaluation,
    Provenance,
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

#: The predicate type of OMS model signatures (OpenSSF Model Signing v1.0).
OMS_SIGNATURE_TYPE = "https://model_signing/signature/v1.0"

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
    "publisher": frozenset({Version.TYPE, OMS_SIGNATURE_TYPE}),
    "data-steward": frozenset({Snapshot.TYPE, Custody.TYPE}),
    "trainer": frozenset({Provenance.TYPE, Snapshot.TYPE}),
    "evaluator": frozenset({Evaluation.TYPE}),
    "scanner": frozenset({Scan.TYPE}),
    "approver": frozenset({Approval.TYPE, Waiver.TYPE}),
    "administrator": frozenset({Revocation.TYPE, Waiver.TYPE}),
}

ROLES: dict[str, frozenset[str]] = INFRASTRUCTURE | PEOPLE

#: Roles whose keys sign C2SP notes, which are Ed25519 only.
NOTE_ROLES = frozenset({"log", "witness"})

#: Types with a meaning to modelward; the table above alone says who may sign them.
OUR_TYPES = frozenset(PREDICATES) | {OMS_SIGNATURE_TYPE}


def may_be_granted(role: str, predicate_type: str) -> bool:
    """Whether a trust policy may let `role` sign `predicate_type`."""
    return predicate_type in ROLES[role] or (role in PEOPLE and predicate_type not in OUR_TYPES)
