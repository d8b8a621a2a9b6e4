"""The policy file: strict, and refused where it could not decide anything."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.gate.case import POLICY

from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.gate.policy import Policy
from modelward.registry import blueprints

RULE = """
[[stage.production.rule]]
id = "rule"
title = "t"
needs = {needs}
expression = '{expression}'
message = "m"
solution = "s"
"""


def test_the_digest_is_of_the_bytes() -> None:
    assert Policy.parse(POLICY).digest == Digest.sha256(POLICY)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (POLICY.replace(b"/v1", b"/v2"), "format"),
        (POLICY + b"[stage.production.check.scaned]\n", "unknown check 'scaned'"),
        (POLICY.replace(b"count = 2", b"cuont = 2"), "cuont"),
        (POLICY + b"[stage.empty]\n", "asks for nothing"),
        (b'format = "modelward-policy/v1"\nname = "x"\n[stage]\n', "no stage"),
        (POLICY + b"= nonsense", "not a valid policy"),
        (b"\xff", "not a valid policy"),
    ],
)
def test_a_policy_that_could_be_misread_is_refused(text: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Policy.parse(text)


@pytest.mark.parametrize(
    ("needs", "expression", "message"),
    [
        ("[]", "true", "needs no facts"),
        ('["metrics.f1"]', "[].all(x, x)", "does not read it"),
        ('["nonsense.f1"]', "nonsense.f1 > 0.5", "is not a fact"),
        ('["metrics.f1"]', "metrics.f1 +", "rule rule"),
        ('["metrics.f1"]', "metrics.f1 + 1.0", "must be a boolean"),
        ('["metrics.f1"]', "metrics.f1 > 0.5 && unknown", "rule rule"),
    ],
)
def test_a_rule_that_decides_nothing_is_refused(needs: str, expression: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Policy.parse(POLICY + RULE.format(needs=needs, expression=expression).encode())


def test_two_rules_of_one_name_are_refused() -> None:
    rule = RULE.format(needs='["metrics.f1"]', expression="metrics.f1 > 0.5").encode()
    with pytest.raises(InputError, match="is taken"):
        Policy.parse(POLICY + rule + rule)


@pytest.mark.parametrize("name", blueprints.NAMES)
@pytest.mark.parametrize("metrics", [{}, {"f1": 0.9, "recall": 0.8}])
def test_every_blueprint_is_a_policy(name: str, metrics: dict[str, float]) -> None:
    policy = Policy.parse(blueprints.render(name, metrics))
    assert policy.name == name
    assert set(policy.stages) == {"dev", "staging", "production"}
    assert (policy.stage("production").mode == "observe") == (name == "observe")


@given(st.binary(max_size=300))
def test_any_bytes_give_a_policy_or_an_input_error(data: bytes) -> None:
    with contextlib.suppress(InputError):
        Policy.parse(data)
