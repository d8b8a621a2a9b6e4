"""The model that a path or an address names."""

from __future__ import annotations

from pathlib import Path

from modelward.core.errors import InputError, UsageError
from modelward.probe.models import local
from modelward.probe.models.adapter import is_adapter
from modelward.probe.models.chat import ChatEndpoint, is_endpoint
from modelward.probe.models.model import Model, Settings


def open_model(place: str, settings: Settings, base: str | None = None, model_name: str = "") -> Model:
    """Open a model; an adapter with its `base`. Raises InputError, Rejected, UsageError, MissingExtra."""
    if is_endpoint(place):
        return ChatEndpoint(place, settings, model_name)
    path = Path(place)
    if not path.exists():
        raise InputError("there is no such file or directory", where=place, help="check the path")
    model = _opened(path, settings, base)
    model.digest = digest_of(place)
    return model


def digest_of(place: str) -> str:
    """The digest of the model's bytes; empty for an endpoint. Raises InputError."""
    from modelward.artifact import hashing

    return "" if is_endpoint(place) else str(hashing.digest_of(place))


def _opened(path: Path, settings: Settings, base: str | None) -> Model:
    if path.is_file():
        if path.suffix != ".onnx":
            raise UsageError("of files only .onnx can be asked", where=str(path), help="give the directory")
        from modelward.probe.models.onnx import OnnxClassifier

        return OnnxClassifier(path, settings)
    if is_adapter(path):
        if base is None or is_endpoint(base):
            raise UsageError(
                "this is an adapter", where=str(path), help="give the model it is for: --base DIR"
            )
        from modelward.probe.models.transformer import Transformer

        return Transformer(Path(base), settings, path.resolve().name, adapter=path)
    names = [file.name for file in local.files(path)]
    if any(name.endswith(".onnx") for name in names) and not any(
        name.endswith(".safetensors") for name in names
    ):
        from modelward.probe.models.onnx import OnnxClassifier

        return OnnxClassifier(path, settings)
    from modelward.probe.models.transformer import Transformer

    return Transformer(path, settings)
