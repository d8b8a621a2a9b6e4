"""What people decided about findings in data, and whose decision counts.

A decision is about the content of a finding: it holds for these rows wherever they are, and for no others.
Who had custody of the data, or recorded a snapshot of it or of what it was made from, may call a finding
poison, but not benign.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from modelward.attest.predicates import Custody, Review, Snapshot
from modelward.attest.trust_rules import same
from modelward.core.digest import Digest
from modelward.gate.evidence import Evidence, Typed

Verdict = Literal["poison", "benign", "unsure", ""]


@dataclass(frozen=True, slots=True)
class Decided:
    """What stands about a finding: `verdict`, by whom and why; empty where nobody who counts has decided.

    `left_out` says of each decision that does not count why not.
    """

    verdict: Verdict
    by: str = ""
    reason: str = ""
    left_out: tuple[str, ...] = ()


def contributors(evidence: Evidence, dataset: Digest) -> set[str]:
    """Who had a part in the data or in what it was made from, in the form of `same`."""
    return {
        person
        for digest in evidence.closure(dataset)
        for kind in (Custody, Snapshot)
        for person in evidence.persons(digest, kind)
    }


def decided(evidence: Evidence, finding: Digest, contributors: set[str]) -> Decided:
    """The worst standing decision about a finding's content counts: poison, then unsure, then benign."""
    found: dict[str, Typed[Review]] = {}
    left_out = []
    for review in evidence.about(finding, Review):
        signer = review.verified.principal
        if review.predicate.decision == "benign" and same(signer.person) in contributors:
            left_out.append(f"{signer.name} does not count: is a contributor to the data")
            continue
        found[review.predicate.decision] = review
    left_out += [
        f"entry {refused.index}, by {refused.signer}: {refused.reason}"
        for refused in evidence.refused_about(finding, Review.TYPE)
    ]
    for verdict in ("poison", "unsure", "benign"):
        if verdict in found:
            review = found[verdict]
            return Decided(verdict, review.verified.principal.name, review.predicate.reason, tuple(left_out))
    return Decided("", left_out=tuple(left_out))
