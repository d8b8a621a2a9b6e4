"""provenance: made by recorded steps from inputs that somebody vouches for."""

from __future__ import annotations

from tests.gate.case import MODEL, TRAIN, complete, train

from modelward.attest import predicates as p
from modelward.core.digest import Digest

BASE = Digest("dirHash", "c" * 64)
SECRET = Digest.sha256(b"undeclared")


def test_an_artifact_that_no_step_made_fails() -> None:
    case = complete()
    case.drop(p.Provenance)
    assert case.failing()["provenance"] == "no recorded step made this artifact"


def test_an_input_that_nobody_vouches_for_fails() -> None:
    case = complete()
    case.drop(p.Provenance)
    train(case, "tom", MODEL, TRAIN, SECRET)
    assert "nobody vouches for it" in case.failing()["provenance"]


def test_a_step_without_inputs_fails() -> None:
    case = complete()
    case.drop(p.Provenance)
    train(case, "tom", MODEL)
    assert "declares no input" in case.failing()["provenance"]


def test_a_base_model_must_be_registered_or_made() -> None:
    case = complete()
    case.drop(p.Provenance)
    train(case, "tom", MODEL, TRAIN, BASE)
    assert BASE.short in case.failing()["provenance"]
    case.say("alice", BASE, case.registry.version(model="base", version=1))
    assert "provenance" not in case.failing()


def test_the_chain_is_walked_through_intermediate_products() -> None:
    case = complete()
    case.drop(p.Provenance)
    train(case, "tom", MODEL, BASE)
    train(case, "tom", BASE, TRAIN, SECRET)
    assert SECRET.short in case.failing()["provenance"]


def test_provenance_by_somebody_without_the_role_is_named() -> None:
    case = complete()
    case.drop(p.Provenance)
    train(case, "bob", MODEL, TRAIN)
    assert "may not sign" in case.failing()["provenance"]


def test_an_input_by_a_digest_that_nobody_can_look_up_fails() -> None:
    """A step may not hide what it read behind another algorithm."""
    case = complete()
    case.drop(p.Provenance)
    train(case, "tom", MODEL, TRAIN, Digest("sha512", "d" * 128))
    assert "input/1 of entry" in case.failing()["provenance"]
