"""LoRA adapters as peft writes them: pairs of thin matrices, and layers that replace the base model's."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import isfinite, sqrt
from pathlib import Path
from typing import Any

from modelward.core.errors import InputError
from modelward.probe.models import local
from modelward.probe.weights.tensors import Weights

_PREFIX = re.compile(r"^(?:base_model\.model\.)")
_PAIR = re.compile(
    r"^(?P<module>.+)\.lora_(?P<embedding>embedding_)?(?P<side>[AB])(?:\.default)?(?:\.weight)?$"
)
_SAVED = re.compile(r"\.modules_to_save(?:\.default)?")
_OTHER = (
    "lora_magnitude_vector",
    "lora_E",
    "ia3_l",
    "hada_w",
    "lokr_w",
    "oft_",
    "vera_",
    "prompt_embeddings",
)


@dataclass
class Lora:
    """An adapter. `sides` are module -> (A, B, whether it is an embedding's)."""

    config: dict[str, Any]
    sides: dict[str, tuple[Any, Any, bool]] = field(default_factory=dict)
    saved: dict[str, Any] = field(default_factory=dict)

    def pairs(self) -> dict[str, tuple[Any, Any, float]]:
        """Module -> (down, up, scale): `scale * up @ down` is added to its weight, as it lies."""
        found = {}
        turned = bool(self.config.get("fan_in_fan_out"))
        for module, (down, up, embedding) in self.sides.items():
            scale = self._scale(module, down.shape[0])
            found[module] = (up.T, down.T, scale) if embedding or turned else (down, up, scale)
        return found

    def replaced(self) -> dict[str, Any]:
        """Parameters that take the place of the base model's."""
        return self.saved

    def _scale(self, module: str, rank: int) -> float:
        alpha = self.config.get("lora_alpha", rank)
        for pattern, value in (self.config.get("alpha_pattern") or {}).items():
            if module == pattern or module.endswith(f".{pattern}"):
                alpha = value
        if isinstance(alpha, bool) or not isinstance(alpha, int | float) or not isfinite(alpha):
            raise InputError("lora_alpha is no number", where=local.ADAPTER)
        return float(alpha) / (sqrt(rank) if self.config.get("use_rslora") else rank)


def read(path: Path) -> Lora:
    """The adapter in a directory. Raises InputError, for other adapters than LoRA too."""
    config = local.config(path, local.ADAPTER)
    if str(config.get("peft_type", "LORA")).upper() != "LORA" or config.get("use_dora"):
        raise _other(path)
    adapter = Lora(config)
    halves: dict[str, dict[str, Any]] = {}
    embeddings: set[str] = set()
    with Weights(path / "adapter_model.safetensors") as weights:
        for name in weights.places:
            bare = _PREFIX.sub("", name)
            if any(part in bare for part in _OTHER):
                raise _other(path)
            found = _PAIR.match(bare)
            if found is None:
                adapter.saved[_SAVED.sub("", bare)] = weights.array(name)
                continue
            halves.setdefault(found["module"], {})[found["side"]] = weights.array(name)
            if found["embedding"]:
                embeddings.add(found["module"])
    for module, sides in halves.items():
        down, up = sides.get("A"), sides.get("B")
        if down is None or up is None or down.ndim != 2 or up.ndim != 2 or up.shape[1] != down.shape[0]:
            raise InputError(f"the matrices of {module[:200]!r} do not fit", where=str(path))
        adapter.sides[module] = down, up, module in embeddings
    if not adapter.sides and not adapter.saved:
        raise InputError("it changes nothing", where=str(path))
    return adapter


def _other(path: Path) -> InputError:
    return InputError(
        "only LoRA adapters are read", where=str(path), help="merge it into its base model, and probe that"
    )
