"""JSON files of a model: plain data, but for the fields by which some loader finds code to run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

#: Libraries that loaders name in a model's configuration.
_LIBRARIES = ("diffusers", "transformers", "sentence_transformers", "optimum")


@dataclass(frozen=True, slots=True)
class CodeReference:
    """A field that makes a loader import or run something: where (`/auto_map/AutoModel`), and its value."""

    pointer: str
    value: str
    effect: str


@dataclass(frozen=True, slots=True)
class Unread:
    """A field that holds a program which nothing here reads."""

    pointer: str
    what: str


def findings(document: Any) -> Iterator[CodeReference | Unread]:
    """Every field of a JSON document that names or holds code, as deep as it lies."""
    todo: list[tuple[str, Any]] = [("", document)]
    while todo:
        pointer, value = todo.pop()
        if isinstance(value, dict):
            yield from _object(pointer, value)
            todo += [(f"{pointer}/{key}", item) for key, item in value.items()]
        elif isinstance(value, list):
            todo += [(f"{pointer}/{index}", item) for index, item in enumerate(value)]


def _object(pointer: str, fields: dict[str, Any]) -> Iterator[CodeReference | Unread]:
    for key, effect in _CODE_KEYS.items():
        if fields.get(key) not in (None, False, "", [], {}):
            yield CodeReference(f"{pointer}/{key}", _short(fields[key]), effect)
    for key in ("chat_template", "template") if "chat_template" in fields else ():
        if fields.get(key):
            yield Unread(f"{pointer}/{key}", "a chat template, which this version does not read")
    if "nbformat" in fields and "cells" in fields:
        yield Unread(pointer, "a notebook, whose cells are code")
    mapping = fields.get("auto_mapping")
    if isinstance(mapping, dict) and not _in_library(mapping.get("parent_library")):
        yield CodeReference(f"{pointer}/auto_mapping", _short(mapping), "peft imports the library it names")
    if "_class_name" in fields and "_diffusers_version" in fields:
        yield from _diffusers(pointer, fields)
    kind = fields.get("type")
    if {"idx", "name", "path"} <= fields.keys() and isinstance(kind, str) and not _in_library(kind):
        yield CodeReference(
            f"{pointer}/type", _short(kind), "sentence-transformers imports the class it names"
        )


def _diffusers(pointer: str, fields: dict[str, Any]) -> Iterator[CodeReference]:
    """model_index.json: `"unet": ["library", "ClassName"]`, and the pipeline's own class."""
    for key, value in fields.items():
        named = value if isinstance(value, list) and len(value) == 2 else None
        if key == "_class_name" and isinstance(value, list):
            yield CodeReference(f"{pointer}/{key}", _short(value), "diffusers runs the Python file it names")
        elif named and isinstance(named[0], str) and not _in_library(named[0]):
            yield CodeReference(f"{pointer}/{key}", _short(value), "diffusers imports the library it names")


def _in_library(name: Any) -> bool:
    return isinstance(name, str) and name.split(".")[0] in _LIBRARIES


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 120 else text[:119] + "…"


_CODE_KEYS = {
    "auto_map": "transformers runs the Python file it names",
    "custom_pipelines": "transformers runs the Python file it names",
    "custom_generate": "transformers runs the Python file it names",
    "trust_remote_code": "it asks the loader to run code that comes with the model",
    "_target_": "Hydra calls what it names",
    "loader_module": "MLflow imports the module it names",
    "py/object": "jsonpickle makes the object it names",
    "py/reduce": "jsonpickle calls what it names",
    "py/function": "jsonpickle reaches the function it names",
    "py/type": "jsonpickle imports the class it names",
}
