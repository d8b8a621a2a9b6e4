"""Verified statements by subject, in an order that does not depend on how they came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from modelward.attest.predicates import (
    AnyPredicate,
    Custody,
    Evaluation,
    Provenance,
    Scan,
    Snapshot,
    Version,
)
from modelward.attest.standing import superseded
from modelward.attest.verify import VerifiedStatement
from modelward.core.digest import Digest

#: The statements that a BOM is made from; all others are left out.
FACTUAL = (Custody, Evaluation, Provenance, Scan, Snapshot, Version)

P = TypeVar("P", bound=AnyPredicate)


class Evidence:
    """What stands: a statement that another of its type about the same subject supersedes does not."""

    def __init__(self, statements: Sequence[VerifiedStatement]) -> None:
        factual = {kind.TYPE for kind in FACTUAL}
        unique = {str(v.id): v for v in statements if v.statement.predicate_type in factual}
        replaced = superseded(unique.values())
        self._by_subject: dict[Digest, list[VerifiedStatement]] = {}
        for name in sorted(unique):
            verified = unique[name]
            if verified.id not in replaced:
                self._by_subject.setdefault(verified.statement.subject, []).append(verified)

    def about(self, subject: Digest, kind: type[P]) -> list[tuple[VerifiedStatement, P]]:
        """The standing statements of one type about one subject, by identity."""
        return [
            (verified, verified.statement.typed(kind))
            for verified in self._by_subject.get(subject, ())
            if verified.statement.predicate_type == kind.TYPE
        ]

    def is_dataset(self, subject: Digest) -> bool:
        """Whether a steward or trainer recorded it as data."""
        return bool(self.about(subject, Snapshot) or self.about(subject, Custody))
