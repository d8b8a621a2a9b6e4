"""Which statements stand: a finding stands until an authorised signer supersedes it by name (DESIGN 1.3)."""

from __future__ import annotations

from collections.abc import Iterable

from modelward.attest.predicates import PREDICATES, Custody, DataCheck, Provenance, Review, Version
from modelward.attest.trust_rules import same
from modelward.attest.verify import VerifiedStatement
from modelward.core.digest import Digest

#: Types whose schema has `supersedes`. A field of that name in another predicate means nothing: else who may
#: sign provenance could make lineage disappear.
REPLACEABLE = frozenset(uri for uri, kind in PREDICATES.items() if "supersedes" in kind.__struct_fields__)


def superseded(statements: Iterable[VerifiedStatement]) -> frozenset[Digest]:
    """The identities that a statement of the same type about the same subject names in `supersedes`.

    Who registered or made a subject cannot take away what another person found about it, nor who handled a
    dataset what another found in its rows; a review is superseded by its own signer only. The order of
    `statements` does not matter: only a statement that was there can be named.
    """
    known = list(statements)
    makers = {
        (said.statement.subject, same(said.principal.person))
        for said in known
        if said.statement.predicate_type in (Version.TYPE, Provenance.TYPE)
    }
    handlers = {
        (said.statement.subject, same(said.principal.person))
        for said in known
        if said.statement.predicate_type == Custody.TYPE
    }
    findings: dict[Digest, list[VerifiedStatement]] = {}
    for said in known:
        if said.statement.predicate_type in REPLACEABLE:
            findings.setdefault(said.id, []).append(said)
    replaced: set[Digest] = set()
    for finding in (said for several in findings.values() for said in several):
        person = same(finding.principal.person)
        is_maker = (finding.statement.subject, person) in makers
        if finding.statement.predicate_type == DataCheck.TYPE:
            is_maker |= (finding.statement.subject, person) in handlers
        elif finding.statement.predicate_type == Review.TYPE:
            is_maker = True  # a decision is taken back by who made it
        for text in finding.statement.predicate.get("supersedes", ()):
            target = Digest.parse(text)
            former = findings.get(target, [])
            if target == finding.id or not all(_alike(finding, other) for other in former):
                continue
            if is_maker and any(same(other.principal.person) != person for other in former):
                continue
            replaced.add(target)
    return frozenset(replaced)


def _alike(one: VerifiedStatement, other: VerifiedStatement) -> bool:
    mine, theirs = one.statement, other.statement
    return (mine.predicate_type, mine.subject) == (theirs.predicate_type, theirs.subject)
