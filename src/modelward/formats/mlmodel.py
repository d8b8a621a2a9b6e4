"""MLmodel, the description of an MLflow model: which module loads it, and where its files lie."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modelward.formats.config import CodeReference, Fact, called
from modelward.formats.facts import PathEscape

_PATHS = (
    "data",
    "code",
    "env",
    "model_path",
    "python_model",
    "artifact_path",
    "pickled_model",
    "model_data",
    "config",
    "path",
)


def is_mlmodel(document: Any) -> bool:
    """Whether a YAML document is one."""
    return isinstance(document, dict) and isinstance(document.get("flavors"), dict)


def findings(document: dict[str, Any]) -> Iterator[Fact | PathEscape]:
    """Loaders of other modules than MLflow's own, code that comes along, paths that leave the model."""
    for name, flavor in document["flavors"].items():
        if not isinstance(flavor, dict):
            continue
        pointer = f"/flavors/{name}"
        module = flavor.get("loader_module")
        if isinstance(module, str) and not module.startswith("mlflow."):
            yield from called(
                f"{pointer}/loader_module", f"{module}._load_pyfunc", "MLflow imports the module it names", {}
            )
        if isinstance(flavor.get("model_code_path"), str):
            yield CodeReference(
                f"{pointer}/model_code_path",
                repr(flavor["model_code_path"][:120]),
                "MLflow runs the Python file it names",
            )
        for key, value in flavor.items():
            if key in _PATHS and isinstance(value, str) and _leaves(value):
                yield PathEscape(f"{pointer}/{key}", value, "MLflow reads what lies there")


def _leaves(path: str) -> bool:
    return (
        path.startswith(("/", "~", "\\")) or ".." in path.replace("\\", "/").split("/") or path[1:3] == ":\\"
    )
