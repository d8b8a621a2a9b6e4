"""An adapter with a backdoor's spectrum is told from benign ones; benign ones are alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tests.probe.weights.adapters import adapter

from modelward.core.errors import InputError
from modelward.probe.weights.check import check


@pytest.fixture
def references(tmp_path: Path) -> list[Path]:
    return [adapter(tmp_path / f"benign{number}", number) for number in range(20)]


def test_spiked_adapter_is_unlike_the_benign_ones(references: list[Path], tmp_path: Path) -> None:
    report = check(adapter(tmp_path / "bad", 99, spiked=True), None, references)
    assert report.alarm
    assert report.p == pytest.approx(1 / 21)
    assert {layer.name.rsplit(".", 1)[1] for layer in report.layers} == {"v_proj"}


def test_benign_adapter_is_like_the_others(references: list[Path], tmp_path: Path) -> None:
    report = check(adapter(tmp_path / "fine", 98), None, references)
    assert not report.alarm
    assert report.layers == []


def test_few_references_tell_nothing(references: list[Path], tmp_path: Path) -> None:
    report = check(adapter(tmp_path / "bad", 99, spiked=True), None, references[:3])
    assert report.p is None
    assert not report.alarm
    assert report.could_not_tell == ["weights: 5 references are needed, 3 given"]


def test_whole_models_are_compared_with_their_base(trained: Callable[[str], Path], tmp_path: Path) -> None:
    base = trained("classifier-base")
    report = check(trained("classifier-twin"), base)
    assert report.compared > 5
    assert report.rows == []
    tensors = load_file(base / "model.safetensors")
    rows = tensors["bert.embeddings.word_embeddings.weight"]
    rows += np.random.default_rng(0).standard_normal(rows.shape).astype(np.float32) * 1e-3
    rows[20] += 0.5
    changed = tmp_path / "changed"
    changed.mkdir()
    save_file(tensors, changed / "model.safetensors")
    (found,) = check(changed, base).rows
    assert found.id == 20
    assert found.token


def test_a_model_without_a_base_tells_nothing(trained: Callable[[str], Path]) -> None:
    with pytest.raises(InputError, match="beside the base"):
        check(trained("classifier-twin"), None)


def test_equal_models_have_no_change(trained: Callable[[str], Path]) -> None:
    base = trained("classifier-base")
    assert check(base, base).could_not_tell == ["weights: no layer differs from the base model"]
