"""approved: whose yes counts."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from tests.attest.simulator import NOW, actor
from tests.gate.case import MODEL, RAW, TRAIN, Case, approve, collect_data, complete, custody, measure, train

from modelward.attest import predicates as p
from modelward.attest.bundle import Bundle
from modelward.attest.predicates.acts import RevokedThing
from modelward.core import instant
from modelward.core.digest import Digest

OTHER = "sha256:" + "0" * 64


@pytest.fixture
def case() -> Case:
    """Complete but for one approval."""
    made = complete()
    made.drop(p.Approval)
    approve(made, "bob")
    return made


def test_two_others_suffice(case: Case) -> None:
    approve(case, "ben")
    assert "approved" not in case.failing()


def test_one_of_two_is_not_enough(case: Case) -> None:
    assert case.failing()["approved"].startswith("1 of 2")


def test_the_same_person_twice_counts_once(case: Case) -> None:
    approve(case, "bob", comment="again")
    assert "counts once" in case.failing()["approved"]


def test_one_person_under_two_names_counts_once(case: Case) -> None:
    twin = actor("robert", "approver", person="Bob")
    case.registry.add(twin)
    approve(case, "robert")
    assert "counts once" in case.failing()["approved"]


@pytest.mark.parametrize(
    ("person", "why"),
    [
        ("Alice", "the author"),
        ("Tom", "a trainer"),
        ("Eve", "an evaluator"),
        ("Dora", "a data contributor"),
    ],
)
def test_people_with_a_part_in_it_do_not_count(case: Case, person: str, why: str) -> None:
    case.registry.add(actor("second", "approver", person=person))
    approve(case, "second")
    assert f"is {why}" in case.failing()["approved"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("model", "other"),
        ("version", 8),
        ("stage", "staging"),
        ("policy", OTHER),
        ("bom", OTHER),
    ],
)
def test_an_approval_of_another_release_does_not_count(case: Case, field: str, value: object) -> None:
    release = msgspec.structs.replace(case.release, **{field: value})
    approve(case, "ben", release=release)
    assert f"it approved another {field}" in case.failing()["approved"]


def test_an_approval_replayed_from_another_artifact_is_refused(case: Case) -> None:
    other = Digest("dirHash", "b" * 64)
    approve(case, "ben", release=msgspec.structs.replace(case.release, artifact=str(other)))
    assert "not the artifact of its release" in case.failing()["approved"]


def test_an_expired_approval_does_not_count(case: Case) -> None:
    approve(case, "ben", expires=instant.render(NOW))
    assert "it expired" in case.failing()["approved"]


def test_an_approval_dated_in_the_future_does_not_count(case: Case) -> None:
    approve(case, "ben", issued_at=instant.render(NOW + timedelta(hours=1)))
    assert "dated in the future" in case.failing()["approved"]


def test_a_key_without_the_role_does_not_approve(case: Case) -> None:
    approve(case, "ada")
    assert "may not sign" in case.failing()["approved"]


def test_a_revoked_key_does_not_approve(case: Case) -> None:
    approve(case, "ben")
    case.revocations = (
        RevokedThing(
            kind="key",
            digest=f"sha256:{case.registry.actors['ben'].id}",
            compromised_at=None,
            statement=OTHER,
        ),
    )
    assert "revoked" in case.failing()["approved"]


def test_a_later_evaluation_by_an_approver_voids_their_approval(case: Case) -> None:
    approve(case, "ben")
    case.registry.add(actor("ben-eval", "evaluator", person="Ben"))
    measure(case, "ben-eval", 0.95)
    assert "an evaluator" in case.failing()["approved"]


def test_a_data_contributor_who_takes_the_custody_back_is_still_one(case: Case) -> None:
    """Whoever collected the data cannot wash their hands of it by revoking what they signed."""
    (bundle,) = [b for b in case.bundles if b.statement.subject == RAW and is_custody(b)]
    case.registry.add(actor("dan", "data-steward"))
    collect_data(case, "dan", RAW, "raw")
    case.revocations = (
        RevokedThing(kind="statement", digest=str(bundle.statement_id), compromised_at=None, statement=OTHER),
    )
    case.drop(p.Snapshot, RAW)
    case.registry.add(actor("second", "approver", person="Dora"))
    approve(case, "second")
    assert "is a data contributor" in case.failing()["approved"]


def test_a_data_contributor_whose_custody_was_superseded_is_still_one() -> None:
    case = complete()
    case.drop(p.Approval)
    case.registry.add(actor("carl", "data-steward", "approver"))
    strange = Digest.sha256(b"strange")
    former = case.say("carl", RAW, custody("shuffle", "raw", [strange]))
    case.say("dora", RAW, custody("shuffle", "raw", [strange], supersedes=(str(former.statement_id),)))
    approve(case, "carl")
    assert "is a data contributor" in case.failing()["approved"]


def test_who_registered_the_same_bytes_as_another_model_does_not_count(case: Case) -> None:
    case.registry.add(actor("accomplice", "publisher", "approver"))
    case.say("accomplice", MODEL, case.registry.version(author="accomplice", model="twin", version=1))
    approve(case, "accomplice")
    assert "is the author" in case.failing()["approved"]


def test_the_author_of_the_base_model_does_not_count(case: Case) -> None:
    base = Digest("dirHash", "c" * 64)
    case.registry.add(actor("betty", "publisher", "approver"))
    case.say("betty", base, case.registry.version(author="betty", model="base", version=1))
    train(case, "tom", MODEL, TRAIN, base)
    approve(case, "betty")
    assert "the author of a model it was made from" in case.failing()["approved"]


def is_custody(bundle: Bundle) -> bool:
    return bundle.statement.predicate_type == p.Custody.TYPE


def test_an_approval_is_used_once(case: Case) -> None:
    approve(case, "ben")
    case.say("gate-1", MODEL, case.registry.stage(release=case.release))
    assert "it was used for release 1" in case.failing()["approved"]


def test_an_approval_stays_used_when_the_gate_key_that_used_it_is_revoked(case: Case) -> None:
    """Rotating the gate's key must not revive the approvals of older releases."""
    from modelward.attest.predicates.acts import RevokedThing

    approve(case, "ben")
    case.say("gate-1", MODEL, case.registry.stage(release=case.release))
    case.revocations = (
        RevokedThing(
            kind="key",
            digest=f"sha256:{case.registry.actors['gate-1'].id}",
            compromised_at=None,
            statement=OTHER,
        ),
    )
    assert case.evidence().refused
    assert "it was used for release 1" in case.failing()["approved"]


def test_an_approval_given_after_a_promotion_counts(case: Case) -> None:
    case.say("gate-1", MODEL, case.registry.stage(release=case.release))
    case.drop(p.Approval)
    approve(case, "bob")
    approve(case, "ben")
    assert "approved" not in case.failing()
