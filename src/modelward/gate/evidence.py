"""The evidence a gate decides on: every logged statement about a release's closure.

Never the caller's selection. A bad scan or a failed evaluation stands until an authorised signer
supersedes it by name (`attest.standing`).
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from modelward.attest.bundle import Bundle
from modelward.attest.predicates import (
    AnyPredicate,
    Approval,
    Custody,
    DataCheck,
    Evaluation,
    Provenance,
    Stage,
    VerificationSummary,
    Waiver,
)
from modelward.attest.standing import superseded
from modelward.attest.statement import Statement
from modelward.attest.trust import Trust
from modelward.attest.trust_rules import same
from modelward.attest.verify import VerifiedStatement
from modelward.core.digest import Digest
from modelward.core.errors import LimitExceeded, Rejected
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
    """A logged statement that does not count, and why. It still belongs to the evidence.

    `signer` and `person` are whose key it names; `person` is empty for a key that nobody knows.
    """

    index: int
    bundle: Bundle
    signer: str
    person: str
    reason: str

    @classmethod
    def of(cls, index: int, bundle: Bundle, trust: Trust, reason: str) -> Refused:
        """The statement of `bundle`, refused for `reason`.

        Only verified signatures are logged. So one that does not hold was changed since, and to leave it out
        could hide a bad scan. Raises Rejected for it.
        """
        try:
            signer = trust.principal(trust.key(bundle.key_id).principal)
        except Rejected:
            return cls(index, bundle, f"unknown key {bundle.key_id[:8]}…", "", reason)
        try:
            bundle.check_signature(trust.public_key(bundle.key_id))
        except Rejected as error:
            raise Rejected(
                f"the statement of entry {index} was changed after it was logged: {error.message}",
                help="restore it from a backup; nothing about its subject can be judged without it",
            ) from error
        return cls(index, bundle, signer.name, signer.person, reason)

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
    _standing: Mapping[Digest, Sequence[Logged]] = field(init=False, repr=False)
    _superseded: Mapping[Digest, Sequence[Logged]] = field(init=False, repr=False)
    _refused: Mapping[Digest, Sequence[Refused]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        replaced = superseded(item.verified for item in self.logged)
        standing: dict[Digest, list[Logged]] = {}
        former: dict[Digest, list[Logged]] = {}
        refused: dict[Digest, list[Refused]] = {}
        for item in self.logged:
            side = former if item.verified.id in replaced else standing
            side.setdefault(item.verified.statement.subject, []).append(item)
        for other in self.refused:
            refused.setdefault(other.bundle.statement.subject, []).append(other)
        object.__setattr__(self, "_standing", standing)
        object.__setattr__(self, "_superseded", former)
        object.__setattr__(self, "_refused", refused)

    def about(self, subject: Digest, kind: type[P]) -> list[Typed[P]]:
        """The standing statements of one type about one subject, in log order, one per signature."""
        return [
            Typed(logged.index, logged.verified, logged.verified.statement.typed(kind))
            for logged in self._standing.get(subject, ())
            if logged.verified.statement.predicate_type == kind.TYPE
        ]

    def refused_about(self, subject: Digest, type_uri: str) -> list[Refused]:
        """Logged statements of one type about one subject that do not count."""
        return [r for r in self._refused.get(subject, ()) if r.bundle.statement.predicate_type == type_uri]

    def persons(self, subject: Digest, kind: type[P]) -> set[str]:
        """Everybody who signed a statement of one type about one subject, in the form of `same`.

        Whether it counts does not matter: who takes a statement back has had a part in it all the same.
        """
        signers = {
            same(item.verified.principal.person)
            for item in (*self._standing.get(subject, ()), *self._superseded.get(subject, ()))
            if item.verified.statement.predicate_type == kind.TYPE
        }
        signers |= {same(refused.person) for refused in self.refused_about(subject, kind.TYPE)}
        return signers - {""}

    def facts(self) -> list[VerifiedStatement]:
        """The verified statements that are no opinions: what the review BOM is made from."""
        return [
            logged.verified
            for logged in self.logged
            if logged.verified.statement.predicate_type not in ACT_TYPES
        ]

    def ancestors(self, artifact: Digest, counted: Collection[str] = ()) -> list[Digest]:
        """The digests that `artifact` was made from or measured with, itself first, nearest first.

        As standing statements tell, and those that do not count now but are named in `counted`, by identity.
        """

        def about(subject: Digest) -> list[Statement]:
            former = [refused.bundle for refused in self._refused.get(subject, ())]
            return [
                *self._standing_about(subject),
                *(bundle.statement for bundle in former if str(bundle.statement_id) in counted),
            ]

        return _reach(artifact, about)

    def made_from(self, subject: Digest) -> list[Digest]:
        """The digests that `subject` was made from by steps and custody, itself first: no measurements."""
        making = (Provenance.TYPE, Custody.TYPE)
        return _reach(
            subject, lambda digest: [s for s in self._standing_about(digest) if s.predicate_type in making]
        )

    def closure(self, artifact: Digest) -> list[Digest]:
        """`ancestors` by all statements, superseded and refused ones too."""
        return _reach(
            artifact,
            lambda subject: [
                *self._standing_about(subject),
                *(item.verified.statement for item in self._superseded.get(subject, ())),
                *(refused.bundle.statement for refused in self._refused.get(subject, ())),
            ],
        )

    @property
    def digest(self) -> Digest:
        """The SHA-256 of the sorted log entries of all evidence, a line each.

        Refused statements belong to it: what was not counted is evidence too.
        """
        lines = {logged.entry.to_bytes() for logged in self.logged}
        lines |= {refused.entry.to_bytes() for refused in self.refused}
        return Digest("sha256", hashlib.sha256(b"".join(line + b"\n" for line in sorted(lines))).hexdigest())

    def _standing_about(self, subject: Digest) -> list[Statement]:
        return [logged.verified.statement for logged in self._standing.get(subject, ())]


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
    frontier = deque([root])
    while frontier:
        subject = frontier.popleft()
        for statement in about(subject):
            for material in materials(statement):
                if material not in seen:
                    if len(seen) >= MAX_SUBJECTS:
                        raise LimitExceeded(f"the closure holds more than {MAX_SUBJECTS} digests")
                    seen[material] = None
                    frontier.append(material)
    return list(seen)


def materials(statement: Statement) -> list[Digest]:
    """The digests that a statement says its subject was made from or measured with, or what was found in it.

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
        custody = statement.typed(Custody)
        texts = [named.digest for named in custody.inputs]
        if custody.generator is not None:  # a model that is revoked taints the rows it made
            texts.append(custody.generator.model.digest)
    elif statement.predicate_type == Evaluation.TYPE:
        evaluation = statement.typed(Evaluation)
        texts = [evaluation.data.digest, evaluation.harness.digest]
    elif statement.predicate_type == DataCheck.TYPE:  # what reviews of its findings are about
        texts = [finding.id for finding in statement.typed(DataCheck).findings]
    return [Digest.parse(text) for text in texts]
