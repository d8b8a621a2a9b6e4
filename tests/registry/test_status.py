"""Status statements and release bundles."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.registry.town import Town

from modelward.attest.predicates import Status
from modelward.core import instant
from modelward.core.errors import Rejected
from modelward.gate.release_bundle import ReleaseBundle
from modelward.registry import status
from modelward.registry.local import Registry


def issued(registry: Registry) -> Status:
    return status.issue(registry).statement.typed(Status)


def test_a_status_tells_log_stages_and_revocations(town: Town) -> None:
    town.released()
    with town.registry() as registry:
        told = issued(registry)
        current = registry.current("fraud", "production")
        assert current is not None
        assert (told.log_size, told.registry) == (registry.log.size, str(town.pin))
        assert told.trust_version == registry.trust.version
        assert [(p.model, p.stage, p.sequence, p.statement) for p in told.stages] == [
            ("fraud", "production", 1, current.statement)
        ]
        assert told.revocations == ()
        valid = instant.parse(told.expires) - instant.parse(told.issued_at)
        assert valid == registry.policy.status_valid == timedelta(hours=24)
        artifact = registry.version("fraud").artifact
    town.revoke("artifact", artifact)
    with town.registry() as registry:
        assert [thing.digest for thing in issued(registry).revocations] == [str(artifact)]


def test_a_new_registry_has_a_status_too(town: Town) -> None:
    with town.registry() as registry:
        assert issued(registry).stages == ()


def test_refresh_writes_a_bundle_for_each_stage(town: Town) -> None:
    town.released()
    assert town.promote(stage="dev").stage_index is not None
    for path in (town.bundle(), town.bundle(stage="dev")):
        path.unlink()
    with town.registry() as registry:
        written = status.refresh(registry)
    assert [(one.model, one.stage) for one in written] == [("fraud", "dev"), ("fraud", "production")]
    for path in (town.bundle(), town.bundle(stage="dev")):
        ReleaseBundle.from_bytes(path.read_bytes())


def test_a_bundle_continues_every_checkpoint_exported_before(town: Town) -> None:
    town.released()
    with town.registry() as registry:
        first = registry.log.size
    town.promote_again()
    with town.registry() as registry:
        second = registry.log.size
    town.promote_again()
    bundle = ReleaseBundle.from_bytes(town.bundle().read_bytes())
    sizes = [earlier.size for earlier in bundle.continuity]
    assert {first, second} <= set(sizes)
    assert sizes == sorted(set(sizes))


def test_only_the_last_checkpoints_are_continued(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "MAX_CONTINUITY", 2)
    town.released()
    for _ in range(4):
        town.promote_again()
    with town.registry() as registry:
        lines = registry.layout.exported_sizes.read_text().split()
        assert len(lines) == 2
        current = registry.current("fraud", "production")
        assert current is not None
        asked = status.export(registry, current, status.issue(registry), since=3)
    assert 3 in [earlier.size for earlier in asked.continuity]


def test_a_damaged_list_of_exported_sizes_is_no_obstacle(town: Town) -> None:
    town.released()
    with town.registry() as registry:
        registry.layout.exported_sizes.write_text("7\nnonsense\n-1\n")
        status.refresh(registry)
        assert "nonsense" not in registry.layout.exported_sizes.read_text()


def test_a_release_whose_evidence_is_gone_is_not_exported(town: Town) -> None:
    town.released()
    with town.registry() as registry:
        current = registry.current("fraud", "production")
        assert current is not None
        index, approval = registry.logged(_evidence(town)[-1])
        registry.layout.bundle(approval.statement_id, approval.key_id).unlink()
        with pytest.raises(Rejected, match="is missing"):
            status.refresh(registry)
        assert index > 0


def _evidence(town: Town) -> list:  # type: ignore[type-arg]
    bundle = ReleaseBundle.from_bytes(town.bundle().read_bytes())
    return [item.bundle.statement_id for item in bundle.evidence]


def test_a_bundle_has_the_trust_policy_that_its_status_names(town: Town) -> None:
    """Also when the next version was published while the registry was open."""
    town.released()
    with town.registry() as registry:
        current = registry.current("fraud", "production")
        assert current is not None
        version = registry.trust.version
        town.trust("nina", ["scanner"])
        bundle = status.export(registry, current, status.issue(registry))
        assert len(bundle.trust) == bundle.status.statement.typed(Status).trust_version == version
        with registry.exclusive():
            assert registry.trust.version == version + 1
