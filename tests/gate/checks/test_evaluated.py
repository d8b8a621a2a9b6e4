"""evaluated: what a measurement must be to count."""

from __future__ import annotations

from tests.attest.simulator import actor
from tests.gate.case import OTHER_MODEL, POLICY, RAW, TRAIN, complete, custody, measure

from modelward.attest import predicates as p
from modelward.core.digest import Digest
from modelward.gate.policy import Policy

REGRESSION = POLICY.replace(b"{ min = 0.9 }", b"{ min = 0.5, no-regression = 0.01 }")


def test_a_value_below_the_threshold_fails() -> None:
    case = complete()
    case.drop(p.Evaluation)
    measure(case, "eve", 0.89)
    assert case.failing()["evaluated"] == "f1 0.89 is below 0.9"


def test_the_worst_run_counts_not_the_best_of_twenty() -> None:
    case = complete()
    measure(case, "eve", 0.2)
    for _ in range(19):
        measure(case, "eve", 0.99)
    assert "f1 0.2 is below" in case.failing()["evaluated"]


def test_an_evaluation_of_another_model_does_not_count() -> None:
    case = complete()
    case.drop(p.Evaluation)
    measure(case, "eve", 0.99, model=OTHER_MODEL)
    assert "no authorised evaluation of this artifact" in case.failing()["evaluated"]


def test_an_evaluation_by_somebody_without_the_role_is_named() -> None:
    case = complete()
    case.drop(p.Evaluation)
    measure(case, "bob", 0.99)
    assert "may not sign" in case.failing()["evaluated"]


def test_the_trainer_cannot_evaluate() -> None:
    case = complete()
    case.registry.add(actor("tom-eval", "evaluator", person="Tom"))
    measure(case, "tom-eval", 0.99)
    assert "tom-eval trained the model" in case.failing()["evaluated"]


def test_evaluating_on_training_data_fails() -> None:
    case = complete()
    measure(case, "eve", 0.99, data=p.Named(name="train", digest=str(TRAIN)))
    assert "used training data" in case.failing()["evaluated"]


def test_a_metric_that_one_run_left_out_fails() -> None:
    case = complete()
    measure(case, "eve", 0.99, metrics={"accuracy": 1.0})
    assert "not measured in every evaluation" in case.failing()["evaluated"]


def test_falling_behind_the_current_release_fails() -> None:
    case = complete().with_policy(REGRESSION)
    measure(case, "eve", 0.97, model=OTHER_MODEL)
    case.baseline = OTHER_MODEL
    assert "falls behind the current release (0.97)" in case.failing()["evaluated"]


def test_an_allowed_distance_is_no_regression() -> None:
    case = complete().with_policy(REGRESSION)
    measure(case, "eve", 0.955, model=OTHER_MODEL)
    case.baseline = OTHER_MODEL
    assert "evaluated" not in case.failing()


def test_an_unmeasured_current_release_cannot_exclude_a_regression() -> None:
    case = complete().with_policy(REGRESSION)
    case.baseline = OTHER_MODEL
    assert "cannot be excluded" in case.failing()["evaluated"]


def test_without_thresholds_an_independent_evaluation_is_still_asked_for() -> None:
    bare = POLICY.replace(b"metrics.f1 = { min = 0.9 }\n", b"")
    assert Policy.parse(bare)
    case = complete().with_policy(bare)
    assert case.decide().passed
    case.drop(p.Evaluation)
    assert "evaluated" in case.failing()


def test_a_metric_that_may_not_be_exceeded() -> None:
    case = complete().with_policy(POLICY.replace(b"min = 0.9", b"max = 0.9"))
    assert case.failing()["evaluated"] == "f1 0.95 is above 0.9"


def test_evaluating_on_what_the_training_data_was_taken_from_fails() -> None:
    case = complete()
    measure(case, "eve", 0.99, data=p.Named(name="raw", digest=str(RAW)))
    assert "used training data" in case.failing()["evaluated"]


def test_evaluating_on_rows_taken_from_the_training_data_fails() -> None:
    case = complete()
    part = Digest.sha256(b"part of train")
    case.say("dora", part, custody("filter", "part", [TRAIN]))
    measure(case, "eve", 0.99, data=p.Named(name="part", digest=str(part)))
    assert "used training data" in case.failing()["evaluated"]
