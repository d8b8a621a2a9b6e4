import numpy as np

from modelward.data.checks.features.table import frequent, table


def test_rows_count_once_a_feature_and_rare_features_are_left_out() -> None:
    keys = np.array([5, 5, 5, 5, 5, 9, 9])
    rows = np.array([0, 0, 1, 2, 3, 0, 1], np.int32)
    found, made = table("words", keys, rows, np.arange(7), batch=10)
    assert found.tolist() == [5]
    assert made.rows.tolist() == [0, 1, 2, 3]
    assert made.spots.tolist() == [0, 2, 3, 4]
    assert made.sums(np.ones(4)).tolist() == [4]


def test_only_rows_of_the_batch_make_a_feature_frequent() -> None:
    found, _ = table("words", np.zeros(6, np.int64), np.arange(6, dtype=np.int32), np.arange(6), batch=3)
    assert found.tolist() == []


def test_all_frequent_keys_are_kept() -> None:
    keys = np.random.default_rng(0).integers(0, 3000, 10_000)
    often = np.flatnonzero(np.bincount(keys) >= 4)
    assert set(often) <= set(keys[frequent(keys, 4)])
