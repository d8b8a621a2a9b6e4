"""Promotion: what is logged, what moves, and what is refused."""

from __future__ import annotations

import pytest
from tests.registry.town import Town

from modelward.attest import predicates as p
from modelward.core.digest import Digest
from modelward.core.errors import InputError, Rejected
from modelward.registry import promote


def failing(result: promote.Promotion) -> dict[str, str]:
    return {
        line.id: " | ".join(line.outcome.detail)
        for line in result.decision.lines
        if line.outcome.status not in ("ok", "waived")
    }


def test_an_approved_version_reaches_its_stage(town: Town) -> None:
    town.push(town.model())
    town.approve()
    result = town.promote()
    assert result.decision.passed
    with town.registry() as registry:
        current = registry.current("fraud", "production")
        assert current is not None
        assert (current.version, current.sequence, current.gated) == (1, 1, True)
        decision = registry.logged(Digest.parse(current.decision))[1].statement.typed(p.VerificationSummary)
    assert decision.verification_result == "PASSED"


def test_a_denial_is_logged_and_moves_nothing(town: Town) -> None:
    town.push(town.model())
    result = town.promote()
    assert failing(result).keys() == {"approved"}
    assert result.stage_index is None
    with town.registry() as registry:
        assert registry.current("fraud", "production") is None
        assert result.decision_index == registry.log.size - 1


def test_a_dry_run_logs_nothing(town: Town) -> None:
    town.push(town.model())
    with town.registry() as registry:
        size = registry.log.size
        proposed = promote.candidate(registry, "fraud", 1, "production")
        decision, _ = promote.decide(registry, proposed, "alice")
        assert not decision.allowed
        assert registry.log.size == size


def test_releases_count_up_and_name_their_predecessor(town: Town) -> None:
    town.released()
    town.push(town.model("next", weights=b"x"), number=2)
    town.approve(release=town.release(number=2))
    assert town.promote(2).sequence == 2
    with town.registry() as registry:
        current = registry.current("fraud", "production")
        assert current is not None
        stage = registry.logged(Digest.parse(current.statement))[1].statement.typed(p.Stage)
        first = registry.logged(Digest.parse(stage.previous or ""))[1].statement.typed(p.Stage)
    assert first.sequence == 1


def test_weights_swapped_in_the_store_after_approval_are_refused(town: Town) -> None:
    town.push(town.model())
    town.approve()
    blob = Digest.sha256(b"w" * 100)
    (stored,) = (town.directory / "blobs").rglob(blob.value)
    stored.chmod(0o600)
    stored.write_bytes(b"x" * 100)
    with pytest.raises(Rejected, match="other bytes"):
        town.promote()


def test_anything_new_said_about_the_model_voids_the_approval(town: Town) -> None:
    artifact = town.push(town.model())
    town.approve()
    scan = p.Scan(
        scanner={"name": "s", "version": "1", "ruleset": str(Digest.sha256(b""))},  # type: ignore[arg-type]
        verdict="unverified",
        files=1,
        examined=1,
        scanned_at="2026-11-22T00:00:00Z",
    )
    town.say("sam", artifact, scan)
    assert "it approved another bom" in failing(town.promote())["approved"]


def test_self_approval_does_not_count(town: Town) -> None:
    town.trust("alice-approver", ["approver"], person="Alice")
    town.push(town.model())
    town.approve("alice-approver")
    assert "is the author" in failing(town.promote())["approved"]


def test_an_approval_for_one_stage_is_none_for_another(town: Town) -> None:
    town.push(town.model())
    town.approve(release=town.release(stage="dev"))
    assert "it approved another stage" in failing(town.promote())["approved"]


def test_a_model_that_is_not_registered_is_an_error(town: Town) -> None:
    with pytest.raises(InputError, match="there is no fraud@1"):
        town.promote()


def test_a_revoked_artifact_is_denied(town: Town) -> None:
    town.revoke("artifact", town.push(town.model()))
    town.approve()
    assert "it leaks" in failing(town.promote())["not-revoked"]


def test_evidence_that_arrives_while_the_gate_decides_restarts_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A revocation that lands between collecting and appending must not be overtaken."""
    artifact = town.push(town.model())
    town.approve()
    decide = promote.decide
    calls = []

    def late(registry, proposed, requested_by):  # type: ignore[no-untyped-def]
        decided = decide(registry, proposed, requested_by)
        if not calls:
            calls.append(1)
            _append_behind(town, artifact)
        return decided

    monkeypatch.setattr(promote, "decide", late)
    assert "not-revoked" in failing(town.promote())


def _append_behind(town: Town, artifact: Digest) -> None:
    """Log a revocation as another process would, past the lock that this one holds."""
    import secrets

    from modelward.attest.bundle import sign_statement
    from modelward.attest.statement import Statement
    from modelward.gate.entry import LogEntry
    from modelward.log.sequencer import Log
    from modelward.registry.layout import Layout
    from modelward.registry.settings import Settings
    from modelward.registry.statements import StatementStore

    layout = Layout(town.directory)
    act = p.Revocation(
        registry=str(town.pin),
        kind="artifact",
        reason="just found",
        issued_at="2026-11-22T00:00:00Z",
        nonce=secrets.token_hex(16),
    )
    bundle = sign_statement(Statement.of("fraud", artifact, act), town.signers["ruth"])
    StatementStore(layout).put(bundle)
    with Log.open(layout.log, Settings.read(layout.settings).signer("log", town.directory)) as log:
        log.append(LogEntry.of(bundle).to_bytes())


def test_an_observing_policy_promotes_ungated(town: Town) -> None:
    from tests.registry.town import POLICY

    place = town.place / "observing"
    place.mkdir()
    watching = Town(place, POLICY.replace(b"[stage.production]\n", b'[stage.production]\nmode = "observe"\n'))
    watching.push(watching.model())
    result = watching.promote()
    assert not result.decision.passed
    assert result.stage_index is not None
    with watching.registry() as registry:
        current = registry.current("fraud", "production")
        assert current is not None
        assert not current.gated


def test_a_stage_that_moves_while_the_gate_decides_restarts_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another release of the same stage, of an artifact that has nothing to do with this one."""
    town.released()
    town.push(town.model("next", weights=b"x"), number=2)
    town.approve(release=town.release(number=2))
    town.approve()
    decide = promote.decide
    seen = []

    def late(registry, proposed, requested_by):  # type: ignore[no-untyped-def]
        decided = decide(registry, proposed, requested_by)
        seen.append(decided[1].request.sequence)
        if len(seen) == 1:
            monkeypatch.setattr(promote, "decide", decide)
            other = promote.candidate(registry, "fraud", 1, "production")
            decision, context = decide(registry, other, "alice")
            promote._append(registry, other, promote._sign(registry, other, decision, context))
            monkeypatch.setattr(promote, "decide", late)
        return decided

    monkeypatch.setattr(promote, "decide", late)
    assert town.promote(2).sequence == 3
    assert seen == [2, 3]


def test_a_used_approval_does_not_bring_an_older_release_back(town: Town) -> None:
    """Rolling back needs a yes of its own, however long the first one would have been good."""
    town.released()
    town.push(town.model("next", weights=b"x"), number=2)
    town.approve(release=town.release(number=2))
    assert town.promote(2).stage_index is not None
    assert "it was used for release 1" in failing(town.promote(1))["approved"]
    town.approve("ben", release=town.release(number=1))
    assert town.promote(1).sequence == 3


def test_a_clock_set_back_does_not_revive_an_expired_approval(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    from modelward.core import instant

    town.push(town.model())
    expires = instant.render(instant.now() + timedelta(seconds=1))
    town.approve(expires=expires)
    real = instant.now()
    monkeypatch.setattr(promote.instant, "now", lambda: real + timedelta(minutes=10))
    assert "expired" in failing(town.promote())["approved"]
    monkeypatch.setattr(promote.instant, "now", lambda: real)
    assert "expired" in failing(town.promote())["approved"]


def test_asking_again_for_the_current_release_changes_nothing(town: Town) -> None:
    town.released()
    with town.registry() as registry:
        size = registry.log.size
    again = town.promote()
    assert again.stands is not None
    assert again.stands.sequence == 1
    with town.registry() as registry:
        assert registry.log.size == size


def test_the_current_release_does_not_stand_once_it_is_revoked(town: Town) -> None:
    town.released()
    with town.registry() as registry:
        artifact = registry.version("fraud", 1).artifact
    town.revoke("artifact", artifact)
    again = town.promote()
    assert again.stands is None
    assert "not-revoked" in failing(again)
