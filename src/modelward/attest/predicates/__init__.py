"""Predicate types: a struct each, from which the schema and its documentation are generated."""

from __future__ import annotations

from typing import Any

from modelward.attest.predicates.acts import (
    Approval,
    Freeze,
    Release,
    Revocation,
    Stage,
    Status,
    Waiver,
)
from modelward.attest.predicates.base import (
    ForeignPredicate,
    Named,
    Predicate,
    ResourceDescriptor,
)
from modelward.attest.predicates.contributor_state import ContributorState
from modelward.attest.predicates.custody import Custody
from modelward.attest.predicates.data_check import DataCheck
from modelward.attest.predicates.derivation import Derivation
from modelward.attest.predicates.evaluation import Evaluation
from modelward.attest.predicates.failure import Failure
from modelward.attest.predicates.oms import OmsSignature
from modelward.attest.predicates.probe import Probe
from modelward.attest.predicates.profile import Profile
from modelward.attest.predicates.review import Review
from modelward.attest.predicates.scan import Scan
from modelward.attest.predicates.slsa import Provenance, VerificationSummary
from modelward.attest.predicates.snapshot import Snapshot
from modelward.attest.predicates.trust import TrustPolicy
from modelward.attest.predicates.version import Version

#: A predicate of ours or of a public standard.
AnyPredicate = Predicate | ForeignPredicate

#: Predicate type URI -> the struct that reads it. A type that is not here is carried, never understood.
PREDICATES: dict[str, Any] = {
    kind.TYPE: kind
    for kind in (
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
}

#: The predicate type of CycloneDX BOMs; the predicate is the BOM itself.
CYCLONEDX_TYPE = "https://cyclonedx.org/bom"

__all__ = [
    "CYCLONEDX_TYPE",
    "PREDICATES",
    "AnyPredicate",
    "Approval",
    "ContributorState",
    "Custody",
    "DataCheck",
    "Derivation",
    "Evaluation",
    "Failure",
    "Freeze",
    "Named",
    "OmsSignature",
    "Probe",
    "Profile",
    "Provenance",
    "Release",
    "ResourceDescriptor",
    "Review",
    "Revocation",
    "Scan",
    "Snapshot",
    "Stage",
    "Status",
    "TrustPolicy",
    "VerificationSummary",
    "Version",
    "Waiver",
]
