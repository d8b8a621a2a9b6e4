"""SLSA Provenance v1 and Verification Summary v1, as far as modelward reads and writes them.

Sources: https://slsa.dev/spec/v1.1/provenance and https://slsa.dev/spec/v1.1/verification_summary
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import msgspec

from modelward.attest.predicates.acts import Release
from modelward.attest.predicates.base import (
    DigestText,
    ForeignPredicate,
    ForeignRecord,
    NameText,
    ResourceDescriptor,
)

#: `buildDefinition.buildType` of `modelward run`. Parameters: step (its name), command, environment.
STEP_BUILD_TYPE = "https://modelward.dev/build/step/v1"


class BuildDefinition(ForeignRecord, frozen=True, kw_only=True):
    """What was run, on what. Inputs are `resolved_dependencies` named `input/NAME`, code `code/NAME`."""

    build_type: str
    external_parameters: dict[str, Any]
    internal_parameters: dict[str, Any] = msgspec.field(default_factory=dict)
    resolved_dependencies: tuple[ResourceDescriptor, ...] = ()


class Builder(ForeignRecord, frozen=True, kw_only=True):
    """Who ran it."""

    id: str
    version: dict[str, str] = msgspec.field(default_factory=dict)


class BuildMetadata(ForeignRecord, frozen=True, kw_only=True):
    """When it ran."""

    invocation_id: str = ""
    started_on: str = ""
    finished_on: str = ""


class RunDetails(ForeignRecord, frozen=True, kw_only=True):
    """The run itself. Other outputs of the same run are `byproducts` named `output/NAME`."""

    builder: Builder
    metadata: BuildMetadata = BuildMetadata()
    byproducts: tuple[ResourceDescriptor, ...] = ()


class Provenance(ForeignPredicate, frozen=True, kw_only=True):
    """SLSA Provenance v1. Subject: one output of the step."""

    TYPE: ClassVar[str] = "https://slsa.dev/provenance/v1"

    build_definition: BuildDefinition
    run_details: RunDetails


class CheckSummary(ForeignRecord, frozen=True, kw_only=True):
    """One line of a decision: a built-in check or a rule, and what came of it."""

    id: NameText
    outcome: Literal["ok", "fail", "waived", "not-evaluated"]
    detail: tuple[str, ...] = ()


class VerificationSummary(ForeignPredicate, frozen=True, kw_only=True):
    """SLSA VSA v1 with our extension fields, which start with `modelward_`. Subject: the artifact."""

    TYPE: ClassVar[str] = "https://slsa.dev/verification_summary/v1"

    verifier: Builder
    time_verified: str
    resource_uri: str
    policy: ResourceDescriptor
    #: The statements that counted, by identity; logged ones that did not count are in `evidence` alone.
    input_attestations: tuple[ResourceDescriptor, ...] = ()
    verification_result: Literal["PASSED", "FAILED"]
    verified_levels: tuple[str, ...] = ()
    release: Release = msgspec.field(name="modelward_release")
    expires: str = msgspec.field(name="modelward_expires")
    #: SHA-256 over the sorted statement identities, a line each, of the evidence up to `log_size`.
    evidence: DigestText = msgspec.field(name="modelward_evidence")
    log_size: int = msgspec.field(name="modelward_log_size")
    trust_version: int = msgspec.field(name="modelward_trust_version")
    sequence: int = msgspec.field(name="modelward_sequence")
    #: The artifact that the stage pointed to before, against which regressions were judged.
    baseline: DigestText | None = msgspec.field(name="modelward_baseline")
    requested_by: str = msgspec.field(name="modelward_requested_by")
    mode: Literal["enforce", "observe"] = msgspec.field(name="modelward_mode")
    checks: tuple[CheckSummary, ...] = msgspec.field(name="modelward_checks")
    nonce: str = msgspec.field(name="modelward_nonce")
