from __future__ import annotations

from tests.formats.test_lightgbm import SMALL
from tests.scan.examine import examine, rules

from modelward.core.finding import Verdict


def test_model_is_clean_whatever_it_is_called() -> None:
    for name in ("model.txt", "model.lgb", "model.bin", "model.pkl"):
        assert examine(SMALL.encode(), name).verdict is Verdict.CLEAN


def test_tree_made_to_overflow() -> None:
    assert rules(SMALL.replace("num_leaves=2", "num_leaves=-7").encode(), "m.txt") == ["header-overflow"]


def test_program_that_begins_like_a_model_is_none() -> None:
    data = b"tree\nimport os\n"
    assert "LightGBM" not in examine(data, "m.txt").coverage[0].format
