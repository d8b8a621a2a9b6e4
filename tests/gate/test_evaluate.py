"""The gate as a whole: what passes, what denies, what may be waived."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.attest.simulator import NOW, Actor, actor
from tests.gate.case import (
    MODEL,
    OTHER_MODEL,
    POLICY,
    RAW,
    TEST,
    TRAIN,
    Case,
    approve,
    collect_data,
    complete,
    custody,
    measure,
    scan,
)

from modelward.attest import predicates as p
from modelward.attest.bundle import sign_statement
from modelward.attest.predicates.custody import Source
from modelward.attest.statement import Statement
from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.gate.context import Revoked


def waiver(case: Case, **fields: object) -> p.Waiver:
    return case.registry.waiver(**{"policy": str(case.policy.digest), "rule": "scanned"} | fields)


def waived(case: Case, *signers: str | Actor, **fields: object) -> Case:
    """The identical waiver, signed by each."""
    statement = waiver(case, **fields)
    for who in signers:
        case.say(who, MODEL, statement)
    return case


def test_a_complete_release_is_allowed() -> None:
    decision = complete().decide()
    assert decision.allowed
    assert decision.passed
    assert {line.outcome.status for line in decision.lines} == {"ok"}
    assert len(decision.lines) == 9


def test_without_any_statement_everything_is_denied() -> None:
    case = complete()
    case.bundles = []
    assert not case.decide().allowed
    assert set(case.failing()) == {"signed", "scanned", "provenance", "custody", "evaluated", "approved"}


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        (p.Version, "signed"),
        (p.Scan, "scanned"),
        (p.Provenance, "provenance"),
        (p.Custody, "custody"),
        (p.Snapshot, "custody"),
        (p.Evaluation, "evaluated"),
        (p.Approval, "approved"),
    ],
)
def test_each_kind_of_statement_is_missed(kind: type, check: str) -> None:
    case = complete()
    case.drop(kind)
    assert check in case.failing()


def test_the_gate_is_a_pure_function() -> None:
    case = complete()
    assert case.decide() == case.decide()


def test_a_stage_that_the_policy_does_not_name_is_an_error() -> None:
    case = complete(POLICY.replace(b"stage.production", b"stage.staging"))
    with pytest.raises(InputError, match="no stage 'production'"):
        case.decide()


def test_observing_allows_but_says_what_it_would_deny() -> None:
    case = complete(POLICY.replace(b"[stage.production]\n", b'[stage.production]\nmode = "observe"\n'))
    case.drop(p.Scan)
    decision = case.decide()
    assert decision.allowed
    assert not decision.passed
    assert set(case.failing()) == {"scanned"}


def test_even_observing_denies_what_is_revoked() -> None:
    case = complete(POLICY.replace(b"[stage.production]\n", b'[stage.production]\nmode = "observe"\n'))
    case.revoked = (Revoked("artifact", TRAIN, "poisoned"),)
    assert not case.decide().allowed


def test_two_people_waive_a_failing_check() -> None:
    case = complete()
    case.drop(p.Scan)
    waived(case, "bob", "ben")
    decision = case.decide()
    assert decision.passed
    assert {line.id: line.outcome.status for line in decision.lines}["scanned"] == "waived"


def test_one_person_cannot_waive() -> None:
    case = complete()
    case.drop(p.Scan)
    assert "scanned" in waived(case, "bob").failing()


def test_one_person_with_two_keys_cannot_waive() -> None:
    case = complete()
    twin = actor("bobby", "approver", person="Bob")
    case.registry.add(twin)
    case.drop(p.Scan)
    assert "scanned" in waived(case, "bob", twin).failing()


def test_two_different_waivers_do_not_add_up() -> None:
    case = complete()
    case.drop(p.Scan)
    waived(case, "bob", reason="because it is Friday")
    waived(case, "ben", reason="because it is late")
    assert "scanned" in case.failing()


def test_the_author_cannot_waive() -> None:
    case = complete()
    author = actor("alice2", "approver", person="Alice")
    case.registry.add(author)
    case.drop(p.Scan)
    assert "scanned" in waived(case, "bob", author).failing()


@pytest.mark.parametrize(
    "fields",
    [
        {"rule": "custody"},
        {"version": 8},
        {"model": "other"},
        {"stage": "staging"},
        {"policy": "sha256:" + "0" * 64},
        {"expires": instant.render(NOW)},
        {
            "issued_at": instant.render(NOW + timedelta(days=1)),
            "expires": instant.render(NOW + timedelta(days=2)),
        },
        {"expires": instant.render(NOW + timedelta(days=31))},
    ],
)
def test_a_waiver_for_something_else_or_another_time_does_not_count(fields: dict[str, object]) -> None:
    case = complete()
    case.drop(p.Scan)
    assert "scanned" in waived(case, "bob", "ben", **fields).failing()


@pytest.mark.parametrize("rule", ["signed", "not-revoked", "log-consistent"])
def test_signature_revocation_and_log_cannot_be_waived(rule: str) -> None:
    case = waived(complete(), "bob", "ben", rule=rule)
    case.drop(p.Version)
    case.revoked = (Revoked("artifact", MODEL, "gone"),)
    case.log_consistent = False
    assert rule in case.failing()


def test_the_verdict_malicious_cannot_be_waived() -> None:
    case = waived(complete(), "bob", "ben")
    scan(case, "ci-scan", "malicious")
    assert "scanned" in case.failing()


def test_a_bad_scan_stands_beside_good_ones() -> None:
    case = complete()
    scan(case, "ci-scan", "unverified")
    scan(case, "ci-scan", "clean")
    assert "unverified" in case.failing()["scanned"]


def test_a_bad_scan_is_superseded_by_name() -> None:
    case = complete()
    bad = scan(case, "ci-scan", "unverified")
    scan(case, "ci-scan", "clean", supersedes=(str(bad.statement_id),))
    assert "scanned" not in case.failing()


def test_a_statement_cannot_supersede_one_of_another_type() -> None:
    case = complete()
    bad = scan(case, "ci-scan", "unverified")
    measure(case, "eve", 0.95, supersedes=(str(bad.statement_id),))
    assert "scanned" in case.failing()


def test_an_unauthorised_supersede_leaves_the_bad_scan_standing() -> None:
    case = complete()
    bad = scan(case, "ci-scan", "unverified")
    scan(case, "alice", "clean", supersedes=(str(bad.statement_id),))
    assert "scanned" in case.failing()


def test_a_cel_rule_sees_the_metrics() -> None:
    rule = b"""
[[stage.production.rule]]
id = "recall"
title = "recall is high"
needs = ["metrics.f1"]
expression = "metrics.f1 >= 0.99"
message = "f1 is too low for this stage"
solution = "train longer"
"""
    case = complete().with_policy(POLICY + rule)
    assert case.failing() == {"recall": "f1 is too low for this stage"}
    assert complete().with_policy((POLICY + rule).replace(b"0.99", b"0.9")).decide().passed


def test_a_cel_rule_must_hold_in_every_standing_evaluation() -> None:
    rule = b"""
[[stage.production.rule]]
id = "toxicity"
title = "hardly toxic"
needs = ["metrics.toxicity"]
expression = "metrics.toxicity <= 0.1"
message = "too toxic"
solution = "filter the data"
"""
    case = complete().with_policy(POLICY + rule)
    case.drop(p.Evaluation)
    measure(case, "eve", 0.95, metrics={"f1": 0.95, "toxicity": 0.9})
    measure(case, "eve", 0.95, metrics={"f1": 0.95, "toxicity": 0.01})
    assert case.failing() == {"toxicity": "too toxic"}


def test_a_cel_rule_over_an_unknown_fact_fails() -> None:
    rule = b"""
[[stage.production.rule]]
id = "bias"
title = "bias was measured"
needs = ["metrics.bias"]
expression = "metrics.bias <= 0.1 || true"
message = "biased"
solution = "measure it"
"""
    assert complete().with_policy(POLICY + rule).failing() == {"bias": "metrics.bias is not known"}


def test_the_evidence_digest_covers_what_was_refused() -> None:
    case = complete()
    before = case.evidence().digest
    scan(case, "alice", "clean")
    assert case.evidence().refused
    assert case.evidence().digest != before


def test_evidence_follows_the_closure_and_nothing_else() -> None:
    case = complete()
    before = len(case.evidence().logged)
    case.say("dora", TEST, case.registry.example(p.Snapshot, "dora")[0])
    measure(case, "eve", 0.1, model=OTHER_MODEL)
    assert len(case.evidence().logged) == before + 1
    approve(case, "bob")
    assert len(case.evidence().logged) == before + 2


def test_the_author_cannot_supersede_what_a_scanner_found() -> None:
    case = complete()
    bad = scan(case, "ci-scan", "malicious")
    case.registry.add(actor("alice-scan", "scanner", person="Alice"))
    scan(case, "alice-scan", "clean", supersedes=(str(bad.statement_id),))
    assert "malicious" in case.failing()["scanned"]


def test_provenance_cannot_be_superseded_to_hide_an_ancestor() -> None:
    """Provenance has no `supersedes`; a field of that name must not let a revoked dataset disappear."""
    case = complete()
    (made,) = [b for b in case.bundles if b.statement.predicate_type == p.Provenance.TYPE]
    other = Digest.sha256(b"harmless")
    collect_data(case, "dora", other, "harmless")
    honest = made.statement
    forged = Statement(
        honest.name,
        MODEL,
        p.Provenance.TYPE,
        {
            **honest.predicate,
            "buildDefinition": {
                **honest.predicate["buildDefinition"],
                "resolvedDependencies": [{"name": "input/0", "digest": other.as_set()}],
            },
            "supersedes": [str(made.statement_id)],
        },
    )
    case.bundles.append(sign_statement(forged, case.registry.actors["tom"].signer))
    case.revoked = (Revoked("artifact", TRAIN, "poisoned"),)
    assert "poisoned" in case.failing()["not-revoked"]


@pytest.mark.parametrize("value", ["garbage", 5, [5], {"a": 1}, [["x"]]])
def test_a_foreign_field_cannot_stop_the_gate(value: object) -> None:
    case = complete()
    (made,) = [b for b in case.bundles if b.statement.predicate_type == p.Provenance.TYPE]
    poison = Statement("model", MODEL, p.Provenance.TYPE, {**made.statement.predicate, "supersedes": value})
    case.bundles.append(sign_statement(poison, case.registry.actors["tom"].signer))
    assert case.decide().passed


def test_who_registered_the_same_bytes_elsewhere_cannot_waive() -> None:
    case = complete()
    case.registry.add(actor("accomplice", "publisher", "approver"))
    case.say("accomplice", MODEL, case.registry.version(author="accomplice", model="twin", version=1))
    case.drop(p.Scan)
    assert "scanned" in waived(case, "bob", "accomplice").failing()


def test_a_licence_that_one_dataset_lacks_is_seen_by_a_rule() -> None:
    rule = b"""
[[stage.production.rule]]
id = "licences"
title = "only open data"
needs = ["data.licences"]
expression = "data.licences.all(licence, licence in ['CC-BY-4.0'])"
message = "a dataset is not open"
solution = "name its licence"
"""
    case = complete().with_policy(POLICY + rule)
    assert case.decide().passed
    case.drop(p.Custody, RAW)
    case.say("dora", RAW, custody("collect", "raw", [], source=Source(uri="https://example.org"), licence=""))
    assert case.failing() == {"licences": "a dataset is not open"}
