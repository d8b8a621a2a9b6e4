"""The policies that registries start from."""

from __future__ import annotations

import math

import pytest

from modelward.bom.fields import field
from modelward.gate.policy import Policy
from modelward.registry import blueprints

ALWAYS = {"log-consistent", "signed", "not-revoked"}


def read(name: str) -> Policy:
    return Policy.parse(blueprints.render(name, {"f1": 0.9}))


@pytest.mark.parametrize("name", blueprints.NAMES)
def test_every_stage_asks_for_log_signature_and_revocation(name: str) -> None:
    policy = read(name)
    assert set(policy.stages) == {"dev", "staging", "production"}
    for stage in policy.stages.values():
        assert {check.id for check, _ in stage.checks} >= ALWAYS
        assert stage.mode == ("observe" if name == "observe" else "enforce")


@pytest.mark.parametrize("name", blueprints.NAMES)
def test_production_asks_for_the_whole_chain(name: str) -> None:
    checks = {check.id for check, _ in read(name).stage("production").checks}
    assert checks == ALWAYS | {"scanned", "provenance", "custody", "evaluated", "bom", "approved"}


def test_strict_is_stricter() -> None:
    strict, standard = read("strict"), read("standard")
    assert strict.status_valid < standard.status_valid
    assert strict.stage("production").release_valid < standard.stage("production").release_valid
    options = {check.id: options for check, options in strict.stage("production").checks}
    assert options["approved"].count == 2
    assert options["scanned"].max_age == "30d"


def test_metrics_become_thresholds() -> None:
    options = {check.id: options for check, options in read("standard").stage("production").checks}
    assert options["evaluated"].metrics["f1"].min == 0.9


@pytest.mark.parametrize("metric", ["f1", "acc.top1", "a-b_c"])
@pytest.mark.parametrize("value", [0, 1, -1.5, 1e-9, 1e30, math.pi])
def test_any_name_and_number_is_rendered_as_it_is_read(metric: str, value: float) -> None:
    policy = Policy.parse(blueprints.render("standard", {metric: value}))
    options = {check.id: options for check, options in policy.stage("staging").checks}
    assert options["evaluated"].metrics[metric].min == value


def test_bom_fields_are_in_the_table() -> None:
    for name in blueprints.REVIEW_FIELDS:
        assert field(name).id == name


def test_every_blueprint_is_described() -> None:
    assert all(blueprints.description(name) for name in blueprints.NAMES)
