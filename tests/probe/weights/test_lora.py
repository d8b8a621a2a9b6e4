"""Adapters are read as peft writes them; others are refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from tests.probe.weights.adapters import LAYERS, adapter

from modelward.core.errors import InputError
from modelward.probe.weights.lora import read


def write(place: Path, tensors: dict[str, np.ndarray], **config: object) -> Path:
    (place / "adapter_config.json").write_text(
        json.dumps({"r": 2, "lora_alpha": 4} | config), encoding="utf-8"
    )
    save_file(
        {f"base_model.model.{name}": value for name, value in tensors.items()},
        place / "adapter_model.safetensors",
    )
    return place


def sides(
    name: str = "m", down: tuple[int, int] = (2, 3), up: tuple[int, int] = (5, 2)
) -> dict[str, np.ndarray]:
    return {
        f"{name}.lora_A.weight": np.ones(down, np.float32),
        f"{name}.lora_B.weight": np.ones(up, np.float32),
    }


def test_pairs_have_their_scale(tmp_path: Path) -> None:
    pairs = read(adapter(tmp_path / "a", 1)).pairs()
    assert sorted(pairs) == sorted(LAYERS)
    assert {scale for _, _, scale in pairs.values()} == {2.0}
    assert read(write(tmp_path, sides(), use_rslora=True)).pairs()["m"][2] == pytest.approx(4 / 2**0.5)
    assert read(write(tmp_path, sides(), alpha_pattern={"m": 1})).pairs()["m"][2] == 0.5


def test_embeddings_and_turned_layers_lie_as_the_weight(tmp_path: Path) -> None:
    tensors = {
        "e.lora_embedding_A": np.ones((2, 7), np.float32),
        "e.lora_embedding_B": np.ones((3, 2), np.float32),
    }
    down, up, _ = read(write(tmp_path, tensors)).pairs()["e"]
    assert (up @ down).shape == (7, 3)
    down, up, _ = read(write(tmp_path, sides(), fan_in_fan_out=True)).pairs()["m"]
    assert (up @ down).shape == (3, 5)


def test_layers_that_are_saved_whole_replace(tmp_path: Path) -> None:
    tensors = {"score.modules_to_save.default.weight": np.ones((2, 3), np.float32)}
    assert list(read(write(tmp_path, tensors)).replaced()) == ["score.weight"]


@pytest.mark.parametrize(
    ("tensors", "config", "said"),
    [
        (sides(), {"peft_type": "IA3"}, "only LoRA"),
        (sides(), {"use_dora": True}, "only LoRA"),
        (sides(up=(5, 3)), {}, "do not fit"),
        ({"m.lora_A.weight": np.ones((2, 3), np.float32)}, {}, "do not fit"),
        (sides(), {"lora_alpha": "4"}, "no number"),
        (sides() | {"m.lora_magnitude_vector": np.ones(3, np.float32)}, {}, "only LoRA"),
    ],
)
def test_what_is_no_lora_is_refused(
    tmp_path: Path, tensors: dict[str, np.ndarray], config: dict[str, object], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        read(write(tmp_path, tensors, **config)).pairs()
