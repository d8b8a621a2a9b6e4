"""Tensors are read one at a time, as safetensors reads them; odd files are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from modelward.core.errors import InputError
from modelward.probe.weights.tensors import Weights


def test_values_are_those_of_safetensors(tmp_path: Path) -> None:
    made = np.random.default_rng(0).standard_normal((3, 4))
    save_file({"a": made.astype(np.float32), "n": np.arange(3)}, tmp_path / "x.safetensors")
    save_file({"b": made.astype(np.float16)}, tmp_path / "y.safetensors")
    with Weights(tmp_path) as weights:
        assert weights.floats() == ["a", "b"]
        assert weights.array("a") == pytest.approx(made, abs=1e-6)
        assert weights.array("b") == pytest.approx(made, abs=1e-2)
        with pytest.raises(InputError, match="of type I64"):
            weights.array("n")


def test_bfloat16_is_read(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="skipped: needs torch")
    from safetensors.torch import save_file as save

    save({"a": torch.tensor([1.5, -2.0, 0.25], dtype=torch.bfloat16)}, tmp_path / "x.safetensors")
    with Weights(tmp_path / "x.safetensors") as weights:
        assert weights.array("a").tolist() == [1.5, -2.0, 0.25]


def test_values_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    save_file({"a": np.array([np.nan], np.float32)}, tmp_path / "x.safetensors")
    with Weights(tmp_path) as weights, pytest.raises(InputError, match="not finite"):
        weights.array("a")


def test_the_same_tensor_twice_is_refused(tmp_path: Path) -> None:
    for name in "xy":
        save_file({"a": np.zeros(1, np.float32)}, tmp_path / f"{name}.safetensors")
    with pytest.raises(InputError, match="two files"):
        Weights(tmp_path)


@pytest.mark.parametrize("data", [b"", b"\xff" * 40, b"\x02\x00\x00\x00\x00\x00\x00\x00[]"])
def test_broken_files_are_our_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.safetensors").write_bytes(data)
    with pytest.raises(InputError):
        Weights(tmp_path)


def test_no_weights_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no weights"):
        Weights(tmp_path)
