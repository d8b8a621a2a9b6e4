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
from modelward.attest.predicates import Release, Stage, Status, TrustPolicy, VerificationSummary
from modelward.attest.predicates.acts import release_digest
from modelward.attest.trust import Trust, walk
from modelward.attest.verify import VerifiedStatement, verify
from modelward.core import instant, merkle
from modelward.core.digest import Digest
from modelward.core.errors import InputError, ModelwardError, Rejected, Stale
from modelward.deploy import decision, served
from modelward.deploy.state import KeptState
from modelward.gate.entry import LogEntry
from modelward.gate.evidence import Evidence, Logged, Refused
from modelward.gate.release_bundle import LoggedBundle, ReleaseBundle
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
        trust = walk(
            question.pin,
            bundle.trust,
            now=now,
            minimum_version=1 if kept is None else kept.trust_version,
            minimum_digest=None if kept is None else Digest.parse(kept.trust_digest),
        )
    with step(4, "checkpoint"):
        checkpoint, witnesses, seen_at = _checkpoint(bundle, trust, kept)
    with step(3, "time"):
        now = max([now, *seen_at])
    with step(5, "status"):
        status = _status(bundle, trust, checkpoint, kept, now)
    walker = _Walker(bundle, question, trust, checkpoint, status, now, min(seen_at, default=None))
    with step(6, "stage"):
        stage = walker.stage()
    with step(7, "decision"):
        summary, evidence = walker.decision(stage)
    with step(8, "approvals"):
        decision.check_approvals(bundle, summary, evidence)
    with step(9, "revocation"):
        walker.revocations(evidence, stage, summary)
    with step(10, "waivers"):
        decision.check_waivers(summary, evidence, now)
    with step(11, "bytes"):
        manifest = served.check(bundle.manifest, stage.release, question.path, question.allow_links)
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


def _checkpoint(
    bundle: ReleaseBundle, trust: Trust, kept: KeptState | None
) -> tuple[Checkpoint, tuple[str, ...], list[datetime]]:
    origin = trust.policy.log_origin
    signed = SignedCheckpoint.parse(bundle.checkpoint)
    log_keys = [NoteKey.from_pem(origin, key.pem) for key in trust.log_keys]
    checkpoint = _signed_by_one(signed, log_keys)
    cosignatures = signed.cosigned(
        [
            NoteKey.from_pem(key.name or key.id, key.public_key, COSIGNATURE_V1)
            for key in trust.keys_of_role("witness")
            if key.id in {usable.id for usable in trust.witness_keys}
        ]
    )
    required = trust.policy.witnesses_required
    if len(cosignatures) < required:
        raise InputError(
            f"{len(cosignatures)} of {required} witnesses cosigned the checkpoint",
            help="wait for the witnesses, then get the release bundle again",
        )
    if kept is not None:
        _check_continues(bundle, checkpoint, kept)
    return checkpoint, tuple(name for name, _ in cosignatures), [time for _, time in cosignatures]


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
        help="get a bundle from the registry with: modelward registry export --since " + str(kept.log_size),
    )


def _status(
    bundle: ReleaseBundle, trust: Trust, checkpoint: Checkpoint, kept: KeptState | None, now: datetime
) -> Status:
    verified = verify(bundle.status, trust, now=now)
    status = verified.statement.typed(Status)
    if status.trust_version != trust.version:
        raise Rejected(
            f"the status is for trust policy version {status.trust_version}, the bundle has {trust.version}"
        )
    root = str(Digest("sha256", checkpoint.root.hex()))
    if (status.log_size, status.log_root) != (checkpoint.size, root):
        raise Rejected("the status is about another log than the checkpoint")
    issued, expires = instant.parse(status.issued_at), instant.parse(status.expires)
    if issued > now:
        raise Rejected(f"the status is dated in the future: {status.issued_at}")
    if kept is not None and status.issued_at < kept.status_issued_at:
        raise Rejected(f"a newer status, of {kept.status_issued_at}, was seen before")
    if now >= expires:
        raise Stale(
            f"the status expired {status.expires}, so revocations since then are unknown",
            help="get the current release bundle; the registry issues one with modelward registry refresh",
        )
    return status


class _Walker:
    """Steps 6, 7 and 9: statements of the bundle that are bound to its log, trust policy and status."""

    def __init__(
        self,
        bundle: ReleaseBundle,
        question: Question,
        trust: Trust,
        checkpoint: Checkpoint,
        status: Status,
        now: datetime,
        witnessed: datetime | None,
    ) -> None:
        self._bundle = bundle
        self._question = question
        self._trust = trust
        self._checkpoint = checkpoint
        self._status = status
        self._now = now
        self._witnessed = witnessed

    def stage(self) -> Stage:
        """The stage statement that the status points to."""
        verified = self._logged(self._bundle.stage)
        stage = verified.statement.typed(Stage)
        wanted, kept = self._question, self._question.kept
        if (stage.model, stage.stage) != (wanted.model, wanted.stage):
            raise Rejected(
                f"the bundle is for {stage.model}:{stage.stage}, not {wanted.model}:{wanted.stage}"
            )
        pointers = [p for p in self._status.stages if (p.model, p.stage) == (stage.model, stage.stage)]
        if len(pointers) != 1:
            raise Rejected("the status does not name exactly one release for this stage")
        pointer = pointers[0]
        if stage.sequence != pointer.sequence:
            raise Rejected(
                f"release {stage.sequence} is not current: the stage is at release {pointer.sequence}",
                help="deploy the current release",
            )
        if (str(verified.id), str(release_digest(stage.release))) != (pointer.statement, pointer.release):
            raise Rejected("the stage statement is not the one that the status names")
        if kept is not None and stage.sequence < kept.sequences.get(f"{stage.model}:{stage.stage}", 0):
            raise Rejected("a later release of this stage was seen before")
        self._check_previous(stage)
        if instant.parse(stage.expires) <= self._now:
            raise Stale(f"the release expired {stage.expires}", help="promote it again")
        if not stage.gated and wanted.require_gated:
            raise Rejected("the release is ungated: its policy only observes")
        return stage

    def decision(self, stage: Stage) -> tuple[VerificationSummary, Evidence]:
        """The gate's decision for this stage statement, and the evidence that it names."""
        verified = self._logged(self._bundle.decision)
        summary = verified.statement.typed(VerificationSummary)
        if str(verified.id) != stage.decision:
            raise Rejected("the decision is not the one that the stage statement names")
        if summary.verification_result != "PASSED":
            raise Rejected("the gate denied this release")
        if summary.release != stage.release or summary.sequence != stage.sequence:
            raise Rejected("the decision is about another release")
        if instant.parse(summary.expires) <= self._now:
            raise Stale(f"the decision expired {summary.expires}", help="promote it again")
        self._check_policy(summary)
        if str(self._bundle.bom_digest) != summary.release.bom:
            raise Rejected("the BOM is not the one that was reviewed")
        evidence = self._evidence(summary)
        if str(evidence.digest) != summary.evidence:
            raise Rejected("the evidence is not all that the gate decided on")
        return summary, evidence

    def revocations(self, evidence: Evidence, stage: Stage, summary: VerificationSummary) -> None:
        """Nothing in the lineage is revoked, and no statement or key that the decision counted on.

        What was revoked before the decision did not count in it, so it is no reason to refuse.
        """
        counted = {
            f"{algorithm}:{value}"
            for attestation in summary.input_attestations
            for algorithm, value in attestation.digest.items()
        }
        counted |= {str(part.bundle.statement_id) for part in (self._bundle.stage, self._bundle.decision)}
        lineage = {str(digest) for digest in evidence.ancestors(Digest.parse(stage.release.artifact))}
        lineage.add(str(release_digest(stage.release)))
        lost = [item for item in evidence.refused if str(item.bundle.statement_id) in counted]
        keys = {f"sha256:{item.bundle.key_id}" for item in lost}
        reached = {"artifact": lineage, "release": lineage, "statement": counted, "key": keys}
        for thing in self._status.revocations:
            if thing.digest in reached[thing.kind]:
                raise Rejected(f"the {thing.kind} {Digest.parse(thing.digest).short} is revoked")
        for item in lost:
            if self._trust.revoked(item.bundle.key_id) is not None:
                raise Rejected(f"the key of {item.signer}, who signed evidence, is revoked")

    def _check_previous(self, stage: Stage) -> None:
        previous = self._bundle.previous
        if stage.previous is None:
            if stage.sequence != 1 or previous is not None:
                raise Rejected("the stage statement names no predecessor but is not the first")
            return
        if previous is None or str(previous.bundle.statement_id) != stage.previous:
            raise Rejected("the predecessor of the stage statement is missing or another one")
        self._check_logged(previous)
        before = previous.bundle.statement.typed(Stage)
        if (before.model, before.stage, before.sequence) != (stage.model, stage.stage, stage.sequence - 1):
            raise Rejected("the stage statement does not follow its predecessor")

    def _check_policy(self, summary: VerificationSummary) -> None:
        digest = Digest.sha256(self._bundle.policy)
        if summary.release.policy != str(digest) or summary.policy.digest != digest.as_set():
            raise Rejected("the decision was made by another gate policy than the one at hand")
        ever = {
            bundles[0].statement.typed(TrustPolicy).gate_policy for bundles in self._bundle.trust if bundles
        }
        if str(digest) not in ever:
            raise Rejected("no version of the trust policy ever named this gate policy")

    def _evidence(self, summary: VerificationSummary) -> Evidence:
        logged: list[Logged] = []
        refused: list[Refused] = []
        for item in self._bundle.evidence:
            if item.index >= summary.log_size:
                raise Rejected(f"entry {item.index} is newer than the decision")
            self._check_logged(item)
            try:
                logged.append(Logged(item.index, self._verify(item)))
            except Rejected as error:
                refused.append(Refused(item.index, item.bundle, self._signer(item), error.message))
        return Evidence(tuple(logged), tuple(refused))

    def _signer(self, item: LoggedBundle) -> str:
        try:
            return self._trust.key(item.bundle.key_id).principal
        except Rejected:
            return f"unknown key {item.bundle.key_id[:8]}…"

    def _logged(self, item: LoggedBundle) -> VerifiedStatement:
        self._check_logged(item)
        return self._verify(item)

    def _verify(self, item: LoggedBundle) -> VerifiedStatement:
        return verify(
            item.bundle,
            self._trust,
            now=self._now,
            proven_time=self._witnessed,
            revocations=self._status.revocations,
        )

    def _check_logged(self, item: LoggedBundle) -> None:
        """The statement is in the log of the checkpoint."""
        leaf = merkle.leaf_hash(LogEntry.of(item.bundle).to_bytes())
        try:
            merkle.verify_inclusion(
                leaf, item.index, self._checkpoint.size, item.proof, self._checkpoint.root
            )
        except Rejected as error:
            raise Rejected(f"a statement is not in the log: {error.message}") from error


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
