"""Evidence in memory: real statements by a simulated registry's people, found by digest and by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.attest.simulator import NOW, Registry

from modelward.artifact.hashing import digest_of
from modelward.attest import predicates as p
from modelward.attest.bundle import sign_statement
from modelward.attest.predicates.custody import Operation, RowCounts, Source
from modelward.attest.predicates.snapshot import Column, Shard
from modelward.attest.statement import Statement
from modelward.attest.trust import Trust
from modelward.attest.verify import VerifiedStatement, verify
from modelward.core import instant
from modelward.core.digest import Digest

ROOT = str(Digest.sha256(b"rows"))


class Ledger:
    """An evidence source. `say` signs as one of the team; `data` records a file as a proper dataset."""

    def __init__(self, registry: Registry | None = None) -> None:
        self.registry = registry or Registry()
        self.said: list[VerifiedStatement] = []
        self._trust: Trust = self.registry.trust()

    def statements_about(self, digest: Digest) -> Sequence[VerifiedStatement]:
        return [v for v in self.said if v.statement.subject == digest]

    def statements_named(self, name: str) -> Sequence[VerifiedStatement]:
        return [v for v in self.said if v.statement.name == name]

    def say(self, who: str, statement: Statement) -> VerifiedStatement:
        signed = sign_statement(statement, self.registry.actors[who].signer)
        verified = verify(signed, self._trust, now=self.registry.now)
        self.said.append(verified)
        return verified

    def data(self, path: Path, dataset: str = "spam", **custody: Any) -> Digest:
        """A snapshot and a collection: what a data steward records."""
        self.snapshot(path, dataset)
        self.custody(path, dataset, **custody)
        return digest_of(path)

    def snapshot(self, path: Path, dataset: str = "spam", **fields: Any) -> VerifiedStatement:
        digest = digest_of(path)
        shard = Shard(path=path.name, digest=str(digest), rows=2, root=ROOT)
        snapshot = p.Snapshot(
            **{
                "dataset": dataset,
                "encoding": "v1",
                "rows": 2,
                "columns": (Column(name="text", type="string"), Column(name="label", type="int64")),
                "rows_root": ROOT,
                "set_root": ROOT,
                "shards": (shard,),
                "index": ROOT,
                "created_at": instant.render(NOW),
            }
            | fields
        )
        return self.say("dora", Statement.of(path.name, digest, snapshot))

    def custody(
        self,
        path: Path,
        dataset: str = "spam",
        operation: Operation = "collect",
        inputs: Sequence[Path] = (),
        **fields: Any,
    ) -> VerifiedStatement:
        custody = p.Custody(
            **{
                "dataset": dataset,
                "operation": operation,
                "inputs": tuple(p.Named(name=i.name, digest=str(digest_of(i))) for i in inputs),
                "claim": "checked" if inputs else "declared",
                "rows": RowCounts(input=2, output=2, dropped=0),
                "set_root": ROOT,
                "source": None if inputs else Source(uri="https://data.example/spam.csv"),
                "licence": "CC-BY-4.0",
                "performed_at": instant.render(NOW),
            }
            | fields
        )
        return self.say("dora", Statement.of(path.name, digest_of(path), custody))

    def version(self, path: Path, model: str = "base", **fields: Any) -> VerifiedStatement:
        digest = digest_of(path)
        version = self.registry.version(model=model, version=1, **fields)
        return self.say("alice", Statement.of(path.name, digest, version))
