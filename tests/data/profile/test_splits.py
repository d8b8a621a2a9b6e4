"""Splits by the names of files and folders."""

from __future__ import annotations

import pytest

from modelward.data.profile.splits import split_of


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train-00000-of-00001.parquet", "train"),
        ("data/test/0001.csv", "test"),
        ("train/valid.jsonl", "validation"),
        ("my_dev_set.tsv", "validation"),
        ("Test.CSV", "test"),
        ("held/heldout.csv", "test"),
        ("latest.csv", ""),
        ("trainer.csv", ""),
        ("rows.csv", ""),
    ],
)
def test_names_tell_the_split(name: str, split: str) -> None:
    assert split_of(name) == split
