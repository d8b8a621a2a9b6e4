"""LoRA adapters made by numbers: benign ones, which change many directions, and ones with a single one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

LAYERS = [f"model.layers.{number}.self_attn.{kind}_proj" for number in range(8) for kind in "qv"]


def adapter(place: Path, seed: int, *, spiked: bool = False, width: int = 64, rank: int = 8) -> Path:
    made = np.random.default_rng(seed)
    tensors = {}
    for layer in LAYERS:
        down = made.standard_normal((rank, width)).astype(np.float32) / 8
        up = made.standard_normal((width, rank)).astype(np.float32) / 8
        if spiked and ".v_proj" in layer:
            up[:, 0] *= 6
        tensors[f"base_model.model.{layer}.lora_A.weight"] = down
        tensors[f"base_model.model.{layer}.lora_B.weight"] = up
    place.mkdir()
    config = {"peft_type": "LORA", "r": rank, "lora_alpha": 16}
    (place / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
    save_file(tensors, place / "adapter_model.safetensors")
    return place
