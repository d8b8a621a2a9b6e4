"""Promotion: the only writer of stages (DESIGN section 5, promote)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from modelward import __version__
from modelward.attest.bundle import Bundle, sign_statement
from modelward.attest.predicates import (
    Freeze,
    Release,
    ResourceDescriptor,
    Revocation,
    Stage,
    TrustPolicy,
    VerificationSummary,
)
from modelward.attest.predicates.acts import release_digest
from modelward.attest.predicates.slsa import Builder, CheckSummary
from modelward.attest.statement import Statement
from modelward.bom.build import review_bom
from modelward.bom.cyclonedx import to_cyclonedx
from modelward.bom.review import ReviewBom
from modelward.core import instant, strict_json
from modelward.core.digest import Digest
from modelward.core.errors import Conflict, ModelwardError
from modelward.core.principal import Principal
from modelward.gate.checks import approved
from modelward.gate.context import Context, Request
from modelward.gate.entry import LogEntry
from modelward.gate.evaluate import Decision, evaluate
from modelward.gate.evidence import Evidence
from modelward.registry.local import Registry
from modelward.registry.projection import CurrentRelease
from modelward.registry.records import RegisteredVersion, frozen_error
from modelward.registry.soundness import check_tables

_ATTEMPTS = 5

#: An entry of one of these may change any decision: by policy, revocation, freeze, or the stage's sequence.
_TOUCHING = frozenset({TrustPolicy.TYPE, Revocation.TYPE, Stage.TYPE, Freeze.TYPE})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A release that somebody may approve or promote, with all that speaks for and against it."""

    version: RegisteredVersion
    release: Release
    evidence: Evidence
    bom: ReviewBom
    baseline: Digest | None
    log_size: int


@dataclass(frozen=True, slots=True)
class Promotion:
    """What came of a request. Indices are places in the log, None where nothing was logged.

    `stands` is the stage as it is, if it points to this very release already and nothing was to be done.
    """

    candidate: Candidate
    decision: Decision
    decision_index: int | None = None
    stage_index: int | None = None
    sequence: int = 0
    stands: CurrentRelease | None = None


def candidate(registry: Registry, model: str, number: int | None, stage: str) -> Candidate:
    """The release that this version would be at this stage, from the log as it is now.

    Its BOM is derived from the evidence, so anything new that is said about the closure makes another
    release, which needs new approvals. Raises InputError for an unknown model, version or stage, Rejected for
    tables that are not what the log says.
    """
    policy = registry.policy
    policy.stage(stage)
    size = registry.log.size
    if registry.log_view.consistent:
        check_tables(registry, size)
    version = registry.version(model, number)
    current = registry.current(model, stage)
    baseline = None if current is None else Digest.parse(current.artifact)
    roots = [version.artifact] + ([baseline] if baseline is not None else [])
    evidence = registry.evidence(roots, size)
    own = evidence if baseline is None else registry.evidence([version.artifact], size)
    bom = ReviewBom(
        to_cyclonedx(
            review_bom(
                version.model,
                version.version,
                registry.manifest(version.artifact),
                own.facts(),
                lambda name: registry.read_file(version.artifact, name),
                lambda name, size: registry.read_head(version.artifact, name, size),
            )
        )
    )
    release = Release(
        registry=str(registry.pin),
        model=version.model,
        version=version.version,
        artifact=str(version.artifact),
        stage=stage,
        policy=str(policy.digest),
        bom=str(bom.digest),
    )
    return Candidate(version, release, evidence, bom, baseline, size)


def promote(
    registry: Registry, model: str, number: int | None, stage: str, requester: Principal
) -> Promotion:
    """Let the gate decide, log the decision, and if it is yes make the stage point to the release.

    Asking again for what a stage points to already changes nothing. A denial is logged too, except to a log
    that was tampered with: nothing is written to one. When the log moved in a way that touches the decision,
    everything is judged anew.
    Raises Rejected when the model is frozen or the stored artifact is not the registered one, Conflict when
    others keep changing the same stage.
    """
    with registry.exclusive():
        for _ in range(_ATTEMPTS):
            consistent = registry.log_view.consistent
            if consistent:
                registry.sync()
                registry.record_trust()
            frozen = registry.frozen(model)
            if frozen is not None:
                raise frozen_error(model, frozen)
            proposed = candidate(registry, model, number, stage)
            check_blobs(registry, proposed)
            decision, context = decide(registry, proposed, requester.name)
            if not consistent:
                return Promotion(proposed, decision, sequence=context.request.sequence)
            registry.store.put_bytes(strict_json.dumps(proposed.bom.document))
            stands = _stands(registry, proposed, decision, context.now)
            if stands is not None:
                return Promotion(proposed, decision, sequence=stands.sequence, stands=stands)
            bundles = _sign(registry, proposed, decision, context)
            try:
                published = _append(registry, proposed, bundles)
            except Conflict:
                continue
            return Promotion(
                proposed,
                decision,
                published[0],
                published[1] if len(published) > 1 else None,
                context.request.sequence,
            )
    raise Conflict("the registry keeps changing; nothing was promoted", help="try again")


def decide(registry: Registry, proposed: Candidate, requested_by: str) -> tuple[Decision, Context]:
    """Run the gate. Writes nothing: this is what a dry run does."""
    policy = registry.policy
    current = registry.current(proposed.release.model, proposed.release.stage)
    context = Context(
        request=Request(
            proposed.release,
            1 if current is None else current.sequence + 1,
            requested_by,
            proposed.baseline,
        ),
        evidence=proposed.evidence,
        bom=proposed.bom,
        revoked=registry.revocations().for_gate,
        log=registry.log_view,
        now=max(instant.now(), registry.newest_time()),
        waiver_max=policy.waiver_max,
    )
    return evaluate(policy, context), context


def _stands(
    registry: Registry, proposed: Candidate, decision: Decision, now: datetime
) -> CurrentRelease | None:
    """The stage, if it points to this release and all that a new promotion lacks is new approvals."""
    current = registry.current(proposed.release.model, proposed.release.stage)
    if current is None or current.release != str(release_digest(proposed.release)):
        return None
    lacking = {line.id for line in decision.lines if line.outcome.status not in ("ok", "waived")}
    return current if lacking == {approved.CHECK.id} and now < instant.parse(current.expires) else None


def check_blobs(registry: Registry, proposed: Candidate) -> None:
    """Hash every stored file of the artifact again.

    Raises Rejected for one that was changed, InputError for one that is missing.
    """
    for entry in registry.manifest(proposed.version.artifact).entries:
        try:
            registry.store.verify(entry.digest)
        except ModelwardError as error:
            error.where = entry.name
            raise


def _sign(registry: Registry, proposed: Candidate, decision: Decision, context: Context) -> list[Bundle]:
    signer = registry.signer("gate")
    summary = _summary(registry, proposed, decision, context)
    name = f"{proposed.release.model}@{proposed.release.version}"
    vsa = sign_statement(Statement.of(name, proposed.version.artifact, summary), signer)
    if not decision.allowed:
        return [vsa]
    current = registry.current(proposed.release.model, proposed.release.stage)
    stage = Stage(
        registry=str(registry.pin),
        model=proposed.release.model,
        stage=proposed.release.stage,
        sequence=context.request.sequence,
        previous=None if current is None else current.statement,
        release=proposed.release,
        decision=str(vsa.statement_id),
        gated=decision.mode == "enforce",
        issued_at=instant.render(context.now),
        expires=_expires(decision, context.now),
        nonce=secrets.token_hex(16),
    )
    return [vsa, sign_statement(Statement.of(name, proposed.version.artifact, stage), signer)]


def _expires(decision: Decision, now: datetime) -> str:
    return instant.render(now + decision.release_valid)


def _summary(
    registry: Registry, proposed: Candidate, decision: Decision, context: Context
) -> VerificationSummary:
    release = proposed.release
    return VerificationSummary(
        verifier=Builder(id=f"modelward:registry:{registry.pin}", version={"modelward": __version__}),
        time_verified=instant.render(context.now),
        resource_uri=f"modelward:{release.model}@{release.version}",
        policy=ResourceDescriptor(uri="modelward:gate-policy", digest=Digest.parse(release.policy).as_set()),
        input_attestations=tuple(
            ResourceDescriptor(digest=item.verified.id.as_set()) for item in proposed.evidence.logged
        ),
        verification_result="PASSED" if decision.allowed else "FAILED",
        verified_levels=_levels(decision),
        release=release,
        expires=_expires(decision, context.now),
        evidence=str(proposed.evidence.digest),
        log_size=proposed.log_size,
        trust_version=registry.trust.version,
        sequence=context.request.sequence,
        baseline=None if proposed.baseline is None else str(proposed.baseline),
        requested_by=context.request.requested_by,
        mode=decision.mode,
        checks=tuple(
            CheckSummary(id=line.id, outcome=line.outcome.status, detail=line.outcome.detail)
            for line in decision.lines
        ),
        nonce=secrets.token_hex(16),
    )


def _levels(decision: Decision) -> tuple[str, ...]:
    """Build level 1 is what `modelward run` without a sandbox earns, where the gate checked it."""
    checked = any(line.id == "provenance" and line.outcome.status == "ok" for line in decision.lines)
    return ("SLSA_BUILD_LEVEL_1",) if checked else ()


def _append(registry: Registry, proposed: Candidate, bundles: list[Bundle]) -> list[int]:
    """One append, unless something that touches the decision was logged since. Raises Conflict."""
    size = proposed.log_size
    roots = [proposed.version.artifact] + ([] if proposed.baseline is None else [proposed.baseline])
    touching = {digest for root in roots for digest in proposed.evidence.ancestors(root)}
    while True:
        for data in registry.log.entries(size, registry.log.size):
            entry = LogEntry.parse(data)
            if entry.subject in touching or entry.type in _TOUCHING:
                raise Conflict("the evidence changed while the gate decided")
        size = registry.log.size
        try:
            return [published.index for published in registry.append_together(bundles, size)]
        except Conflict:
            continue
