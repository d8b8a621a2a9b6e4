"""Parameters and seeds are read off the command line."""

from __future__ import annotations

import pytest

from modelward.pipeline.plan import parameters


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("train.py --epochs 3 --seed=7", {"epochs": "3", "seed": "7"}),
        ("train.py trainer.lr=1e-4 +model.layers=2", {"trainer.lr": "1e-4", "model.layers": "2"}),
        ("train.py --fp16 --lr -0.1", {"fp16": "true", "lr": "-0.1"}),
        ("train.py -m data.csv out", {"m": "true"}),
        ("train.py --a 1 --a 2", {"a": "2"}),
        ("train.py", {}),
    ],
)
def test_named_arguments(line: str, expected: dict[str, str]) -> None:
    assert parameters(["python", *line.split()]) == expected
