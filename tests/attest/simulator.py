"""A registry's people and keys in memory: real keys, real signatures, any clock.

`Registry()` has a root, gate, log and status key and a key for each people role. Tests change its trust
policy with `change(...)`, or forge a version by hand and `publish(...)` it, and sign as anybody.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from modelward.attest import predicates as p
from modelward.attest import trust_edit
from modelward.attest.bundle import Bundle, sign_statement
from modelward.attest.keys.file import PrivateKeySigner, generate
from modelward.attest.predicates.oms import OmsSerialization
from modelward.attest.predicates.profile import Figures
from modelward.attest.predicates.slsa import BuildDefinition, Builder, RunDetails
from modelward.attest.predicates.trust import TrustedKey, TrustPolicy
from modelward.attest.roles import INFRASTRUCTURE, NOTE_ROLES, PEOPLE
from modelward.attest.statement import Statement
from modelward.attest.trust import Trust, policy_digest, policy_statement, walk
from modelward.attest.verify import VerifiedStatement, verify
from modelward.core import instant
from modelward.core.digest import Digest

NOW = datetime(2026, 11, 22, 9, 14, tzinfo=UTC)
DAY = timedelta(days=1)
YEAR = timedelta(days=365)

ARTIFACT = Digest("dirHash", "9f" * 32)
GATE_POLICY = Digest.sha256(b"gate policy")
BOM = Digest.sha256(b"bom")

#: One signer per people role, and who they are.
TEAM = {
    "publisher": "alice",
    "data-steward": "dora",
    "trainer": "tom",
    "evaluator": "eve",
    "scanner": "ci-scan",
    "approver": "bob",
    "administrator": "ada",
}


@dataclass(frozen=True)
class Actor:
    """A principal with one key."""

    name: str
    person: str
    roles: tuple[str, ...]
    signer: PrivateKeySigner

    @property
    def id(self) -> str:
        return self.signer.public.id

    def key(self, now: datetime = NOW, **fields: Any) -> TrustedKey:
        """This actor's key as a trust policy lists it."""
        key = trust_edit.trusted_key(self.signer.public, self.name, self.roles, valid_from=now)
        return msgspec.structs.replace(key, **fields)


def actor(name: str, *roles: str, person: str = "", algorithm: str = "") -> Actor:
    """Somebody new, with a fresh key, whom no trust policy knows yet."""
    chosen = algorithm or ("ed25519" if NOTE_ROLES & set(roles) else "ecdsa-p256")
    return Actor(name, person or name.title(), roles, PrivateKeySigner(generate(chosen)))


class Registry:
    """A registry's identity, trust policies and signers. `actors` finds everybody by name."""

    def __init__(
        self,
        *,
        roots: Sequence[Actor] = (),
        root_threshold: int = 1,
        extra: Iterable[Actor] = (),
        now: datetime = NOW,
        lifetime: timedelta = YEAR,
    ):
        self.now = now
        machines = [actor(f"{role}-1", role, person="Machine room") for role in ("gate", "log", "status")]
        team = [actor(name, role) for role, name in TEAM.items()]
        everyone = [*(roots or [actor("root-1", "root", person="Rita")]), *machines, *team, *extra]
        self.actors = {one.name: one for one in everyone}
        self.first = trust_edit.initial(
            "acme",
            log_origin="acme.example/log",
            gate_policy=GATE_POLICY,
            persons={one.name: one.person for one in everyone},
            keys=[one.key(now) for one in everyone],
            now=now,
            lifetime=lifetime,
            root_threshold=root_threshold,
        )
        self.policy = self.first
        self.versions: list[tuple[Bundle, ...]] = []
        self.publish(self.first)

    @property
    def pin(self) -> Digest:
        return policy_digest(self.first)

    @property
    def roots(self) -> list[Actor]:
        return [one for one in self.actors.values() if one.roles == ("root",)]

    def add(self, *actors: Actor, now: datetime | None = None) -> TrustPolicy:
        """Trust new actors in a new version."""
        changes: list[trust_edit.Change] = []
        for one in actors:
            self.actors[one.name] = one
            changes += [
                trust_edit.add_principal(one.name, one.person),
                trust_edit.add_key(one.key(now or self.now)),
            ]
        return self.change(*changes, now=now)

    def change(
        self,
        *changes: trust_edit.Change,
        now: datetime | None = None,
        signers: Iterable[Actor] | None = None,
    ) -> TrustPolicy:
        """Publish the next version, signed by all roots or by `signers`."""
        policy = trust_edit.next_version(self.policy, *changes, now=now or self.now)
        self.publish(policy, signers)
        return policy

    def publish(self, policy: TrustPolicy, signers: Iterable[Actor] | None = None) -> None:
        """Add a version as it is, good or not."""
        self.versions.append(signed_policy(policy, self.roots if signers is None else signers))
        self.policy = policy

    def trust(self, now: datetime | None = None, **options: Any) -> Trust:
        """Walk from the pin."""
        return walk(self.pin, self.versions, now=now or self.now, **options)

    def sign(
        self,
        who: str | Actor,
        predicate: p.AnyPredicate,
        subject: Digest = ARTIFACT,
        timestamp: Any = None,
    ) -> Bundle:
        """A statement signed by somebody, whether they may or not."""
        signer = (self.actors[who] if isinstance(who, str) else who).signer
        return sign_statement(Statement.of("fraud-scorer", subject, predicate), signer, timestamp)

    def verified(
        self, who: str, predicate: p.AnyPredicate, subject: Digest = ARTIFACT, **options: Any
    ) -> VerifiedStatement:
        """A verified statement, made as everybody else must make it."""
        now = options.pop("now", self.now)
        return verify(self.sign(who, predicate, subject), self.trust(now), now=now, **options)

    def release(self, **fields: Any) -> p.Release:
        return p.Release(
            **{
                "registry": str(self.pin),
                "model": "fraud-scorer",
                "version": 7,
                "artifact": str(ARTIFACT),
                "stage": "production",
                "policy": str(GATE_POLICY),
                "bom": str(BOM),
            }
            | fields
        )

    def version(self, author: str = "alice", **fields: Any) -> p.Version:
        return p.Version(
            **{
                "registry": str(self.pin),
                "model": "fraud-scorer",
                "version": 7,
                "author": author,
                "files": 214,
                "bytes": 10**9,
                "origin": "pushed",
                "created_at": instant.render(self.now),
                "nonce": nonce(),
            }
            | fields
        )

    def approval(self, approver: str = "bob", **fields: Any) -> p.Approval:
        return p.Approval(
            **{"release": self.release(), "approver": approver} | self._act(expires=True) | fields
        )

    def waiver(self, **fields: Any) -> p.Waiver:
        return p.Waiver(
            **{
                "registry": str(self.pin),
                "model": "fraud-scorer",
                "version": 7,
                "stage": "production",
                "policy": str(GATE_POLICY),
                "rule": "custody",
                "reason": "the supplier's papers are late",
            }
            | self._act(expires=True)
            | fields
        )

    def stage(self, **fields: Any) -> p.Stage:
        return p.Stage(
            **{
                "registry": str(self.pin),
                "model": "fraud-scorer",
                "stage": "production",
                "sequence": 1,
                "previous": None,
                "release": self.release(),
                "decision": str(Digest.sha256(b"decision")),
                "gated": True,
            }
            | self._act(expires=True)
            | fields
        )

    def decision(self, **fields: Any) -> p.VerificationSummary:
        return p.VerificationSummary(
            **{
                "verifier": Builder(id="https://modelward.dev/gate"),
                "time_verified": instant.render(self.now),
                "resource_uri": "modelward:acme/fraud-scorer@7",
                "policy": p.ResourceDescriptor(digest=GATE_POLICY.as_set()),
                "verification_result": "PASSED",
                "release": self.release(),
                "expires": instant.render(self.now + DAY),
                "evidence": str(Digest.sha256(b"evidence")),
                "log_size": 10,
                "trust_version": self.policy.version,
                "sequence": 1,
                "baseline": None,
                "requested_by": "alice",
                "mode": "enforce",
                "checks": (),
                "nonce": nonce(),
            }
            | fields
        )

    def status(self, **fields: Any) -> p.Status:
        return p.Status(
            **{
                "registry": str(self.pin),
                "trust_version": self.policy.version,
                "log_size": 10,
                "log_root": str(Digest.sha256(b"tree")),
                "stages": (),
                "revocations": (),
                "issued_at": instant.render(self.now),
                "expires": instant.render(self.now + timedelta(hours=1)),
            }
            | fields
        )

    def revocation(self, kind: str = "artifact", **fields: Any) -> p.Revocation:
        return p.Revocation(
            **{"registry": str(self.pin), "kind": kind, "reason": "it leaks"} | self._act() | fields
        )

    def example(self, kind: Any, who: str) -> tuple[p.AnyPredicate, Digest]:
        """A predicate of any type that `who` could have signed, and its subject."""
        moment = instant.render(self.now)
        digest = str(Digest.sha256(b"data"))
        made: dict[Any, Any] = {
            p.Approval: lambda: self.approval(who),
            p.Version: lambda: self.version(who),
            p.Waiver: self.waiver,
            p.Freeze: lambda: p.Freeze(
                registry=str(self.pin), model=None, frozen=True, reason="an incident", **self._act()
            ),
            p.Stage: self.stage,
            p.VerificationSummary: self.decision,
            p.Status: self.status,
            p.Revocation: self.revocation,
            p.TrustPolicy: lambda: self.policy,
            p.Custody: lambda: p.Custody(
                dataset="sft-v3",
                operation="collect",
                inputs=(),
                claim="declared",
                rows={"input": 0, "output": 1, "dropped": 0},  # type: ignore[arg-type]
                set_root=digest,
                performed_at=moment,
            ),
            p.ContributorState: lambda: p.ContributorState(
                feed="forum",
                batch=1,
                rows=0,
                state=digest,
                contributors=0,
                accused=0,
                level=0.01,
                updated_at=moment,
            ),
            p.DataCheck: lambda: p.DataCheck(
                dataset="sft-v3",
                rows=0,
                set_root=digest,
                detectors=({"name": "association", "version": 1},),  # type: ignore[arg-type]
                level=0.01,
                critical=0,
                review=0,
                information=0,
                report=digest,
                checked_at=moment,
            ),
            p.Review: lambda: p.Review(
                decision="benign",
                reason="looked at it",
                check="association",
                rows=1,
                rows_root=digest,
                data=digest,
                reviewed_at=moment,
            ),
            p.Profile: lambda: p.Profile(dataset="sft-v3", rows=0, figures=Figures(), profiled_at=moment),
            p.Probe: lambda: p.Probe(probed_at=moment),
            p.Derivation: lambda: p.Derivation(
                base=p.Named(name="base", digest=digest),
                verdict="consistent",
                related=1.0,
                unrelated=0.0,
                untold=0.0,
                covered=1.0,
                seed="1",
                method=1,
                compared_at=moment,
            ),
            p.Failure: lambda: p.Failure(
                step="train",
                build_definition=BuildDefinition(build_type="x", external_parameters={}),
                invocation_id="1",
                reason="exit-code",
                exit_code=1,
                started_at=moment,
                finished_at=moment,
            ),
            p.Evaluation: lambda: p.Evaluation(
                harness=p.Named(name="harness", digest=digest),
                data=p.Named(name="test set", digest=digest),
                report=digest,
                metrics={"auc": 0.93},
                evaluated_at=moment,
            ),
            p.OmsSignature: lambda: p.OmsSignature(
                serialization=OmsSerialization(method="files", hash_type="sha256", allow_symlinks=False),
                resources=(),
            ),
            p.Provenance: lambda: p.Provenance(
                build_definition=BuildDefinition(build_type="x", external_parameters={}),
                run_details=RunDetails(builder=Builder(id="https://runner.example")),
            ),
            p.Scan: lambda: p.Scan(
                scanner={"name": "modelward", "version": "0", "ruleset": digest},  # type: ignore[arg-type]
                verdict="clean",
                files=1,
                examined=1,
                scanned_at=moment,
            ),
            p.Snapshot: lambda: p.Snapshot(
                dataset="sft-v3",
                encoding="v1",
                rows=0,
                columns=(),
                rows_root=digest,
                set_root=digest,
                shards=(),
                index=digest,
                created_at=moment,
            ),
        }
        subjects = {p.Status: self.pin, p.Freeze: self.pin, p.TrustPolicy: policy_digest(self.policy)}
        return made[kind](), subjects.get(kind, ARTIFACT)

    def _act(self, *, expires: bool = False) -> dict[str, str]:
        fields = {"issued_at": instant.render(self.now), "nonce": nonce()}
        return fields | ({"expires": instant.render(self.now + 30 * DAY)} if expires else {})


def nonce() -> str:
    return secrets.token_hex(16)


def signed_policy(policy: TrustPolicy, signers: Iterable[Actor]) -> tuple[Bundle, ...]:
    """Bundles over a trust policy, whether it is a good one or not."""
    statement = policy_statement(policy)
    return tuple(sign_statement(statement, one.signer) for one in signers)


def everyone_of(role: str) -> str:
    """The name of the actor that holds `role` in every simulated registry."""
    return TEAM.get(role) or f"{role}-1"


__all__ = ["INFRASTRUCTURE", "NOW", "PEOPLE", "Actor", "Registry", "actor", "everyone_of", "signed_policy"]
