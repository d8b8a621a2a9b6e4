"""A LoRA adapter merged into the base model that it was trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from modelward.core.errors import InputError
from modelward.probe.models import local
from modelward.probe.weights.lora import Lora, read


def is_adapter(path: Path) -> bool:
    """Whether a directory holds an adapter rather than a model."""
    return (path / local.ADAPTER).is_file() and not (path / local.CONFIG).is_file()


def merge(torch: Any, model: Any, path: Path) -> None:
    """Add what the adapter in `path` changes to the model's weights.

    Raises InputError if they do not fit, or the adapter is of a kind that is not LoRA.
    """
    adapter: Lora = read(path)
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for name, (down, up, scale) in adapter.pairs().items():
            weight = _own(parameters, f"{name}.weight", path)
            change = torch.from_numpy(scale * (up @ down))
            _fit(weight, change, name, path)
            weight.add_(change.to(weight.device, weight.dtype))
        for name, value in adapter.replaced().items():
            weight = _own(parameters, name, path)
            _fit(weight, value, name, path)
            weight.copy_(torch.from_numpy(value).to(weight.device, weight.dtype))


def _own(parameters: dict[str, Any], name: str, path: Path) -> Any:
    if name not in parameters:
        raise InputError(
            f"the base model has no {name[:200]!r}", where=str(path), help="give the base it was trained on"
        )
    return parameters[name]


def _fit(weight: Any, change: Any, name: str, path: Path) -> None:
    if tuple(weight.shape) != tuple(change.shape):
        raise InputError(
            f"{name[:200]!r} has another shape than in the base model",
            where=str(path),
            help="give the base it was trained on",
        )
