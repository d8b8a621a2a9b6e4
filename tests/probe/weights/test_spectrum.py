"""Spectra agree with numpy's, whether a change is thin or whole."""

from __future__ import annotations

import numpy as np
import pytest

from modelward.probe.weights.spectrum import full, thin


def test_thin_and_whole_agree_with_the_singular_values() -> None:
    made = np.random.default_rng(0)
    up, down = (
        made.standard_normal((40, 4)).astype(np.float32),
        made.standard_normal((4, 30)).astype(np.float32),
    )
    change = 0.5 * up @ down
    values = np.linalg.svd(change, compute_uv=False)
    for found in (thin(down, up, 0.5), full(change, np.ones_like(change))):
        assert found is not None
        assert found.norm == pytest.approx(np.linalg.norm(change), rel=1e-4)
        assert found.ratio == pytest.approx(values[0] / values[1], rel=1e-3)
        assert found.concentration == pytest.approx(values[0] ** 2 / (values**2).sum(), rel=1e-3)


def test_one_direction_is_all_of_the_energy() -> None:
    one = np.outer(np.ones(20), np.arange(1, 31)).astype(np.float32)
    found = full(one, one)
    assert found is not None
    assert found.concentration == pytest.approx(1, abs=1e-5)
    assert found.relative == pytest.approx(1, abs=1e-5)
    assert found.ratio <= 1e6


def test_no_change_has_no_spectrum() -> None:
    zero = np.zeros((4, 5), np.float32)
    assert full(zero, zero) is None
    assert thin(np.zeros((2, 5), np.float32), np.zeros((4, 2), np.float32), 1.0) is None
