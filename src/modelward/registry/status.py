"""Status statements and release bundles: what verifiers who are offline get."""

from __future__ import annotations

from modelward.attest.bundle import Bundle, sign_statement
from modelward.attest.predicates import Stage, Status, VerificationSummary
from modelward.attest.predicates.acts import StagePointer
from modelward.attest.statement import Statement
from modelward.core import atomic, instant, strict_json
from modelward.core.digest import Digest
from modelward.gate.release_bundle import Continuity, LoggedBundle, ReleaseBundle
from modelward.log.checkpoint import SignedCheckpoint
from modelward.registry.local import Registry
from modelward.registry.projection import CurrentRelease
from modelward.registry.soundness import check_tables

#: How many earlier checkpoints a release bundle continues by proof.
MAX_CONTINUITY = 256


def issue(registry: Registry) -> Bundle:
    """Sign a status statement about the log and all stages as they are now, and keep it.

    Raises Rejected for tables that are not what the log says.
    """
    checkpoint = SignedCheckpoint.parse(registry.log.checkpoint()).checkpoint
    check_tables(registry, checkpoint.size)
    now = instant.now()
    status = Status(
        registry=str(registry.pin),
        trust_version=registry.trust.version,
        log_size=checkpoint.size,
        log_root=str(Digest("sha256", checkpoint.root.hex())),
        stages=tuple(
            StagePointer(
                model=current.model,
                stage=current.stage,
                sequence=current.sequence,
                release=current.release,
                statement=current.statement,
            )
            for current in registry.stages()
        ),
        revocations=registry.revocations().things,
        issued_at=instant.render(now),
        expires=instant.render(now + registry.policy.status_valid),
    )
    bundle = sign_statement(
        Statement.of(registry.settings.name, registry.pin, status), registry.signer("status")
    )
    atomic.write_bytes(registry.layout.status, bundle.to_bytes())
    _remember_exported(registry, checkpoint.size)
    return bundle


def refresh(registry: Registry) -> list[CurrentRelease]:
    """Issue a new status and write the release bundle of every stage anew. Gives the stages written."""
    with registry.exclusive():
        registry.sync()
        status = issue(registry)
        stages = registry.stages()
        for current in stages:
            data = export(registry, current, status).to_bytes()
            atomic.write_bytes(registry.layout.release(current.model, current.stage), data)
    return stages


def export(
    registry: Registry, current: CurrentRelease, status: Bundle, since: int | None = None
) -> ReleaseBundle:
    """The release bundle of a stage, with proofs for the checkpoint that `status` names.

    `since` is a log size that a verifier has kept, if it is not among those exported lately.

    Raises Rejected when a statement that it needs is missing.
    """
    checkpoint = registry.log.checkpoint()
    size = SignedCheckpoint.parse(checkpoint).checkpoint.size
    stage = registry.logged(Digest.parse(current.statement))
    decision = registry.logged(Digest.parse(current.decision))
    summary = decision[1].statement.typed(VerificationSummary)
    previous = stage[1].statement.typed(Stage).previous
    policy = registry.layout.policy(Digest.parse(summary.release.policy)).read_bytes()

    def logged(index: int, bundle: Bundle) -> LoggedBundle:
        return LoggedBundle(bundle, index, tuple(registry.log.inclusion_proof(index, size)))

    return ReleaseBundle(
        trust=tuple(registry.trust_versions()),
        checkpoint=checkpoint,
        continuity=tuple(
            Continuity(earlier, tuple(registry.log.consistency_proof(earlier, size)))
            for earlier in sorted({*_exported_sizes(registry), *([] if since is None else [since])})
            if 0 < earlier < size
        ),
        status=status,
        stage=logged(*stage),
        previous=None if previous is None else logged(*registry.logged(Digest.parse(previous))),
        decision=logged(*decision),
        manifest=registry.manifest(Digest.parse(current.artifact)).to_bytes(),
        policy=policy,
        bom=strict_json.loads(registry.store.get_bytes(Digest.parse(summary.release.bom)), what="BOM"),
        evidence=tuple(logged(index, bundle) for index, bundle in _evidence(registry, summary)),
    )


def _evidence(registry: Registry, summary: VerificationSummary) -> list[tuple[int, Bundle]]:
    """The evidence that the decision was made on, in log order."""
    roots = [Digest.parse(text) for text in (summary.release.artifact, summary.baseline) if text is not None]
    evidence = registry.evidence(roots, summary.log_size)
    found = [(item.index, item.verified.bundle) for item in evidence.logged]
    found += [(item.index, item.bundle) for item in evidence.refused]
    return sorted(found, key=lambda pair: pair[0])


def _exported_sizes(registry: Registry) -> list[int]:
    """The log sizes that verifiers may have kept, oldest first."""
    try:
        lines = registry.layout.exported_sizes.read_text("ascii").split()
    except FileNotFoundError:
        return []
    return [int(line) for line in lines if line.isascii() and line.isdigit()]


def _remember_exported(registry: Registry, size: int) -> None:
    sizes = sorted({*_exported_sizes(registry), size})[-MAX_CONTINUITY:]
    atomic.write_bytes(registry.layout.exported_sizes, "".join(f"{size}\n" for size in sizes).encode("ascii"))
