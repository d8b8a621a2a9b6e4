"""Recorded custody, signed by the caller's signer and published."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from tests.attest.simulator import Registry
from tests.pipeline.ledger import Ledger

from modelward.attest.bundle import Bundle
from modelward.attest.predicates import Custody, Snapshot
from modelward.attest.verify import verify
from modelward.core.errors import Rejected
from modelward.data.recorder import recording
from modelward.pipeline.recording import Publishing, Signing


class Published(Ledger):
    """Evidence in memory that statements are published to."""

    def publish(self, bundles: Sequence[Bundle]) -> Sequence[object]:
        self.said += [verify(bundle, self._trust, now=self.registry.now) for bundle in bundles]
        return bundles


TABLE = pa.table({"text": ["a", "b", "c"]})


def test_recorded_custody_is_signed_by_the_caller_s_signer(tmp_path: Path) -> None:
    registry = Registry()
    signer = registry.actors["dora"].signer
    with recording("collect", "raw", into=tmp_path, ledger=Signing(signer), source="https://e.org") as made:
        made.output(TABLE)
    lines = (tmp_path / "raw.bundles.jsonl").read_bytes().splitlines()
    found = [verify(Bundle.from_bytes(line), registry.trust(), now=registry.now) for line in lines]
    assert [one.statement.predicate_type for one in found] == [Snapshot.TYPE, Custody.TYPE]
    assert {one.principal.name for one in found} == {"dora"}
    assert made.files[-1].name == "raw.bundles.jsonl"


def test_a_published_step_attests_the_input_of_the_next(tmp_path: Path) -> None:
    registry = Published()
    ledger = Publishing(registry, registry.registry.actors["dora"].signer)
    with recording("collect", "raw", into=tmp_path, ledger=ledger, source="https://e.org") as made:
        made.output(TABLE)
    with recording("filter", "clean", into=tmp_path, ledger=ledger) as made:
        made.input(TABLE)
        made.output(TABLE.slice(1))
    custody = registry.said[-1].statement.typed(Custody)
    assert custody.inputs[0].snapshot == str(registry.said[0].id)
    with recording("filter", "fewer", into=tmp_path, ledger=ledger) as made:
        made.input(TABLE.slice(0, 2))
        made.output(TABLE.slice(0, 1))
    assert registry.said[-1].statement.typed(Custody).inputs[0].snapshot is None


def test_who_may_not_sign_custody_publishes_nothing(tmp_path: Path) -> None:
    registry = Published()
    ledger = Publishing(registry, registry.registry.actors["ci-scan"].signer)
    with (
        pytest.raises(Rejected),
        recording("collect", "raw", into=tmp_path, ledger=ledger, source="https://e.org") as made,
    ):
        made.output(TABLE)
    assert not list(tmp_path.glob("*.jsonl"))
    assert made.facts == ()
