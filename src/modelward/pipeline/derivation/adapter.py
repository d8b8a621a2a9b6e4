"""A LoRA adapter beside the base that it names: does every pair of its matrices fit a weight there?

An adapter is a difference: its numbers do not say which base it was trained on, its shapes say which not.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from modelward.core.errors import InputError
from modelward.pipeline.derivation.description import read_json
from modelward.pipeline.derivation.matching import plain_name
from modelward.pipeline.derivation.weights import Entry, Weights

CONFIG = "adapter_config.json"
_PAIR = re.compile(r"^(?P<module>.+)\.lora_(?P<side>A|B|embedding_A|embedding_B)(?:\.default)?(?:\.weight)?$")
#: Sizes that belong to each output: of DoRA.
_MAGNITUDE = re.compile(r"^(?P<module>.+)\.lora_magnitude_vector(?:\.default)?(?:\.weight)?$")
_SAVED = re.compile(r"\.(?:modules_to_save(?:\.default)?|base_layer|original_module)(?=\.)")


def config(path: Path) -> dict[str, Any] | None:
    """The configuration of an adapter, or None if the directory holds none. Raises InputError."""
    return read_json(path / CONFIG) if path.is_dir() else None


def names(weights: Weights) -> bool:
    """Whether a set of weights is an adapter's."""
    return any(_PAIR.match(name) for name in weights.entries)


def fit(weights: Weights, base: Weights) -> tuple[list[str], list[str], dict[str, str]]:
    """(modules that fit, what does not fit, whole tensors of the adapter -> of the base)."""
    known = {plain_name(name): entry for name, entry in base.entries.items()}
    halves: dict[str, dict[str, Entry]] = {}
    saved: dict[str, str] = {}
    wrong: list[str] = []
    for name, entry in weights.entries.items():
        if found := _PAIR.match(name):
            halves.setdefault(plain_name(found["module"]), {})[found["side"]] = entry
        elif _MAGNITUDE.match(name) is None:
            target = known.get(plain_name(_SAVED.sub("", name)))
            if target is None:
                wrong.append(f"{name[:200]} is not in the base")
            else:
                saved[name] = target.name
    fitting = []
    for module, sides in halves.items():
        problem = _misfit(module, sides, known)
        if problem:
            wrong.append(problem)
        else:
            fitting.append(module)
    return fitting, wrong, saved


def _misfit(module: str, sides: dict[str, Entry], known: dict[str, Entry]) -> str | None:
    shown = module[:200]
    embedding = "embedding_A" in sides
    down, up = (sides.get(f"embedding_{side}" if embedding else side) for side in "AB")
    if down is None or up is None or len(sides) != 2:
        return f"{shown} has not one matrix A and one B"
    weight = known.get(f"{module}.weight")
    if weight is None:
        return f"{shown} is not in the base"
    if min(len(down.shape), len(up.shape), len(weight.shape)) < 2 or down.shape[0] != up.shape[1]:
        return f"the matrices of {shown} do not fit each other"
    made = {(up.shape[0], down.shape[1]), (down.shape[1], up.shape[0])}
    if weight.dtype in ("U8", "I32"):  # four bits in a byte: the shape is not that of the layer
        return None
    return (
        None if weight.shape[:2] in made else f"{shown} is {up.shape[0]} x {down.shape[1]}, the base's is not"
    )


def named_base(found: dict[str, Any]) -> str:
    """The base that an adapter's configuration names, for people. Raises InputError."""
    name = found.get("base_model_name_or_path") or ""
    if not isinstance(name, str):
        raise InputError("base_model_name_or_path is no text", where=CONFIG)
    return name[:1024]
