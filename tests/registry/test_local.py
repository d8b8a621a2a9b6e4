"""The registry: what it takes in, what it finds, and what it notices."""

from __future__ import annotations

import shutil

import pytest
from tests.registry.town import Town

from modelward.attest import predicates as p
from modelward.attest.bundle import sign_statement
from modelward.attest.keys.file import PrivateKeySigner, generate
from modelward.attest.statement import Statement
from modelward.attest.trust_edit import add_key, trusted_key
from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.errors import Conflict, InputError, Rejected
from modelward.log.sequencer import Log

DATA = Digest.sha256(b"data")


def scan() -> p.Scan:
    return p.Scan(
        scanner={"name": "s", "version": "1", "ruleset": str(DATA)},  # type: ignore[arg-type]
        verdict="clean",
        files=1,
        examined=1,
        scanned_at="2026-11-22T00:00:00Z",
    )


def test_it_opens_only_from_its_pin(town: Town) -> None:
    town.pin = Digest.sha256(b"another registry")
    with pytest.raises(Rejected):
        town.registry()


def test_a_directory_without_a_registry_is_an_error(town: Town) -> None:
    town.directory = town.place / "nothing"
    with pytest.raises(InputError, match="no registry here"):
        town.registry()


def test_the_trust_policy_is_logged(town: Town) -> None:
    town.push(town.model())
    with town.registry() as registry:
        kinds = [entry for entry in registry.log.entries() if p.TrustPolicy.TYPE.encode() in entry]
        assert len(kinds) == registry.trust.version == 2


def test_a_statement_by_somebody_without_the_role_is_not_stored(town: Town) -> None:
    with pytest.raises(Rejected, match="may not sign"):
        town.say("bob", DATA, scan())
    with town.registry() as registry:
        assert not registry.entries_about(DATA, registry.log.size)
        assert not registry.statements_about(DATA)


def test_a_statement_by_a_stranger_is_not_stored(town: Town) -> None:
    town.signers["mallory"] = PrivateKeySigner(generate())
    with pytest.raises(Rejected, match="does not know"):
        town.say("mallory", DATA, scan())


def test_the_same_bundle_is_logged_once(town: Town) -> None:
    bundle = town.say("sam", DATA, scan())
    with town.registry() as registry:
        size = registry.log.size
        assert registry.publish([bundle])[0].index == size - 1
        assert registry.log.size == size


def test_nothing_is_stored_when_one_of_several_bundles_fails(town: Town) -> None:
    good = sign_statement(Statement.of("x", DATA, scan()), town.signers["sam"])
    bad = sign_statement(Statement.of("x", DATA, scan()), town.signers["bob"])
    with town.registry() as registry:
        with pytest.raises(Rejected):
            registry.publish([good, bad])
        assert not registry.entries_about(DATA, registry.log.size)


def test_versions_are_immutable_and_count_up(town: Town) -> None:
    town.push(town.model())
    other = town.model("other", weights=b"other")
    with pytest.raises(Conflict, match="next version of fraud is 2"):
        town.push(other, number=1)
    with pytest.raises(Conflict):
        town.push(other, number=3)
    town.push(other, number=2)
    with town.registry() as registry:
        assert [version.version for version in registry.versions("fraud")] == [1, 2]


def test_withheld_evidence_is_noticed(town: Town) -> None:
    """A deleted statement must not read as one that never was: it might be a bad scan."""
    artifact = town.push(town.model())
    town.say("sam", artifact, scan())
    with town.registry() as registry:
        for path in registry.layout.bundles.rglob("*.json"):
            if b"scan" in path.read_bytes() or _is_scan(path):
                path.unlink()
        with pytest.raises(Rejected, match="is missing"):
            registry.evidence([artifact])


def _is_scan(path) -> bool:  # type: ignore[no-untyped-def]
    from modelward.attest.bundle import Bundle

    return Bundle.from_bytes(path.read_bytes()).statement.predicate_type == p.Scan.TYPE


def test_a_statement_file_that_was_exchanged_is_noticed(town: Town) -> None:
    artifact = town.push(town.model())
    first = town.say("sam", artifact, scan())
    other = sign_statement(Statement.of("y", artifact, scan()), town.signers["sam"])
    with town.registry() as registry:
        registry.layout.bundle(first.statement_id, first.key_id).write_bytes(other.to_bytes())
        with pytest.raises(Rejected, match="not the one that the log names"):
            registry.evidence([artifact])


def rewrite_log(town: Town, without: int) -> None:
    """What the owner of the log key can do: sign a log that lacks an entry."""
    from modelward.registry.settings import Settings

    log = town.directory / "log"
    with Log.open(log) as original:
        entries = [entry for index, entry in enumerate(original.entries()) if index != without]
        origin = original.origin
    shutil.rmtree(log)
    key = Settings.read(town.directory / "registry.toml").signer("log", town.directory)
    with Log.create(log, origin, key) as forged:
        forged.append_all(entries)


def test_a_removed_log_entry_is_noticed_by_the_registry(town: Town) -> None:
    town.push(town.model())
    rewrite_log(town, without=1)
    with town.registry() as registry:
        assert not registry.log_view.consistent
        with pytest.raises(Rejected, match="tampered"):
            registry.publish([])


def test_a_removed_log_entry_is_noticed_by_whoever_remembers_the_log(town: Town) -> None:
    town.push(town.model())
    rewrite_log(town, without=1)
    (town.directory / "state" / "checkpoint").unlink()
    with town.registry() as registry:
        assert not registry.log_view.consistent
    town.kept.unlink()
    with pytest.raises(Rejected):  # the tables remember more entries than there are
        town.registry()


def test_a_removed_entry_denies_promotion(town: Town) -> None:
    town.push(town.model())
    town.approve()
    rewrite_log(town, without=1)
    result = town.promote()
    assert not result.decision.allowed
    assert result.decision_index is None


def test_people_may_revoke_their_own_statements_and_no_others(town: Town) -> None:
    artifact = town.push(town.model())
    own = town.say("sam", artifact, scan())
    approval = town.approve()
    with pytest.raises(Rejected, match="may not revoke"):
        town.revoke("statement", approval.statement_id, who="sam")
    town.revoke("statement", own.statement_id, who="sam")
    with town.registry() as registry:
        assert [item.reason for item in registry.evidence([artifact]).refused]


def test_a_policy_file_that_was_edited_is_refused(town: Town) -> None:
    with town.registry() as registry:
        path = registry.layout.policy(Digest.parse(registry.trust.policy.gate_policy))
        path.write_bytes(path.read_bytes() + b"# edited\n")
        with pytest.raises(Rejected, match="not the one that the trust policy names"):
            registry.policy  # noqa: B018


def test_authentication_needs_the_key_and_the_role(town: Town) -> None:
    with town.registry() as registry:
        assert registry.authenticate(town.signers["alice"], "push", "fraud").name == "alice"
        with pytest.raises(Rejected, match=r"sam \(scanner\) may not promote fraud"):
            registry.authenticate(town.signers["sam"], "promote", "fraud")


def test_the_manifest_of_a_version_is_checked(town: Town) -> None:
    artifact = town.push(town.model())
    with town.registry() as registry:
        assert registry.manifest(artifact).digest == artifact
        assert registry.read_file(artifact, "config") == b"{}"
        assert registry.read_file(artifact, "nothing") is None


def test_a_revoked_key_cannot_ask_for_a_promotion(town: Town) -> None:
    town.revoke("key", Digest("sha256", town.signers["alice"].public.id))
    with town.registry() as registry, pytest.raises(Rejected, match="the key of alice is revoked"):
        registry.authenticate(town.signers["alice"], "promote", "fraud")


def test_a_key_acts_with_its_own_roles_not_with_those_of_its_holder(town: Town) -> None:
    """A build machine's trainer key must not promote because its owner has a publisher key too."""
    town.signers["build"] = PrivateKeySigner(generate())
    key = trusted_key(town.signers["build"].public, "alice", ["trainer"], valid_from=instant.now())
    town.change(add_key(key))
    with town.registry() as registry, pytest.raises(Rejected, match=r"alice \(trainer\) may not promote"):
        registry.authenticate(town.signers["build"], "promote", "fraud")
