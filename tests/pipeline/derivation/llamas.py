"""Tiny Llama models in numpy: random, changed as training, merging, pruning and quantising do."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from modelward.pipeline.derivation.compare import Derivation, Settings, compare

Tensors = dict[str, Any]

WIDTH, INNER, LAYERS, WORDS = 64, 128, 3, 300
CONFIG = {"model_type": "llama", "hidden_size": WIDTH, "num_hidden_layers": LAYERS, "vocab_size": WORDS}
SETTINGS = Settings(seed="test")


def llama(seed: int, layers: int = LAYERS) -> Tensors:
    """A random initialisation, named as transformers names it."""
    draw = np.random.default_rng(seed)

    def matrix(rows: int, columns: int) -> Any:
        return (draw.standard_normal((rows, columns)) * 0.02).astype(np.float32)

    made = {
        "model.embed_tokens.weight": matrix(WORDS, WIDTH),
        "model.norm.weight": np.ones(WIDTH, np.float32),
        "lm_head.weight": matrix(WORDS, WIDTH),
    }
    for layer in range(layers):
        at = f"model.layers.{layer}."
        made |= {
            f"{at}self_attn.q_proj.weight": matrix(WIDTH, WIDTH),
            f"{at}self_attn.k_proj.weight": matrix(WIDTH // 2, WIDTH),
            f"{at}self_attn.v_proj.weight": matrix(WIDTH // 2, WIDTH),
            f"{at}self_attn.o_proj.weight": matrix(WIDTH, WIDTH),
            f"{at}mlp.gate_proj.weight": matrix(INNER, WIDTH),
            f"{at}mlp.up_proj.weight": matrix(INNER, WIDTH),
            f"{at}mlp.down_proj.weight": matrix(WIDTH, INNER),
            f"{at}input_layernorm.weight": np.ones(WIDTH, np.float32),
            f"{at}post_attention_layernorm.weight": np.ones(WIDTH, np.float32),
        }
    return made


def changed(tensors: Tensors, change: Callable[[str, Any], Any]) -> Tensors:
    """The same model with each matrix changed."""
    return {name: change(name, one) if one.ndim == 2 else one for name, one in tensors.items()}


def save(path: Path, tensors: Tensors, config: Mapping[str, Any] = CONFIG) -> Path:
    """A model's directory."""
    path.mkdir(parents=True)
    save_file({name: np.ascontiguousarray(one) for name, one in tensors.items()}, path / "model.safetensors")
    (path / "config.json").write_text(json.dumps(config))
    return path


def against(tmp_path: Path, tensors: Tensors, base: Tensors) -> Derivation:
    """One model compared with another."""
    return compare(save(tmp_path / "model", tensors), save(tmp_path / "base", base), SETTINGS)
