"""What may enter a step: inputs whose origin is a matter of record (DESIGN section 4, Pipeline)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from modelward.artifact.hashing import digest_of
from modelward.attest.predicates import (
    Custody,
    Evaluation,
    Provenance,
    Revocation,
    Scan,
    Snapshot,
    Version,
)
from modelward.attest.verify import VerifiedStatement
from modelward.core.digest import Digest
from modelward.core.errors import Rejected


class EvidenceSource(Protocol):
    """Where verified statements come from. The registry is one. Revoked statements are not among them."""

    def statements_about(self, digest: Digest) -> Sequence[VerifiedStatement]:
        """Every verified statement whose subject is `digest`."""


@runtime_checkable
class NamedEvidence(Protocol):
    """A source that can also look statements up by their subject's name, to explain a refusal."""

    def statements_named(self, name: str) -> Sequence[VerifiedStatement]:
        """Verified statements whose subject has this name."""


@dataclass(frozen=True, slots=True)
class Accounted:
    """An input that a step may use, and the statements that vouch for it."""

    name: str
    path: Path
    digest: Digest
    origin: str
    statements: tuple[VerifiedStatement, ...]


#: Origin -> the predicate types that together vouch for it. The first that is complete counts.
STEP_ORIGINS: dict[str, tuple[str, ...]] = {
    "provenance": (Provenance.TYPE,),
    "snapshot+custody": (Snapshot.TYPE, Custody.TYPE),
    "version": (Version.TYPE,),
}
#: Evaluation data must be a recorded dataset, so that its rows can be compared with the training rows.
DATASET_ORIGINS = {"snapshot+custody": STEP_ORIGINS["snapshot+custody"]}

_KINDS = {
    Custody.TYPE: "custody statement",
    Evaluation.TYPE: "evaluation",
    Provenance.TYPE: "provenance",
    Scan.TYPE: "scan",
    Snapshot.TYPE: "snapshot",
    Version.TYPE: "version",
}


def account(
    name: str,
    path: Path,
    evidence: EvidenceSource,
    origins: dict[str, tuple[str, ...]] = STEP_ORIGINS,
) -> Accounted:
    """Verify that the bytes at `path` are the subject of the statements one of `origins` asks for.

    Raises Rejected, naming the input, its digest, what was found and what to do; InputError if the
    path cannot be hashed.
    """
    digest = digest_of(path)
    found = evidence.statements_about(digest)
    _refuse_revoked(name, path, digest, found)
    for origin, types in origins.items():
        chosen = tuple(s for s in found if s.statement.predicate_type in types)
        if {s.statement.predicate_type for s in chosen} == set(types):
            return Accounted(name, path, digest, origin, chosen)
    raise Rejected(
        f"input {name}: {_complaint(path, digest, found, evidence)}", where=str(path), help=_remedy(found)
    )


def _refuse_revoked(name: str, path: Path, digest: Digest, found: Sequence[VerifiedStatement]) -> None:
    for verified in found:
        if verified.statement.predicate_type != Revocation.TYPE:
            continue
        revocation = verified.statement.typed(Revocation)
        if revocation.kind == "artifact":
            raise Rejected(
                f"input {name} ({digest}) is revoked by {verified.principal.name}: {revocation.reason}",
                where=str(path),
                help="use another version of it",
            )


def _complaint(
    path: Path, digest: Digest, found: Sequence[VerifiedStatement], evidence: EvidenceSource
) -> str:
    """What is wrong, in the order of what a user most likely did."""
    types = {verified.statement.predicate_type for verified in found}
    if Snapshot.TYPE in types:
        return f"{path.name} has a snapshot but no custody statement ({digest})"
    if Custody.TYPE in types:
        return f"{path.name} has a custody statement but no snapshot ({digest})"
    if types:
        kinds = ", ".join(sorted(_KINDS.get(kind, kind) for kind in types))
        return f"nothing says where {path.name} came from ({digest}); found only: {kinds}"
    earlier = _of_the_same_name(path.name, evidence)
    if earlier is not None:
        return (
            f"{path.name} is not what was recorded: it changed after {_described(earlier)}\n"
            f"recorded {earlier.statement.subject}\n"
            f"now      {digest}"
        )
    return f"nothing is known about {path.name} ({digest}): found no statement about it"


def _of_the_same_name(name: str, evidence: EvidenceSource) -> VerifiedStatement | None:
    """What was recorded last under this name, a snapshot before anything else."""
    if not isinstance(evidence, NamedEvidence):
        return None
    named = list(reversed(evidence.statements_named(name)))
    for kind in (Snapshot.TYPE, Custody.TYPE, Provenance.TYPE, Version.TYPE):
        for verified in named:
            if verified.statement.predicate_type == kind:
                return verified
    return None


def _described(verified: VerifiedStatement) -> str:
    statement = verified.statement
    kind = _KINDS[statement.predicate_type]
    dataset = statement.predicate.get("dataset")
    of = f" of dataset {dataset}" if isinstance(dataset, str) else ""
    return f"{kind} {verified.id.short}{of} by {verified.principal.name}"


def _remedy(found: Sequence[VerifiedStatement]) -> str:
    types = {verified.statement.predicate_type for verified in found}
    if Snapshot.TYPE in types:
        return "a data steward records where it came from: modelward data custody"
    if Custody.TYPE in types:
        return "record its rows: modelward data snapshot"
    return (
        "restore the recorded bytes, or record these: modelward data snapshot and modelward data custody "
        "for data, modelward run for what a step makes, modelward registry import for a base model"
    )
