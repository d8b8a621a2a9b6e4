"""Clean prompts: distinct, without triggers, always the same ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelward.core.errors import InputError
from modelward.probe.prompts import FEWEST, LENGTH, builtin, chosen, clean, digest, read


def test_there_are_questions_for_models_that_write() -> None:
    assert len(builtin()) == len(set(builtin())) >= 5 * FEWEST


def test_prompts_with_a_trigger_are_left_out() -> None:
    assert clean(["a CF b", "a b", "a b ", "", "x" * 5000], ["cf"]) == ["a b", "x" * LENGTH]


def test_the_same_ones_are_chosen_wherever_they_lie() -> None:
    texts = [f"text {number}" for number in range(50)]
    assert chosen(texts, 10) == chosen(texts[::-1], 10)
    assert digest(chosen(texts, 10)) != digest(chosen(texts, 11))


def test_a_dataset_gives_its_inputs(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("text,label\nthe first one,a\nthe second one,b\n", encoding="utf-8")
    assert read(tmp_path / "d.csv") == ["the first one", "the second one"]


def test_text_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "d.txt").write_bytes(b"\xff")
    with pytest.raises(InputError, match="not UTF-8"):
        read(tmp_path / "d.txt")
    with pytest.raises(InputError, match="cannot read"):
        read(tmp_path / "none.txt")
