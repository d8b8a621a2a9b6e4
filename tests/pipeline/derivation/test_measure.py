"""The figures of two tensors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from tests.pipeline.derivation.llamas import save

from modelward.pipeline.derivation.measure import Figures, Side, measure
from modelward.pipeline.derivation.weights import Weights, families

DRAW = np.random.default_rng(0)


def figures(tmp_path: Path, model: Any, base: Any) -> Figures:
    sides = []
    for name, one in (("model", model), ("base", base)):
        path = tmp_path / name
        if not path.exists():
            save(path, {"w": one})
        sides.append(Weights(families(path).families[0]))
    with sides[0] as left, sides[1] as right:
        return measure(Side(left, left.entries["w"]), Side(right, right.entries["w"]), "seed")


def test_figures_are_those_of_the_definitions(tmp_path: Path) -> None:
    base = DRAW.standard_normal((100, 80)).astype(np.float32)
    model = (base + 0.3 * DRAW.standard_normal(base.shape)).astype(np.float32)
    found = figures(tmp_path, model, base)
    assert found.correlation == pytest.approx(np.corrcoef(model.ravel(), base.ravel())[0, 1], abs=1e-5)
    assert found.relative == pytest.approx(np.linalg.norm(model - base) / np.linalg.norm(base), rel=1e-4)
    assert (found.changed, found.examined, found.state, found.rank) == (1.0, 8000, "near", None)


def test_strangers_of_low_rank_are_no_change_of_low_rank(tmp_path: Path) -> None:
    model, base = (
        (DRAW.standard_normal((200, 2)) @ DRAW.standard_normal((2, 200))).astype(np.float32) for _ in range(2)
    )
    assert figures(tmp_path, model, base).state in ("unrelated", "unclear")


def test_vectors_and_constants_have_no_vote(tmp_path: Path) -> None:
    assert not figures(tmp_path / "x", np.ones(400, np.float32), np.ones(400, np.float32)).votes
    assert not figures(tmp_path / "y", np.ones((40, 40), np.float32), np.ones((40, 40), np.float32)).votes


def test_a_shape_that_fits_nothing_is_not_read(tmp_path: Path) -> None:
    found = figures(tmp_path, np.ones((40, 40), np.float32), np.ones((40, 41), np.float32))
    assert found.state == "unread"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.tuples(*[arrays.arrays(np.float32, (20, 20), elements=st.floats(width=32, allow_nan=True))] * 2),
    st.uuids(),
)
def test_any_numbers_give_figures(tmp_path: Path, pair: tuple[Any, Any], key: Any) -> None:
    found = figures(tmp_path / str(key), *pair)
    assert found.correlation is None or -1 <= found.correlation <= 1
    assert found.relative is None or np.isfinite(found.relative)
