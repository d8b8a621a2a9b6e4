"""Ledgers for recorded custody (`modelward.data.step`, `.recording`): they sign, or publish too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from modelward.attest.bundle import Bundle, sign_statement
from modelward.attest.keys.signer import Signer
from modelward.attest.predicates import Snapshot
from modelward.attest.statement import Statement
from modelward.attest.verify import VerifiedStatement
from modelward.core.digest import Digest
from modelward.data.index import Index
from modelward.data.ledger import Fact
from modelward.pipeline.evidence import EvidenceSource


class Registry(EvidenceSource, Protocol):
    """What statements are published to."""

    def publish(self, bundles: Sequence[Bundle]) -> Sequence[object]:
        """Store and log them, all or none. Raises Rejected."""


class Signing:
    """Signs each statement; the bundles are kept beside the data, a line each."""

    suffix = "bundles.jsonl"

    def __init__(self, signer: Signer, *, timestamp: str | None = None) -> None:
        """`timestamp` is the address of an RFC 3161 authority."""
        self._signer, self._timestamp = signer, timestamp

    def snapshot_of(self, index: Index) -> Digest | None:
        """Nothing is known of what was signed before."""
        return None

    def record(self, facts: Sequence[Fact]) -> Sequence[bytes]:
        """The signed bundles."""
        return [bundle.to_bytes() for bundle in self._signed(facts)]

    def _signed(self, facts: Sequence[Fact]) -> list[Bundle]:
        return [
            sign_statement(Statement.from_bytes(fact.to_bytes()), self._signer, self._timestamp)
            for fact in facts
        ]


class Publishing(Signing):
    """Signs each statement and publishes all of them to a registry, or none."""

    def __init__(self, registry: Registry, signer: Signer, *, timestamp: str | None = None) -> None:
        super().__init__(signer, timestamp=timestamp)
        self._registry = registry

    def snapshot_of(self, index: Index) -> Digest | None:
        """The newest verified snapshot of these bytes with these roots."""
        found = snapshot_of(index, self._registry)
        return found.id if found else None

    def record(self, facts: Sequence[Fact]) -> Sequence[bytes]:
        """Publish, then give the bundles."""
        bundles = self._signed(facts)
        self._registry.publish(bundles)
        return [bundle.to_bytes() for bundle in bundles]


def snapshot_of(index: Index, evidence: EvidenceSource) -> VerifiedStatement | None:
    """The newest verified snapshot of these bytes with these roots."""
    for verified in reversed(evidence.statements_about(index.subject)):
        if verified.statement.predicate_type == Snapshot.TYPE:
            snapshot = verified.statement.typed(Snapshot)
            if (snapshot.rows_root, snapshot.set_root) == (str(index.rows_root), str(index.set_root)):
                return verified
    return None
