import numpy as np

from modelward.data.checks.tiers import level_of, threshold


def test_the_false_discovery_rate_holds_on_chance() -> None:
    rng = np.random.default_rng(0)
    alarms = sum(threshold(rng.random(2000).tolist(), 2000, 0.05, False) > 0 for _ in range(200))
    assert alarms < 25


def test_the_strict_line_is_lower() -> None:
    values = [1e-6] * 5 + [1e-4] * 5
    assert threshold(values, 1000, 0.01, strict=True) < threshold(values, 1000, 0.01, strict=False)
    assert threshold([], 10, 0.01, strict=False) == 0.0


def test_the_levels_of_all_kinds_are_the_level() -> None:
    kinds = {"words": 10, "pairs": 10, "marks": 10}
    assert abs(sum(level_of(kind, kinds, 0.01) for kind in kinds) - 0.01) < 1e-12
