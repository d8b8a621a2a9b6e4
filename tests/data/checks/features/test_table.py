import numpy as np
import pytest

from modelward.data.checks.features.table import frequent, parts, table


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


def test_each_spot_gets_the_number_of_its_feature() -> None:
    level = np.full(9, -1, np.int32)
    keys = np.array([7, 5, 7, 7, 7, 7, 5, 9, 9])
    table("words", keys, np.arange(9, dtype=np.int32), np.arange(9), batch=9, level=level, base=3)
    assert level.tolist() == [3, -1, 3, 3, 3, 3, -1, -1, -1]


def test_equal_keys_are_in_one_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelward.data.checks.features.table._PART", 1000)
    keys = np.random.default_rng(0).integers(0, 3000, 10_000)
    found = [set(keys[part].tolist()) for part in parts(keys.__getitem__, np.arange(len(keys)))]
    assert len(found) > 5
    assert sum(map(len, found)) == len(set(keys.tolist()))


def test_all_frequent_keys_are_kept() -> None:
    keys = np.random.default_rng(0).integers(0, 3000, 10_000)
    often = np.flatnonzero(np.bincount(keys) >= 4)
    assert set(often) <= set(keys[frequent(keys, 4)])
