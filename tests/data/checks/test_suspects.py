"""Sets of suspects are cut where chance explains them worst, and counted on what the growth did not see."""

from __future__ import annotations

import numpy as np

from modelward.data.checks.suspects import clustered, cut, excess, mixed


def test_the_cut_is_where_the_suspects_end() -> None:
    rank = np.linspace(1, 0, 2000)
    shown = (np.arange(2000) < 60) | (np.random.default_rng(1).random(2000) < 0.3)
    evidence, rows = cut(rank, shown.astype(float), np.full(2000, 0.3))
    assert evidence > 50
    assert 50 <= len(rows) <= 70


def test_a_rate_as_expected_is_no_evidence() -> None:
    shown = np.random.default_rng(2).random(2000) < 0.3
    evidence, _ = cut(np.random.default_rng(3).random(2000), shown.astype(float), np.full(2000, 0.3))
    assert evidence < 6
    assert excess(3, 10, 0.5) == 0


def test_content_that_agrees_is_no_sign_of_a_hand() -> None:
    assert mixed(np.full(50, -1.0))[0] < 0
    assert mixed(np.full(50, 2.0)) == (mixed(np.full(50, 2.0))[0], 0.95)


def test_clusters_keep_what_is_alike_together() -> None:
    from scipy import sparse

    rng = np.random.default_rng(4)
    dense = rng.random((400, 60)).astype(np.float32) * 0.1
    dense[:100, :6] += 1
    dense /= np.linalg.norm(dense, axis=1, keepdims=True)
    clusters = clustered(sparse.csr_matrix(dense))
    assert not set(clusters[:100]) & set(clusters[100:])
