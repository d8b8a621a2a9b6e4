"""A LoRA adapter is merged into the base as peft would."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from tests.torch_files import needs_torch

from modelward.core.errors import InputError
from modelward.probe.models.adapter import is_adapter
from modelward.probe.models.model import Settings
from modelward.probe.models.transformer import Transformer

pytestmark = needs_torch
MODULE = "bert.encoder.layer.0.attention.self.query"


def adapter(place: Path, tensors: dict[str, np.ndarray], **config: object) -> Path:
    place.mkdir()
    told = {"peft_type": "LORA", "r": 2, "lora_alpha": 4} | config
    (place / "adapter_config.json").write_text(json.dumps(told), encoding="utf-8")
    save_file(
        {f"base_model.model.{name}": value for name, value in tensors.items()},
        place / "adapter_model.safetensors",
    )
    return place


def pair(module: str = MODULE, width: int = 32) -> dict[str, np.ndarray]:
    made = np.random.default_rng(0)
    return {
        f"{module}.lora_A.weight": made.standard_normal((2, width)).astype(np.float32),
        f"{module}.lora_B.weight": made.standard_normal((width, 2)).astype(np.float32),
    }


def test_change_is_added_with_its_scale(trained: Callable[[str], Path], tmp_path: Path) -> None:
    tensors = pair() | {"classifier.weight": np.ones((2, 32), np.float32)}
    place = adapter(tmp_path / "a", tensors)
    base = trained("classifier-base")
    assert is_adapter(place)
    assert not is_adapter(base)
    plain = dict(Transformer(base, Settings()).model.named_parameters())
    merged = dict(Transformer(base, Settings(), adapter=place).model.named_parameters())
    change = (merged[f"{MODULE}.weight"] - plain[f"{MODULE}.weight"]).detach().numpy()
    assert change == pytest.approx(
        2 * tensors[f"{MODULE}.lora_B.weight"] @ tensors[f"{MODULE}.lora_A.weight"], abs=1e-4
    )
    assert merged["classifier.weight"].detach().numpy() == pytest.approx(1)


@pytest.mark.parametrize("tensors", [pair("bert.none"), pair(width=16)])
def test_adapter_of_another_model_is_refused(
    trained: Callable[[str], Path], tmp_path: Path, tensors: dict[str, np.ndarray]
) -> None:
    with pytest.raises(InputError, match=r"has no|another shape"):
        Transformer(trained("classifier-base"), Settings(), adapter=adapter(tmp_path / "a", tensors))
