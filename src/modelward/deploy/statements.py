"""The statements of a release bundle, bound to its log, trust policy and status (steps 6, 7 and 9)."""

from __future__ import annotations

from datetime import datetime

from modelward.attest.predicates import Stage, Status, TrustPolicy, VerificationSummary
from modelward.attest.predicates.acts import release_digest
from modelward.attest.trust import Trust
from modelward.attest.verify import VerifiedStatement, verify
from modelward.core import instant, merkle
from modelward.core.digest import Digest
from modelward.core.errors import Rejected, Stale
from modelward.gate.entry import LogEntry
from modelward.gate.evidence import Evidence, Logged, Refused
from modelward.gate.release_bundle import LoggedBundle, ReleaseBundle
from modelward.log.checkpoint import Checkpoint


class Statements:
    """The statements of a bundle, bound to its log, trust policy and status: steps 6, 7 and 9."""

    def __init__(
        self,
        bundle: ReleaseBundle,
        trust: Trust,
        checkpoint: Checkpoint,
        status: Status,
        now: datetime,
        witnessed: datetime | None,
    ) -> None:
        self._bundle = bundle
        self._trust = trust
        self._checkpoint = checkpoint
        self._status = status
        self._now = now
        self._witnessed = witnessed

    def stage(self, model: str, name: str, seen: int) -> Stage:
        """The stage statement of `model` at stage `name` that the status points to.

        `seen` is the highest sequence of this stage that was verified before, 0 if none was.
        """
        verified = self._logged(self._bundle.stage)
        stage = verified.statement.typed(Stage)
        if (stage.model, stage.stage) != (model, name):
            raise Rejected(f"the bundle is for {stage.model}:{stage.stage}, not {model}:{name}")
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
        if stage.sequence < seen:
            raise Rejected("a later release of this stage was seen before")
        self._check_previous(stage)
        if instant.parse(stage.expires) <= self._now:
            raise Stale(f"the release expired {stage.expires}", help="promote it again")
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
        if stage.gated != (summary.mode == "enforce"):
            raise Rejected("the stage statement says otherwise than the decision whether a gate was enforced")
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
        # What a counted statement said of the lineage holds, even if nothing proves today when it was signed.
        ancestors = evidence.ancestors(Digest.parse(stage.release.artifact), counted)
        lineage = {str(digest) for digest in ancestors}
        lineage.add(str(release_digest(stage.release)))
        lost = [item for item in evidence.refused if str(item.bundle.statement_id) in counted]
        keys = {f"sha256:{item.bundle.key_id}" for item in lost}
        reached = {"artifact": lineage, "release": lineage, "statement": counted, "key": keys}
        for thing in self._status.revocations:
            if thing.digest in reached[thing.kind]:
                raise Rejected(
                    f"the {thing.kind} {Digest.parse(thing.digest).short} is revoked",
                    help=f"stop serving it; its registry says why in statement {thing.statement}",
                )
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
        named = [
            policy.gate_policy
            for bundles in self._bundle.trust
            if (policy := bundles[0].statement.typed(TrustPolicy)).version == summary.trust_version
        ]
        if named != [str(digest)]:
            raise Rejected(
                f"version {summary.trust_version} of the trust policy, by which the gate decided,"
                " does not name this gate policy"
            )

    def _evidence(self, summary: VerificationSummary) -> Evidence:
        logged: list[Logged] = []
        refused: list[Refused] = []
        before = -1
        for item in self._bundle.evidence:
            if item.index <= before:
                raise Rejected(f"entry {item.index} of the evidence is out of order, or there twice")
            if item.index >= summary.log_size:
                raise Rejected(f"entry {item.index} is newer than the decision")
            before = item.index
            self._check_logged(item)
            try:
                logged.append(Logged(item.index, self._verify(item)))
            except Rejected as error:
                refused.append(Refused.of(item.index, item.bundle, self._trust, error.message))
        return Evidence(tuple(logged), tuple(refused))

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
