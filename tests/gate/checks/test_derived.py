"""derived: a model whose base is the one that its provenance names."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.attest.simulator import NOW
from tests.gate.case import MODEL, MOMENT, OTHER_MODEL, POLICY, TRAIN, Case, complete, train

from modelward.attest import predicates as p
from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.gate.policy import Policy

BASE = Digest("dirHash", "b1" * 32)
MIDDLE = Digest("dirHash", "b2" * 32)


def asking(options: str = "") -> bytes:
    return POLICY.replace(
        b"[stage.production.check.bom]",
        f"[stage.production.check.derived]\n{options}\n[stage.production.check.bom]".encode(),
    )


def tuned(options: str = "", *, name: str = "input/base") -> Case:
    """A release that was made from a base model which is registered."""
    case = complete(asking(options))
    case.say("alice", BASE, case.registry.version(model="base"))
    train(case, "tom", MODEL, TRAIN, named={name: BASE})
    return case


def derivation(case: Case, who: str = "eve", **fields: Any) -> str:
    said = case.say(
        who,
        MODEL,
        p.Derivation(
            **{
                "base": p.Named(name="base", digest=str(BASE)),
                "verdict": "consistent",
                "related": 1.0,
                "unrelated": 0.0,
                "untold": 0.0,
                "covered": 1.0,
                "seed": "s",
                "method": 1,
                "compared_at": MOMENT,
            }
            | fields
        ),
    )
    return str(said.statement_id)


def failing(case: Case) -> str | None:
    return case.failing().get("derived")


def test_a_model_of_no_base_passes_unless_one_is_asked_for() -> None:
    assert failing(complete(asking())) is None
    assert failing(complete(asking("required = true"))) == "no base model is named"


def test_a_base_that_nobody_compared_fails() -> None:
    case = tuned()
    assert failing(case) == f"no authorised comparison with the base {BASE.short}"
    derivation(case)
    assert failing(case) is None


@pytest.mark.parametrize("name", ["base", "tool/base", "source", "code/x"])
def test_a_base_under_the_name_of_something_else_is_a_base(name: str) -> None:
    assert failing(tuned(name=name)) == f"no authorised comparison with the base {BASE.short}"


def test_a_base_behind_a_step_between_is_a_base() -> None:
    case = complete(asking())
    case.say("alice", BASE, case.registry.version(model="base"))
    train(case, "tom", MIDDLE, BASE)
    train(case, "tom", MODEL, TRAIN, MIDDLE)
    assert failing(case) == f"no authorised comparison with the base {BASE.short}"


def test_an_input_that_nobody_calls_data_could_be_a_base() -> None:
    case = complete(asking())
    train(case, "tom", MODEL, TRAIN, OTHER_MODEL)
    assert failing(case) == f"no authorised comparison with the base {OTHER_MODEL.short}"


def test_who_may_not_compare_is_named() -> None:
    case = tuned()
    derivation(case, who="dora")
    assert "by dora" in str(failing(case))


def test_a_comparison_with_another_base_does_not_count() -> None:
    case = tuned()
    derivation(case, base=p.Named(name="other", digest=str(OTHER_MODEL)))
    said = str(failing(case))
    assert f"no authorised comparison with the base {BASE.short}" in said
    assert "no step made it from other" in said


def test_a_comparison_with_a_base_that_is_not_named_fails() -> None:
    case = complete(asking())
    derivation(case)
    assert "no step made it from base" in str(failing(case))


def test_a_comparison_with_itself_fails() -> None:
    case = tuned()
    derivation(case)
    derivation(case, base=p.Named(name="me", digest=str(MODEL)))
    assert "was compared with itself" in str(failing(case))


@pytest.mark.parametrize("verdict", ["inconsistent", "cannot tell"])
def test_anything_but_consistent_fails_and_is_not_outvoted(verdict: str) -> None:
    case = tuned()
    former = derivation(case, verdict=verdict, reasons=("80% are not the base's",))
    derivation(case)
    assert f"{verdict} with base: 80% are not the base's" in str(failing(case))
    derivation(case, supersedes=(former,))
    assert failing(case) is None


def test_the_trainer_cannot_compare() -> None:
    case = tuned()
    train(case, "eve", MODEL, TRAIN, BASE)
    derivation(case)
    assert "eve trained the model" in str(failing(case))
    case = tuned("independent = false")
    train(case, "eve", MODEL, TRAIN, BASE)
    derivation(case)
    assert failing(case) is None


def test_a_share_of_strangers_is_bounded() -> None:
    figures = {"related": 0.99, "unrelated": 0.01}
    case = tuned()
    derivation(case, **figures)
    assert "1.00% of the weights are not those of base, above 0.00%" in str(failing(case))
    case = tuned("max-unrelated = 0.01")
    derivation(case, **figures)
    assert failing(case) is None


def test_shares_that_contradict_the_verdict_fail() -> None:
    case = tuned()
    derivation(case, related=0.2)
    assert "do not add up" in str(failing(case))


def test_an_adapter_may_be_refused() -> None:
    case = tuned("adapters = false")
    derivation(case, adapter=True)
    assert "an adapter" in str(failing(case))


def test_a_comparison_of_tomorrow_fails() -> None:
    case = tuned()
    derivation(case, compared_at=instant.render(NOW + timedelta(days=1)))
    assert "dated in the future" in str(failing(case))


@pytest.mark.parametrize("bound", ["nan", "-0.1", "1.1"])
def test_a_bound_that_bounds_nothing_is_refused(bound: str) -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        Policy.parse(asking(f"max-unrelated = {bound}"))
