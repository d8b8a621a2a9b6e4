"""One release and everything that is said about it: complete by default, and changed by each test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from tests.attest.simulator import NOW, Actor, Registry

from modelward.attest import predicates as p
from modelward.attest.bundle import Bundle, sign_statement
from modelward.attest.predicates.acts import RevokedThing
from modelward.attest.predicates.custody import RowCounts, Source
from modelward.attest.predicates.scan import Scanner
from modelward.attest.predicates.slsa import BuildDefinition, Builder, RunDetails
from modelward.attest.statement import Statement
from modelward.attest.verify import verify
from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.errors import Rejected
from modelward.gate.context import Context, LogView, Request, Revoked
from modelward.gate.evaluate import Decision, evaluate
from modelward.gate.evidence import Evidence, Logged, Refused, collect
from modelward.gate.policy import Policy

MODEL = Digest("dirHash", "a1" * 32)
OTHER_MODEL = Digest("dirHash", "a2" * 32)
TRAIN = Digest.sha256(b"train")
TEST = Digest.sha256(b"test")
RAW = Digest.sha256(b"raw")
HARNESS = Digest.sha256(b"harness")
MOMENT = instant.render(NOW)
ANY = str(Digest.sha256(b"any"))

POLICY = b"""
format = "modelward-policy/v1"
name = "test"
[stage.production]
[stage.production.check.log-consistent]
[stage.production.check.signed]
[stage.production.check.not-revoked]
[stage.production.check.scanned]
[stage.production.check.provenance]
[stage.production.check.custody]
[stage.production.check.evaluated]
metrics.f1 = { min = 0.9 }
[stage.production.check.bom]
fields = ["MDL-01"]
[stage.production.check.approved]
count = 2
"""


class FilledBom:
    """A review BOM with these fields missing."""

    def __init__(self, digest: Digest, lacking: Sequence[str] = ()) -> None:
        self.digest = digest
        self._lacking = lacking

    def missing(self, fields: Sequence[str]) -> list[Any]:
        @dataclass
        class Field:
            id: str
            title: str = "a field"
            how_to_fill: str = "fill it"

        return [Field(name) for name in fields if name in self._lacking]


@dataclass
class Case:
    """Statements in log order, and the request. `decide()` asks the gate."""

    registry: Registry
    policy: Policy
    bundles: list[Bundle] = field(default_factory=list)
    bom: FilledBom = field(default_factory=lambda: FilledBom(Digest.sha256(b"bom")))
    revoked: tuple[Revoked, ...] = ()
    revocations: tuple[RevokedThing, ...] = ()
    log_consistent: bool = True
    baseline: Digest | None = None
    later: timedelta = timedelta(0)

    def say(self, who: str | Actor, subject: Digest, predicate: p.AnyPredicate) -> Bundle:
        """Log a statement by somebody, whether they may make it or not."""
        signer = (self.registry.actors[who] if isinstance(who, str) else who).signer
        bundle = sign_statement(Statement.of("subject", subject, predicate), signer)
        self.bundles.append(bundle)
        return bundle

    def drop(self, kind: Any, subject: Digest | None = None) -> None:
        """Take back what was said of a kind (about one subject)."""
        self.bundles = [
            bundle
            for bundle in self.bundles
            if bundle.statement.predicate_type != kind.TYPE
            or (subject is not None and bundle.statement.subject != subject)
        ]

    @property
    def release(self) -> p.Release:
        return self.registry.release(
            artifact=str(MODEL), policy=str(self.policy.digest), bom=str(Digest.sha256(b"bom"))
        )

    def evidence(self) -> Evidence:
        trust = self.registry.trust(NOW)

        def about(subject: Digest) -> list[Logged | Refused]:
            found: list[Logged | Refused] = []
            for index, bundle in enumerate(self.bundles):
                if bundle.statement.subject != subject:
                    continue
                try:
                    found.append(Logged(index, verify(bundle, trust, now=NOW, revocations=self.revocations)))
                except Rejected as error:
                    found.append(Refused.of(index, bundle, trust, error.message))
            return found

        roots = [MODEL] + ([self.baseline] if self.baseline else [])
        return collect(roots, about)

    def context(self) -> Context:
        return Context(
            request=Request(self.release, 1, "alice", self.baseline),
            evidence=self.evidence(),
            bom=self.bom,
            revoked=self.revoked,
            log=LogView(len(self.bundles), self.log_consistent, "" if self.log_consistent else "it shrank"),
            now=NOW + self.later,
            waiver_max=self.policy.waiver_max,
        )

    def decide(self) -> Decision:
        return evaluate(self.policy, self.context())

    def failing(self) -> dict[str, str]:
        """Check or rule -> its words, of all that did not pass."""
        return {
            line.id: " | ".join(line.outcome.detail)
            for line in self.decide().lines
            if line.outcome.status not in ("ok", "waived")
        }

    def with_policy(self, text: bytes) -> Case:
        """The same evidence under another policy; approvals bound the former one, so they are given anew."""
        other = replace(self, policy=Policy.parse(text), bundles=list(self.bundles))
        other.drop(p.Approval)
        approve(other, "bob")
        approve(other, "ben")
        return other


def complete(policy: bytes = POLICY) -> Case:
    """A release that passes: data with custody, training, scan, evaluation, two approvals."""
    registry = Registry(extra=[actor_ben()])
    case = Case(registry, Policy.parse(policy))
    collect_data(case, "dora", RAW, "raw")
    for digest, name in ((TRAIN, "train"), (TEST, "test")):
        snapshot(case, "dora", digest, name)
        case.say("dora", digest, custody("split", name, [RAW]))
    train(case, "tom", MODEL, TRAIN)
    case.say("alice", MODEL, registry.version())
    scan(case, "ci-scan", "clean")
    measure(case, "eve", 0.95)
    approve(case, "bob")
    approve(case, "ben")
    return case


def actor_ben() -> Actor:
    from tests.attest.simulator import actor

    return actor("ben", "approver")


def collect_data(case: Case, who: str, digest: Digest, name: str) -> None:
    snapshot(case, who, digest, name)
    case.say(who, digest, custody("collect", name, [], source=Source(uri="https://example.org/data")))


def snapshot(case: Case, who: str, digest: Digest, name: str, rows: int = 10) -> Bundle:
    return case.say(
        who,
        digest,
        p.Snapshot(
            dataset=name,
            encoding="v1",
            rows=rows,
            columns=(),
            rows_root=ANY,
            set_root=ANY,
            shards=(),
            index=ANY,
            created_at=MOMENT,
        ),
    )


def custody(operation: Any, name: str, inputs: list[Digest], **fields: Any) -> p.Custody:
    return p.Custody(
        **{
            "dataset": name,
            "operation": operation,
            "inputs": tuple(p.Named(name="input", digest=str(digest)) for digest in inputs),
            "claim": "checked" if inputs else "declared",
            "rows": RowCounts(input=10, output=10, dropped=0),
            "set_root": ANY,
            "licence": "CC-BY-4.0",
            "performed_at": MOMENT,
        }
        | fields
    )


def train(
    case: Case,
    who: str,
    output: Digest,
    *inputs: Digest,
    named: Mapping[str, Digest] = MappingProxyType({}),
) -> Bundle:
    """A step that made `output` from `inputs` and, under names of their own, from `named`."""
    names = {f"input/{number}": digest for number, digest in enumerate(inputs)} | dict(named)
    return case.say(
        who,
        output,
        p.Provenance(
            build_definition=BuildDefinition(
                build_type="step",
                external_parameters={},
                resolved_dependencies=tuple(
                    p.ResourceDescriptor(name=name, digest=digest.as_set()) for name, digest in names.items()
                ),
            ),
            run_details=RunDetails(builder=Builder(id="https://runner.example")),
        ),
    )


def scan(case: Case, who: str, verdict: Any, **fields: Any) -> Bundle:
    return case.say(
        who,
        MODEL,
        p.Scan(
            **{
                "scanner": Scanner(name="modelward", version="0", ruleset=ANY),
                "verdict": verdict,
                "files": 1,
                "examined": 1,
                "scanned_at": MOMENT,
            }
            | fields
        ),
    )


def measure(case: Case, who: str, f1: float, model: Digest = MODEL, **fields: Any) -> Bundle:
    return case.say(
        who,
        model,
        p.Evaluation(
            **{
                "harness": p.Named(name="harness", digest=str(HARNESS)),
                "data": p.Named(name="test", digest=str(TEST)),
                "report": ANY,
                "metrics": {"f1": f1},
                "evaluated_at": MOMENT,
            }
            | fields
        ),
    )


def approve(case: Case, who: str, **fields: Any) -> Bundle:
    return case.say(who, MODEL, case.registry.approval(who, **({"release": case.release} | fields)))
