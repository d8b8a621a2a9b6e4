"""The evidence a gate decides on: every logged statement about a release's closure.

Never the caller's selection. A bad scan or a failed evaluation stands until an authorised signer
supersedes it by name in a later statement of the same type about the same subject.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from modelward.attest.bundle import Bundle
from modelward.attest.predicates import (
    AnyPredicate,
    Approval,
    Custody,
    Evaluation,
    Provenance,
    Stage,
    VerificationSummary,
    Waiver,
)
from modelward.attest.statement import Statement
from modelward.attest.verify import VerifiedStatement
from modelward.core.digest import Digest
from modelward.core.errors import LimitExceeded
from modelward.gate.entry import LogEntry

P = TypeVar("P", bound=AnyPredicate)

#: A closure with more subjects or statements than this is refused, not cut.
MAX_SUBJECTS = 10_000
MAX_STATEMENTS = 50_000

#: Opinions on and decisions about a release, not facts: no part of the review BOM.
ACT_TYPES = frozenset({Approval.TYPE, Waiver.TYPE, VerificationSummary.TYPE, Stage.TYPE})


@dataclass(frozen=True, slots=True)
class Logged:
    """A verified statement and its place in the log."""

    index: int
    verified: VerifiedStatement

    @property
    def entry(self) -> LogEntry:
        """The log entry that records it."""
        return LogEntry.of(self.verified.bundle)


@dataclass(frozen=True, slots=True)
class Refused:
    """A logged statement that does not count, and why. It still belongs to the evidence."""

    index: int
    bundle: Bundle
    signer: str
    reason: str

    @property
    def entry(self) -> LogEntry:
        """The log entry that records it."""
        return LogEntry.of(self.bundle)


@dataclass(frozen=True, slots=True)
class Typed(Generic[P]):
    """A logged statement with its predicate read."""

    index: int
    verified: VerifiedStatement
    predicate: P


@dataclass(frozen=True)
class Evidence:
    """All logged statements about a closure up to one log size, in log order."""

    logged: tuple[Logged, ...]
    refused: tuple[Refused, ...] = ()
    _superseded: frozenset[Digest] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_superseded", _superseded(self.logged))

    def about(self, subject: Digest, kind: type[P]) -> list[Typed[P]]:
        """The standing statements of one type about one subject, in log order, one per signature."""
        return [
            Typed(logged.index, logged.verified, logged.verified.statement.typed(kind))
            for logged in self.logged
            if logged.verified.statement.subject == subject
            and logged.verified.statement.predicate_type == kind.TYPE
            and logged.verified.id not in self._superseded
        ]

    def refused_about(self, subject: Digest, type_uri: str) -> list[Refused]:
        """Logged statements of one type about one subject that do not count."""
        return [r for r in self.refused if r.entry.subject == subject and r.entry.type == type_uri]

    def facts(self) -> list[VerifiedStatement]:
        """The verified statements that are no opinions: what the review BOM is made from."""
        return [
            logged.verified
            for logged in self.logged
            if logged.verified.statement.predicate_type not in ACT_TYPES
        ]

    def ancestors(self, artifact: Digest) -> list[Digest]:
        """The digests that `artifact` was made from, itself first, nearest first."""
        return _reach(artifact, self._statements_about)

    @property
    def digest(self) -> Digest:
        """The SHA-256 of the sorted log entries of all evidence, a line each.

        Refused statements belong to it: what was not counted is evidence too.
        """
        lines = {logged.entry.to_bytes() for logged in self.logged}
        lines |= {refused.entry.to_bytes() for refused in self.refused}
        return Digest("sha256", hashlib.sha256(b"".join(line + b"\n" for line in sorted(lines))).hexdigest())

    def _statements_about(self, subject: Digest) -> list[Statement]:
        return [
            logged.verified.statement
            for logged in self.logged
            if logged.verified.statement.subject == subject and logged.verified.id not in self._superseded
        ]


def collect(roots: Iterable[Digest], about: Callable[[Digest], Iterable[Logged | Refused]]) -> Evidence:
    """Follow the statements about `roots` to everything these were made from.

    `about(subject)` yields every logged statement about one subject up to the chosen log size. Refused ones
    are followed too: so the set depends on the log alone, and is the same whenever it is collected.
    Raises LimitExceeded past MAX_SUBJECTS or MAX_STATEMENTS.
    """
    logged: dict[int, Logged] = {}
    refused: dict[int, Refused] = {}

    def statements_about(subject: Digest) -> list[Statement]:
        found = []
        for item in about(subject):
            if isinstance(item, Logged):
                logged[item.index] = item
                found.append(item.verified.statement)
            else:
                refused[item.index] = item
                found.append(item.bundle.statement)
        if len(logged) + len(refused) > MAX_STATEMENTS:
            raise LimitExceeded(f"the closure holds more than {MAX_STATEMENTS} statements")
        return found

    for root in roots:
        _reach(root, statements_about)
    return Evidence(
        tuple(logged[index] for index in sorted(logged)),
        tuple(refused[index] for index in sorted(refused)),
    )


def _reach(root: Digest, about: Callable[[Digest], Sequence[Statement]]) -> list[Digest]:
    seen = {root: None}
    frontier = [root]
    while frontier:
        subject = frontier.pop(0)
        for statement in about(subject):
            for material in materials(statement):
                if material not in seen:
                    if len(seen) >= MAX_SUBJECTS:
                        raise LimitExceeded(f"the closure holds more than {MAX_SUBJECTS} digests")
                    seen[material] = None
                    frontier.append(material)
    return list(seen)


def materials(statement: Statement) -> list[Digest]:
    """The file and tree digests that a statement says its subject was made from or measured with.

    Raises InputError for a digest that is none.
    """
    texts: list[str] = []
    if statement.predicate_type == Provenance.TYPE:
        for dependency in statement.typed(Provenance).build_definition.resolved_dependencies:
            texts += [
                f"{algorithm}:{value}"
                for algorithm, value in dependency.digest.items()
                if algorithm in ("sha256", "dirHash")
            ]
    elif statement.predicate_type == Custody.TYPE:
        texts = [named.digest for named in statement.typed(Custody).inputs]
    elif statement.predicate_type == Evaluation.TYPE:
        evaluation = statement.typed(Evaluation)
        texts = [evaluation.data.digest, evaluation.harness.digest]
    return [Digest.parse(text) for text in texts]


def _superseded(logged: Sequence[Logged]) -> frozenset[Digest]:
    """Statements named by `supersedes` of a later one with the same type and subject."""
    first_seen: dict[Digest, tuple[int, Any]] = {}
    replaced: set[Digest] = set()
    for item in logged:
        statement = item.verified.statement
        same = (statement.predicate_type, statement.subject)
        first_seen.setdefault(item.verified.id, (item.index, same))
        for text in statement.predicate.get("supersedes", ()) or ():
            target = Digest.parse(text)
            if target in first_seen and first_seen[target][1] == same and target != item.verified.id:
                replaced.add(target)
    return frozenset(replaced)
