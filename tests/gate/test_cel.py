"""CEL rules: only an informed, plain true passes."""

from __future__ import annotations

import math

import pytest

from modelward.gate import cel

FACTS = {
    "metrics": {"f1": 0.93, "nan": math.nan, "inf": math.inf},
    "scan": {"verdict": "clean"},
    "data": {"licences": []},
}


@pytest.mark.parametrize(
    ("expression", "needs", "expected"),
    [
        ("metrics.f1 >= 0.9", ["metrics.f1"], True),
        ("metrics.f1 >= 0.95", ["metrics.f1"], False),
        ('scan.verdict == "clean" && metrics.f1 > 0.9', ["scan.verdict", "metrics.f1"], True),
        ("metrics.missing > 0.5 || true", ["metrics.missing"], False),
        ("!(metrics.nan < 0.9)", ["metrics.nan"], False),
        ("metrics.inf > 0.9", ["metrics.inf"], False),
        ('data.licences.all(l, l == "MIT")', ["data.licences"], False),
        ("metrics.f1 > 0.9 && metrics.inf > 0.9", ["metrics.f1"], False),
        ("metrics.f1 > 'x'", ["metrics.f1"], False),
        ("metrics.f1", ["metrics.f1"], False),
    ],
)
def test_only_a_plain_true_over_known_facts_holds(expression: str, needs: list[str], expected: bool) -> None:
    assert cel.holds(expression, needs, FACTS) is expected


def test_the_missing_fact_is_named() -> None:
    assert cel.missing_fact(["metrics.f1", "metrics.nan"], FACTS) == "metrics.nan"
    assert cel.missing_fact(["metrics.f1"], FACTS) is None
