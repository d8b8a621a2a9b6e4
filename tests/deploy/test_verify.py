"""Verification: each of the thirteen steps, by the attacks that it stops."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.registry.town import POLICY, Town

from modelward.attest import predicates as p
from modelward.attest import trust_edit
from modelward.attest.bundle import Bundle, sign_statement
from modelward.attest.keys.file import PrivateKeySigner, generate
from modelward.attest.predicates.slsa import BuildDefinition, Builder, RunDetails
from modelward.attest.statement import Statement
from modelward.bom.review import ReviewBom
from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded, ModelwardError, Rejected, Stale
from modelward.deploy import state as kept_state
from modelward.deploy.verify import Question, Verified, verify_release
from modelward.gate import release_bundle
from modelward.gate.evaluate import Decision
from modelward.gate.policy import Policy
from modelward.gate.recheck import recheck
from modelward.log.checkpoint import SignedCheckpoint, sign_checkpoint
from modelward.log.note import COSIGNATURE_V1, NoteSigner
from modelward.registry import promote
from modelward.registry.settings import Settings

HOUR = timedelta(hours=1)


def question(town: Town, path: Path | None = None, **fields: Any) -> Question:
    asked = Question("fraud", "production", town.pin, path, instant.now())
    return replace(asked, **fields)


def check(town: Town, path: Path | None = None, data: bytes | None = None, **fields: Any) -> Verified:
    return verify_release(data or town.bundle().read_bytes(), question(town, path, **fields))


def edited(town: Town, change: Callable[[dict[str, Any]], None]) -> bytes:
    """The release bundle with one change by somebody who has no key."""
    value = json.loads(town.bundle().read_bytes())
    change(value)
    return json.dumps(value).encode()


def refused(town: Town, step: int, match: str, **arguments: Any) -> ModelwardError:
    """The error, which must be of this step."""
    with pytest.raises(ModelwardError, match=match) as caught:
        check(town, **arguments)
    assert (caught.value.where or "").startswith(f"step {step} "), caught.value.where
    return caught.value


def signer(town: Town, role: Any) -> Any:
    return Settings.read(town.directory / "registry.toml").signer(role, town.directory)


def plain(bundle: Bundle) -> Any:
    return json.loads(bundle.to_bytes())


def statement_of(value: dict[str, Any]) -> Statement:
    return Bundle.from_bytes(json.dumps(value).encode()).statement


def signed_anew(town: Town, value: dict[str, Any], role: str, kind: Any, **fields: Any) -> Any:
    """A statement of the bundle with changed fields, signed with the registry's own key of a role."""
    statement = statement_of(value)
    changed = msgspec.structs.replace(statement.typed(kind), **fields)
    return plain(sign_statement(Statement.of(statement.name, statement.subject, changed), signer(town, role)))


def test_a_release_that_holds_is_verified(town: Town) -> None:
    verified = check(town, town.released())
    assert (verified.release.model, verified.release.version, verified.gated) == ("fraud", 1, True)
    assert verified.author is not None
    assert verified.author.principal.name == "alice"


# -- 1 parse ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"format": "modelward-release/v1"}',
        b'{"format": 1, "format": 2}',
        b"\xff\xfe",
    ],
)
def test_1_malformed_bundles(town: Town, data: bytes) -> None:
    with pytest.raises(InputError):
        verify_release(data, question(town))


def test_1_a_bundle_with_a_duplicate_key(town: Town) -> None:
    town.released()
    data = town.bundle().read_bytes().replace(b'"bom":', b'"policy":"", "bom":', 1)
    assert refused(town, 1, "duplicate key", data=data).exit_code == 2


def test_1_a_bundle_over_the_cap(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.released()
    monkeypatch.setattr(release_bundle, "MAX_BYTES", 1000)
    with pytest.raises(LimitExceeded):
        check(town)


def test_1_an_unknown_field(town: Town) -> None:
    town.released()
    refused(town, 1, "not a release bundle", data=edited(town, lambda value: value.update(extra=1)))


def test_1_a_verifier_without_memory_where_memory_is_required(town: Town) -> None:
    town.released()
    assert refused(town, 1, "nothing is kept", require_state=True).exit_code == 2


# -- 2 trust policy -----------------------------------------------------------------------------------------


def test_2_a_registry_of_another_identity(town: Town) -> None:
    town.released()
    refused(town, 2, "pin", pin=Digest.sha256(b"other"))


def test_2_a_missing_version_of_the_trust_policy(town: Town) -> None:
    town.released()
    town.trust("carol", ["approver"])
    with town.registry() as registry:
        from modelward.registry.status import refresh

        refresh(registry)
    refused(town, 2, "version", data=edited(town, lambda value: value["trust"].pop(1)))


def test_2_a_trust_policy_older_than_one_seen_before(town: Town) -> None:
    town.released()
    old = town.bundle().read_bytes()
    town.trust("carol", ["approver"])
    with town.registry() as registry:
        from modelward.registry.status import refresh

        refresh(registry)
    kept = check(town).state
    refused(town, 2, "rolled back", data=old, kept=kept)


def test_2_an_expired_trust_policy(town: Town) -> None:
    town.released()
    error = refused(town, 2, "expired", clock=instant.now() + timedelta(days=3650))
    assert error.exit_code == 2


# -- 3 time -------------------------------------------------------------------------------------------------


def test_3_a_clock_set_back_does_not_revive_an_expired_status(town: Town) -> None:
    town.released()
    later = instant.render(instant.now() + timedelta(days=2))
    kept = msgspec.structs.replace(check(town).state, newest_time=later)
    assert refused(town, 5, "the status expired", kept=kept).exit_code == 2


# -- 4 checkpoint -------------------------------------------------------------------------------------------


def resigned(town: Town, key: Any, **fields: Any) -> Callable[[dict[str, Any]], None]:
    """The bundle's checkpoint with changed fields, signed by `key`."""

    def change(value: dict[str, Any]) -> None:
        checkpoint = SignedCheckpoint.parse(value["checkpoint"].encode()).checkpoint
        forged = replace(checkpoint, **fields)
        value["checkpoint"] = sign_checkpoint(forged, NoteSigner.of(forged.origin, key)).decode()

    return change


def test_4_a_checkpoint_by_another_key(town: Town) -> None:
    town.released()
    refused(town, 4, "signature", data=edited(town, resigned(town, PrivateKeySigner(generate("ed25519")))))


def test_4_a_checkpoint_of_another_log(town: Town) -> None:
    town.released()
    forged = edited(town, resigned(town, signer(town, "log"), origin="another.example/log"))
    refused(town, 4, "of the log 'another.example/log'", data=forged)


def test_4_a_log_that_shrank(town: Town) -> None:
    town.released()
    kept = msgspec.structs.replace(check(town).state, log_size=1000)
    refused(town, 4, "1000 were seen before", kept=kept)


def test_4_a_log_with_other_entries(town: Town) -> None:
    town.released()
    kept = msgspec.structs.replace(check(town).state, log_root="sha256:" + "0" * 64)
    refused(town, 4, "same size, other entries", kept=kept)


def grown(town: Town) -> kept_state.KeptState:
    """What a verifier remembers from before the log grew."""
    town.released()
    kept = check(town).state
    town.push(town.model("next", weights=b"x"), number=2)
    with town.registry() as registry:
        from modelward.registry.status import refresh

        refresh(registry)
    return kept


def test_4_a_log_that_grew_is_accepted_with_its_proof(town: Town) -> None:
    kept = grown(town)
    assert check(town, kept=kept).checkpoint.size > kept.log_size


def test_4_a_rewritten_log_that_grew(town: Town) -> None:
    kept = msgspec.structs.replace(grown(town), log_root="sha256:" + "0" * 64)
    assert refused(town, 4, "history was rewritten", kept=kept).exit_code == 1


def test_4_a_log_that_grew_without_proof(town: Town) -> None:
    kept = grown(town)
    without = edited(town, lambda value: value.update(continuity=[]))
    assert refused(town, 4, "does not prove", data=without, kept=kept).exit_code == 2


def witnesses(town: Town, *names: str, person: str = "Wendy") -> list[PrivateKeySigner]:
    """Trust witnesses of one person, of whom one is required."""
    keys = [PrivateKeySigner(generate("ed25519")) for _ in names]
    for name, key in zip(names, keys, strict=True):
        trusted = trust_edit.trusted_key(
            key.public, name, ("witness",), valid_from=instant.now(), name=f"{name}.example/w"
        )
        town.change(trust_edit.add_principal(name, person), trust_edit.add_key(trusted))
    town.change(trust_edit.with_witnesses(1))
    return keys


def cosigned(name: str, key: PrivateKeySigner, after: timedelta = timedelta(0)) -> Callable[[Any], None]:
    """The bundle's checkpoint, cosigned `after` now."""

    def change(value: dict[str, Any]) -> None:
        note = SignedCheckpoint.parse(value["checkpoint"].encode())
        by = NoteSigner.of(f"{name}.example/w", key, COSIGNATURE_V1)
        value["checkpoint"] = note.cosign(by, instant.now() + after).to_bytes().decode()

    return change


def test_4_too_few_witnesses(town: Town) -> None:
    (witness,) = witnesses(town, "wendy")
    town.released()
    assert refused(town, 4, "0 of 1 witnesses").exit_code == 2
    data = edited(town, cosigned("wendy", witness))
    assert check(town, data=data).witnesses == ("wendy.example/w",)


def test_4_one_person_with_two_witness_keys_is_one_witness(town: Town) -> None:
    one, two = witnesses(town, "wendy", "wanda")
    witnesses(town, "otto", person="Otto")
    town.change(trust_edit.with_witnesses(2))
    town.released()

    def both(value: dict[str, Any]) -> None:
        cosigned("wendy", one)(value)
        cosigned("wanda", two)(value)

    refused(town, 4, "1 of 2 witnesses", data=edited(town, both))


def test_4_a_checkpoint_by_a_revoked_log_key(town: Town) -> None:
    town.released()
    town.revoke("key", Digest("sha256", signer(town, "log").public.id))
    refused(town, 4, "no log key in force")


def test_4_a_revoked_witness_does_not_count(town: Town) -> None:
    (witness,) = witnesses(town, "wendy")
    town.released()
    town.revoke("key", Digest("sha256", witness.public.id))
    refused(town, 4, "0 of 1 witnesses", data=edited(town, cosigned("wendy", witness)))


def test_3_a_clock_set_back_does_not_revive_a_trust_policy_that_expired_before_the_cosignature(
    town: Town,
) -> None:
    (witness,) = witnesses(town, "wendy")
    town.released()
    data = edited(town, cosigned("wendy", witness, timedelta(days=3650)))
    assert isinstance(refused(town, 2, "it expired", data=data), Stale)


# -- 5 status -----------------------------------------------------------------------------------------------


def status(town: Town, role: str = "status", **fields: Any) -> bytes:
    return edited(
        town, lambda value: value.update(status=signed_anew(town, value["status"], role, p.Status, **fields))
    )


def test_5_a_status_by_a_key_of_another_role(town: Town) -> None:
    town.released()
    refused(town, 5, "may not sign", data=status(town, role="gate"))


def test_5_a_status_that_was_edited(town: Town) -> None:
    town.released()

    def change(value: dict[str, Any]) -> None:
        envelope = value["status"]["dsseEnvelope"]
        payload = base64.b64decode(envelope["payload"]).replace(b'"revocations":[]', b'"revocations": []')
        envelope["payload"] = base64.b64encode(payload).decode()

    assert refused(town, 5, "signature", data=edited(town, change)).exit_code == 1


def test_5_an_expired_status(town: Town) -> None:
    town.released()
    assert isinstance(refused(town, 5, "expired", clock=instant.now() + timedelta(days=2)), Stale)


def test_5_a_status_about_another_log(town: Town) -> None:
    town.released()
    refused(town, 5, "another log", data=status(town, log_size=1))


def test_5_a_status_for_another_trust_policy(town: Town) -> None:
    town.released()
    refused(town, 5, "version 9", data=status(town, trust_version=9))


def test_5_a_status_dated_in_the_future(town: Town) -> None:
    town.released()
    later = instant.render(instant.now() + HOUR)
    refused(town, 5, "future", data=status(town, issued_at=later))


def test_5_a_verifier_whose_clock_is_a_minute_behind_is_not_refused(town: Town) -> None:
    town.released()
    soon = instant.render(instant.now() + timedelta(minutes=1))
    assert check(town, data=status(town, issued_at=soon)).gated


def test_5_a_status_older_than_one_seen_before(town: Town) -> None:
    town.released()
    kept = msgspec.structs.replace(check(town).state, status_issued_at=instant.render(instant.now() + HOUR))
    refused(town, 5, "a newer status", kept=kept)


def test_5_a_status_by_a_revoked_key(town: Town) -> None:
    town.released()
    town.revoke("key", Digest("sha256", signer(town, "status").public.id))
    refused(town, 5, "is revoked")


# -- 6 stage ------------------------------------------------------------------------------------------------


def second_release(town: Town) -> bytes:
    """Put a second version into production; gives the first release's bundle."""
    town.released()
    first = town.bundle().read_bytes()
    town.push(town.model("next", weights=b"x"), number=2)
    town.approve(release=town.release(number=2))
    assert town.promote(2).stage_index is not None
    return first


@pytest.mark.parametrize("fields", [{"model": "other"}, {"stage": "dev"}])
def test_6_a_bundle_for_another_model_or_stage(town: Town, fields: dict[str, str]) -> None:
    town.released()
    refused(town, 6, "not ", **fields)


def test_6_an_older_release_under_the_current_status(town: Town) -> None:
    second_release(town)

    def change(value: dict[str, Any]) -> None:
        value["stage"] = value["previous"]

    refused(town, 6, "release 1 is not current", data=edited(town, change))


def test_6_an_older_release_with_its_own_bundle_is_told_by_memory(town: Town) -> None:
    first = second_release(town)
    kept = check(town).state
    assert refused(town, 4, "seen before", data=first, kept=kept).exit_code == 1


def test_6_a_sequence_below_one_seen_before(town: Town) -> None:
    town.released()
    kept = msgspec.structs.replace(check(town).state, sequences={"fraud:production": 2})
    refused(town, 6, "a later release", kept=kept)


def test_6_a_stage_statement_that_is_not_in_the_log(town: Town) -> None:
    town.released()

    def change(value: dict[str, Any]) -> None:
        value["stage"]["bundle"] = signed_anew(
            town, value["stage"]["bundle"], "gate", p.Stage, nonce="0" * 32
        )

    refused(town, 6, "not in the log", data=edited(town, change))


def test_6_a_stage_statement_by_a_person(town: Town) -> None:
    town.released()

    def change(value: dict[str, Any]) -> None:
        statement = statement_of(value["stage"]["bundle"])
        value["stage"]["bundle"] = plain(sign_statement(statement, town.signers["alice"]))

    refused(town, 6, "not in the log", data=edited(town, change))


def test_6_an_expired_release(town: Town) -> None:
    brief = Town(
        town.place / "brief",
        POLICY.replace(b"[stage.production]\n", b'[stage.production]\nrelease-valid = "1h"\n'),
    )
    brief.released()
    assert isinstance(refused(brief, 6, "release expired", clock=instant.now() + 2 * HOUR), Stale)


def test_6_a_predecessor_that_is_missing(town: Town) -> None:
    second_release(town)
    refused(town, 6, "predecessor", data=edited(town, lambda value: value.update(previous=None)))


def test_6_an_ungated_release_where_gates_are_required(town: Town) -> None:
    text = POLICY.replace(b"[stage.production]\n", b'[stage.production]\nmode = "observe"\n')
    watching = Town(town.place / "watching", text)
    watching.push(watching.model())
    watching.promote()
    assert not check(watching).gated
    refused(watching, 6, "ungated", require_gated=True)


# -- 7 decision ---------------------------------------------------------------------------------------------


def test_7_the_decision_about_another_release(town: Town) -> None:
    first = json.loads(second_release(town))
    refused(
        town,
        7,
        "not in the log",
        data=edited(town, lambda value: value.update(decision=first["decision"])),
    )


def test_7_withheld_evidence(town: Town) -> None:
    town.released()
    data = edited(town, lambda value: value["evidence"].pop())
    refused(town, 7, "not all that the gate decided on", data=data)


def test_7_evidence_that_is_not_in_the_log(town: Town) -> None:
    town.released()

    def change(value: dict[str, Any]) -> None:
        value["evidence"][0]["index"] += 1

    refused(town, 7, "not in the log", data=edited(town, change))


def test_7_evidence_from_after_the_decision(town: Town) -> None:
    town.released()
    refused(town, 7, "newer than the decision", data=edited(town, lambda v: v["evidence"].append(v["stage"])))


def test_7_another_gate_policy(town: Town) -> None:
    town.released()
    data = edited(
        town, lambda value: value.update(policy=value["policy"].replace("count", "cuont") + "# x\n")
    )
    refused(town, 7, "another gate policy", data=data)


def test_7_another_bom(town: Town) -> None:
    town.released()
    refused(
        town, 7, "not the one that was reviewed", data=edited(town, lambda value: value["bom"].update(x=1))
    )


def test_7_evidence_with_a_spoiled_signature(town: Town) -> None:
    """What counted must not be made to look like what did not."""
    town.released()

    def change(value: dict[str, Any]) -> None:
        first, second = (item["bundle"]["dsseEnvelope"]["signatures"][0] for item in value["evidence"][:2])
        first["sig"] = second["sig"]

    refused(town, 7, "was changed after it was logged", data=edited(town, change))


def test_7_evidence_out_of_order_or_twice(town: Town) -> None:
    town.released()
    refused(town, 7, "out of order", data=edited(town, lambda value: value["evidence"].reverse()))
    twice = edited(town, lambda value: value["evidence"].append(value["evidence"][-1]))
    refused(town, 7, "there twice", data=twice)


def test_7_a_gate_policy_of_another_time(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stolen gate key must not fall back to a laxer policy than the one it says it obeyed."""
    honest = promote._summary

    def summary(*arguments: Any) -> p.VerificationSummary:
        return msgspec.structs.replace(honest(*arguments), trust_version=99)

    monkeypatch.setattr(promote, "_summary", summary)
    town.released()
    refused(town, 7, "version 99 of the trust policy")


def test_7_an_observed_release_that_says_it_is_gated(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promote, "Stage", lambda **fields: p.Stage(**(fields | {"gated": True})))
    text = POLICY.replace(b"[stage.production]\n", b'[stage.production]\nmode = "observe"\n')
    watching = Town(town.place / "watching", text)
    watching.push(watching.model())
    watching.promote()
    refused(watching, 7, "whether a gate was enforced")


# -- 8 approvals: against a gate that signs what it should not ----------------------------------------------


def bribed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gate that allows everything, and claims that every check was ok."""
    honest = promote.evaluate

    def evaluate(policy: Policy, context: Any) -> Decision:
        decision = honest(policy, context)
        ok = type(decision.lines[0].outcome)("ok", ("by bribery",))
        return replace(decision, lines=tuple(replace(line, outcome=ok) for line in decision.lines))

    monkeypatch.setattr(promote, "evaluate", evaluate)


def test_8_a_gate_that_passed_without_approvals(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    bribed(town, monkeypatch)
    town.push(town.model())
    assert town.promote().stage_index is not None
    refused(town, 8, "0 of 1")


def test_8_a_gate_that_counted_the_author(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    bribed(town, monkeypatch)
    town.trust("alice2", ["approver"], person="Alice")
    town.push(town.model())
    town.approve("alice2")
    town.promote()
    refused(town, 8, "is the author")


# -- 9 revocation -------------------------------------------------------------------------------------------


def test_9_a_revoked_artifact(town: Town) -> None:
    town.released()
    artifact = Digest.parse(check(town).release.artifact)
    town.revoke("artifact", artifact)
    refused(town, 9, "the artifact .* is revoked")


def test_9_a_revoked_dataset_after_the_key_of_who_named_it_has_expired(town: Town) -> None:
    """Lineage that counted in the decision does not fade with the key of the trainer who signed it."""
    now = instant.now()
    town.signers["tom"] = PrivateKeySigner(generate())
    key = trust_edit.trusted_key(
        town.signers["tom"].public, "tom", ("trainer",), valid_from=now, valid_until=now + HOUR
    )
    town.change(trust_edit.add_principal("tom", "Tom"), trust_edit.add_key(key))
    artifact, data = town.push(town.model()), Digest.sha256(b"poisoned rows")
    used = p.ResourceDescriptor(name="input/data", digest=data.as_set())
    definition = BuildDefinition(build_type="step", external_parameters={}, resolved_dependencies=(used,))
    made = p.Provenance(
        build_definition=definition, run_details=RunDetails(builder=Builder(id="https://runner.example"))
    )
    town.say("tom", artifact, made)
    town.approve()
    assert town.promote().stage_index is not None
    town.revoke("artifact", data)
    for clock in (now, now + 2 * HOUR):
        refused(town, 9, "the artifact .* is revoked", clock=clock + timedelta(minutes=1))


def test_9_a_revoked_release(town: Town) -> None:
    from modelward.attest.predicates.acts import release_digest

    town.released()
    town.revoke("release", release_digest(check(town).release))
    refused(town, 9, "the release .* is revoked")


def test_9_a_revoked_approval(town: Town) -> None:
    town.push(town.model())
    approval = town.approve()
    town.promote()
    town.revoke("statement", approval.statement_id, who="bob")
    # Without the approval the count is too low already; with a second one the revocation itself is told.
    refused(town, 8, "0 of 1")


def test_9_a_revoked_statement_that_the_decision_counted_on(town: Town) -> None:
    town.push(town.model())
    approval = town.approve()
    release = town.release()
    town.approve("ben", release=release)
    town.promote()
    town.revoke("statement", approval.statement_id, who="bob")
    refused(town, 9, "the statement .* is revoked")


def test_9_a_revoked_key_of_an_evidence_signer(town: Town) -> None:
    town.push(town.model())
    town.approve()
    town.approve("ben", release=town.release())
    town.promote()
    town.revoke("key", Digest("sha256", town.signers["bob"].public.id))
    refused(town, 9, "the key .* is revoked")


def test_9_a_revoked_gate_key(town: Town) -> None:
    town.released()
    town.revoke("key", Digest("sha256", signer(town, "gate").public.id))
    refused(town, 6, "revoked")


def test_9_what_was_revoked_before_the_decision_is_no_reason_to_refuse(town: Town) -> None:
    town.push(town.model())
    taken_back = town.approve("ben")
    town.revoke("statement", taken_back.statement_id, who="ben")
    town.approve()
    assert town.promote().stage_index is not None
    assert check(town).gated


# -- 10 waivers ---------------------------------------------------------------------------------------------


def waiver(town: Town, lasting: timedelta) -> tuple[p.Waiver, Digest]:
    """Leave from approvals for the first version, and the artifact."""
    now = instant.now()
    with town.registry() as registry:
        policy = str(registry.policy.digest)
        artifact = registry.version("fraud", 1).artifact
    return p.Waiver(
        registry=str(town.pin),
        model="fraud",
        version=1,
        stage="production",
        policy=policy,
        rule="approved",
        reason="the approvers are on a plane",
        issued_at=instant.render(now),
        expires=instant.render(now + lasting),
        nonce=secrets.token_hex(16),
    ), artifact


def test_10_a_release_is_good_only_while_its_waiver_is(town: Town) -> None:
    town.push(town.model())
    leave, artifact = waiver(town, HOUR)
    town.say("bob", artifact, leave)
    town.say("ben", artifact, leave)
    assert town.promote().stage_index is not None
    assert check(town).gated
    late = instant.now() + 2 * HOUR
    assert isinstance(refused(town, 10, "waiver of approved expired", clock=late), Stale)


def test_10_a_waiver_that_one_person_prolongs(town: Town) -> None:
    """Beside the waiver of two people lies one of a single person that would last longer."""
    town.push(town.model())
    leave, artifact = waiver(town, HOUR)
    town.say("bob", artifact, leave)
    town.say("ben", artifact, leave)
    town.say("bob", artifact, waiver(town, 20 * HOUR)[0])
    assert town.promote().stage_index is not None
    refused(town, 10, "waiver of approved expired", clock=instant.now() + 2 * HOUR)


def test_10_a_gate_that_waived_what_nobody_did(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = promote._summary

    def summary(*arguments: Any) -> p.VerificationSummary:
        made = honest(*arguments)
        checks = [msgspec.structs.replace(check, outcome="waived") for check in made.checks]
        return msgspec.structs.replace(made, checks=tuple(checks))

    monkeypatch.setattr(promote, "_summary", summary)
    town.released()
    refused(town, 10, "no waiver of approved in the evidence counts")


# -- 11 bytes -----------------------------------------------------------------------------------------------


def test_11_changed_weights(town: Town) -> None:
    path = town.released()
    (path / "weights").write_bytes(b"w" * 99 + b"x")
    assert refused(town, 11, "changed: weights", path=path).exit_code == 1


def test_11_a_missing_file(town: Town) -> None:
    path = town.released()
    (path / "config").unlink()
    refused(town, 11, "missing: config", path=path)


def test_11_a_planted_file(town: Town) -> None:
    path = town.released()
    (path / ".hidden").mkdir()
    (path / ".hidden" / "pytorch_model.bin").write_bytes(b"")
    refused(town, 11, r"not in the release: \.hidden/pytorch_model\.bin", path=path)


def test_11_a_renamed_file(town: Town) -> None:
    path = town.released()
    (path / "config").rename(path / "config2")
    refused(town, 11, "missing: config", path=path)


def test_11_a_link_in_place_of_a_file(town: Town) -> None:
    path = town.released()
    (path / "weights").rename(path / "weights.real")
    (path / "weights").symlink_to("weights.real")
    refused(town, 11, "link", path=path)


def test_11_a_directory_that_is_not_there(town: Town) -> None:
    town.released()
    assert refused(town, 11, "no directory", path=town.place / "nothing").exit_code == 2


def test_11_the_manifest_of_another_artifact(town: Town) -> None:
    town.released()
    data = edited(town, lambda value: value.update(manifest="0" * 64 + "  weights\n"))
    refused(town, 11, "manifest", data=data)


# -- 12 recheck ---------------------------------------------------------------------------------------------


def rerun(bundle: Any, summary: Any, evidence: Any) -> None:
    recheck(Policy.parse(bundle.policy), summary, evidence, ReviewBom(bundle.bom))


def test_12_an_honest_gate_decides_the_same_again(town: Town) -> None:
    path = town.released()
    assert verify_release(town.bundle().read_bytes(), question(town, path), rerun).gated


def test_12_a_gate_that_lied_about_a_check(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    bribed(town, monkeypatch)
    scanned = Town(town.place / "scanned", POLICY + b"[stage.production.check.scanned]\n")
    scanned.push(scanned.model())
    scanned.approve()
    scanned.promote()
    assert check(scanned).gated
    with pytest.raises(Rejected, match="the gate decides otherwise: scanned is fail") as caught:
        verify_release(scanned.bundle().read_bytes(), question(scanned), rerun)
    assert (caught.value.where or "").startswith("step 12")


# -- 13 state -----------------------------------------------------------------------------------------------


def test_13_memory_grows_and_never_goes_back(town: Town) -> None:
    second_release(town)
    kept = check(town).state
    assert kept.sequences == {"fraud:production": 2}
    again = check(town, kept=msgspec.structs.replace(kept, sequences={"other:dev": 4} | kept.sequences)).state
    assert again.sequences == {"other:dev": 4, "fraud:production": 2}


def test_13_memory_survives_a_round_trip_and_damage_is_an_error(town: Town, tmp_path: Path) -> None:
    town.released()
    kept = check(town).state
    path = tmp_path / "state" / "x.json"
    assert kept_state.read(path) is None
    kept_state.write(path, kept)
    assert kept_state.read(path) == kept
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(InputError):
        kept_state.read(path)
