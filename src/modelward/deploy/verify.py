"""Verification of a deployed artifact, offline, from a release bundle and a pinned root.

The thirteen steps of DESIGN section 5. A failing step raises an error whose `where` names the step: Rejected
(exit 1) when something is wrong, another error (exit 2) when something is missing, stale or over a cap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from modelward.artifact.manifest import Manifest
from modelward.attest.predicates import Release, Stage, Status, VerificationSummary
from modelward.attest.predicates.trust import TrustedKey
from modelward.attest.trust import Trust, walk
from modelward.attest.trust_rules import CLOCK_SKEW, people_behind
from modelward.attest.verify import VerifiedStatement, verify
from modelward.core import instant, merkle
from modelward.core.digest import Digest
from modelward.core.errors import InputError, ModelwardError, Rejected, Stale
from modelward.core.progress import Progress
from modelward.deploy import decision, served
from modelward.deploy.state import KeptState
from modelward.deploy.statements import Statements
from modelward.gate.evidence import Evidence
from modelward.gate.release_bundle import ReleaseBundle
from modelward.log.checkpoint import Checkpoint, SignedCheckpoint
from modelward.log.note import COSIGNATURE_V1, NoteKey


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: may this tree serve as this stage of this model?"""

    model: str
    stage: str
    pin: Digest
    path: Path | None
    clock: datetime
    kept: KeptState | None = None
    require_state: bool = False
    require_gated: bool = False
    allow_links: bool = False
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """The answer yes, and what it rests on."""

    release: Release
    stage: Stage
    summary: VerificationSummary
    status: Status
    checkpoint: Checkpoint
    witnesses: tuple[str, ...]
    trust: Trust
    author: VerifiedStatement | None
    evidence: Evidence
    manifest: Manifest
    stage_index: int
    now: datetime
    state: KeptState

    @property
    def gated(self) -> bool:
        """Whether the gate enforced its policy; otherwise it only said what it would deny."""
        return self.stage.gated


#: Step 12: rerun the gate on what the bundle holds; raise Rejected if it decides otherwise.
Recheck = Callable[[ReleaseBundle, VerificationSummary, Evidence], None]


def verify_release(data: bytes, question: Question, recheck: Recheck | None = None) -> Verified:
    """Walk the thirteen steps over the bytes of a release bundle. The caller keeps `Verified.state` (13).

    Raises Rejected, Stale, InputError or LimitExceeded; nothing but a returned value is a yes.
    """
    with step(1, "parse"):
        bundle = ReleaseBundle.from_bytes(data)
        if question.kept is None and question.require_state:
            raise InputError(
                "nothing is kept of this registry yet, so an older release could not be told",
                help="verify once without --require-state",
            )
    kept = question.kept
    with step(3, "time"):
        now = question.clock if kept is None else max(question.clock, kept.newest)
    with step(2, "trust policy"):
        trust = _trust(bundle, question.pin, kept, now)
    with step(4, "checkpoint"):
        checkpoint, witnesses, seen_at = _checkpoint(bundle, trust, kept)
    if any(moment > now for moment in seen_at):
        now = max(seen_at)
        with step(2, "trust policy"):
            trust = _trust(bundle, question.pin, kept, now)
    with step(5, "status"):
        status = _status(bundle, trust, checkpoint, kept, now)
    statements = Statements(bundle, trust, checkpoint, status, now, min(seen_at, default=None))
    with step(6, "stage"):
        seen = 0 if kept is None else kept.sequences.get(f"{question.model}:{question.stage}", 0)
        stage = statements.stage(question.model, question.stage, seen)
        if question.require_gated and not stage.gated:
            raise Rejected("the release is ungated: its policy only observes")
    with step(7, "decision"):
        summary, evidence = statements.decision(stage)
    with step(8, "approvals"):
        decision.check_approvals(bundle, summary, evidence)
    with step(9, "revocation"):
        statements.revocations(evidence, stage, summary)
    with step(10, "waivers"):
        decision.check_waivers(bundle, summary, evidence, now)
    with step(11, "bytes"):
        manifest = _bytes(bundle, question, stage.release)
    with step(12, "recheck"):
        if recheck is not None:
            recheck(bundle, summary, evidence)
    return Verified(
        stage.release,
        stage,
        summary,
        status,
        checkpoint,
        witnesses,
        trust,
        decision.author(evidence, stage.release),
        evidence,
        manifest,
        bundle.stage.index,
        now,
        _next_state(kept, trust, checkpoint, status, stage, now),
    )


@contextmanager
def step(number: int, name: str) -> Iterator[None]:
    """Name the step in any error that leaves it."""
    try:
        yield
    except ModelwardError as error:
        place = f"step {number} ({name})"
        error.where = f"{place}: {error.where}" if error.where else place
        raise


def _trust(bundle: ReleaseBundle, pin: Digest, kept: KeptState | None, now: datetime) -> Trust:
    if kept is None:
        return walk(pin, bundle.trust, now=now)
    return walk(
        pin,
        bundle.trust,
        now=now,
        minimum_version=kept.trust_version,
        minimum_digest=Digest.parse(kept.trust_digest),
    )


def _bytes(bundle: ReleaseBundle, question: Question, release: Release) -> Manifest:
    manifest = served.released_manifest(bundle.manifest, release)
    if question.path is not None:
        served.compare(manifest, question.path, allow_links=question.allow_links, progress=question.progress)
    return manifest


def _checkpoint(
    bundle: ReleaseBundle, trust: Trust, kept: KeptState | None
) -> tuple[Checkpoint, tuple[str, ...], list[datetime]]:
    origin = trust.policy.log_origin
    signed = SignedCheckpoint.parse(bundle.checkpoint)
    revoked = _revoked_keys(bundle)
    log_keys = [NoteKey.from_pem(origin, key.pem) for key in trust.log_keys if key.id not in revoked]
    checkpoint = _signed_by_one(signed, log_keys)
    cosignatures = _cosignatures(signed, trust, revoked)
    required = trust.policy.witnesses_required
    found = people_behind(trust.policy, [key for key, _ in cosignatures])
    if found < required:
        raise InputError(
            f"{found} of {required} witnesses cosigned the checkpoint",
            help="wait for the witnesses, then get the release bundle again",
        )
    if kept is not None:
        _check_continues(bundle, checkpoint, kept)
    names = tuple(key.name or key.id for key, _ in cosignatures)
    return checkpoint, names, [time for _, time in cosignatures]


def _revoked_keys(bundle: ReleaseBundle) -> set[str]:
    """The ids of keys that the status says are revoked; whether the status counts is step 5's question."""
    revocations = bundle.status.statement.typed(Status).revocations
    return {thing.digest.removeprefix("sha256:") for thing in revocations if thing.kind == "key"}


def _cosignatures(
    signed: SignedCheckpoint, trust: Trust, revoked: set[str]
) -> list[tuple[TrustedKey, datetime]]:
    """The independent witnesses that cosigned, and when. Raises Rejected for a wrong cosignature."""
    usable = {key.id for key in trust.witness_keys} - revoked
    found = []
    for key in trust.keys_of_role("witness"):
        if key.id in usable:
            note_key = NoteKey.from_pem(key.name or key.id, key.public_key, COSIGNATURE_V1)
            found += [(key, time) for _, time in signed.cosigned([note_key])]
    return found


def _signed_by_one(signed: SignedCheckpoint, keys: list[NoteKey]) -> Checkpoint:
    reasons = ["the trust policy has no log key in force"]
    for key in keys:
        try:
            return signed.verify(key)
        except Rejected as error:
            reasons.append(error.message)
    raise Rejected(reasons[-1])


def _check_continues(bundle: ReleaseBundle, checkpoint: Checkpoint, kept: KeptState) -> None:
    """The log only grew since it was last seen here."""
    if checkpoint.size < kept.log_size:
        raise Rejected(
            f"the bundle's log has {checkpoint.size} entries; {kept.log_size} were seen before",
            help="get the current release bundle; if there is none newer, entries were removed from the log",
        )
    kept_root = Digest.parse(kept.log_root).raw
    if checkpoint.size == kept.log_size:
        if checkpoint.root != kept_root:
            raise Rejected("the log is not the one that was seen before: same size, other entries")
        return
    for earlier in bundle.continuity:
        if earlier.size == kept.log_size:
            merkle.verify_consistency(
                kept.log_size, kept_root, checkpoint.size, checkpoint.root, earlier.proof
            )
            return
    raise InputError(
        f"the bundle does not prove that the log continues the {kept.log_size} entries seen before",
        help=f"get a bundle with: modelward registry export MODEL:STAGE --since {kept.log_size} --out FILE",
    )


def _status(
    bundle: ReleaseBundle, trust: Trust, checkpoint: Checkpoint, kept: KeptState | None, now: datetime
) -> Status:
    revoked = bundle.status.statement.typed(Status).revocations
    verified = verify(bundle.status, trust, now=now, revocations=revoked)
    status = verified.statement.typed(Status)
    if status.trust_version != trust.version:
        raise Rejected(
            f"the status is for trust policy version {status.trust_version}, the bundle has {trust.version}"
        )
    root = str(Digest("sha256", checkpoint.root.hex()))
    if (status.log_size, status.log_root) != (checkpoint.size, root):
        raise Rejected("the status is about another log than the checkpoint")
    issued, expires = instant.parse(status.issued_at), instant.parse(status.expires)
    if issued > now + CLOCK_SKEW:
        raise Rejected(f"the status is dated in the future: {status.issued_at}")
    if kept is not None and status.issued_at < kept.status_issued_at:
        raise Rejected(f"a newer status, of {kept.status_issued_at}, was seen before")
    if now >= expires:
        raise Stale(
            f"the status expired {status.expires}, so revocations since then are unknown",
            help="get the current release bundle; the registry issues one with modelward registry refresh",
        )
    return status


def _next_state(
    kept: KeptState | None,
    trust: Trust,
    checkpoint: Checkpoint,
    status: Status,
    stage: Stage,
    now: datetime,
) -> KeptState:
    fresh = KeptState(
        trust_version=trust.version,
        trust_digest=str(trust.digest),
        log_size=checkpoint.size,
        log_root=str(Digest("sha256", checkpoint.root.hex())),
        status_issued_at=status.issued_at,
        newest_time=status.issued_at,
        sequences={f"{stage.model}:{stage.stage}": stage.sequence},
    )
    if kept is None:
        return fresh
    return msgspec.structs.replace(
        fresh,
        newest_time=max(kept.newest_time, fresh.newest_time),
        sequences=kept.sequences | fresh.sequences,
    )
