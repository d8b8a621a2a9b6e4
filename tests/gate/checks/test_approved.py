"""approved: whose yes counts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.attest.simulator import NOW, actor
from tests.gate.case import Case, approve, complete, measure

from modelward.attest import predicates as p
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
    import msgspec

    release = msgspec.structs.replace(case.release, **{field: value})
    approve(case, "ben", release=release)
    assert f"it approved another {field}" in case.failing()["approved"]


def test_an_approval_replayed_from_another_artifact_is_refused(case: Case) -> None:
    import msgspec

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
    from modelward.attest.predicates.acts import RevokedThing

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
