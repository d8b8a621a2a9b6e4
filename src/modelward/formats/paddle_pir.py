"""PaddlePaddle's newer programs: JSON of regions, blocks and operations (`"magic": "pir"`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modelward.formats.facts import EmbeddedCode, PathEscape
from modelward.formats.paddle import FILES, PATHS, PYTHON
from modelward.formats.paths import escapes

#: Dialects, and their numbers in a file, whose operations a native library brings.
_CUSTOM = ("custom_op", "3")


def is_program(document: Any) -> bool:
    """Whether a JSON document is such a program."""
    base = document.get("base_code") if isinstance(document, dict) else None
    return isinstance(base, dict) and base.get("magic") == "pir" and "program" in document


def facts(document: dict[str, Any]) -> Iterator[object]:
    """What running a program could do."""
    todo: list[Any] = [document["program"]]
    while todo:
        value = todo.pop()
        if isinstance(value, list):
            todo += value
        elif isinstance(value, dict):
            todo += value.values()
            if "I" in value or "O" in value:
                yield from _operation(str(value.get("#", "")), value.get("A"))


def _operation(name: str, attributes: Any) -> Iterator[object]:
    dialect, _, kind = name.rpartition(".")
    where = f"the operation {kind[:80]}"
    if kind in PYTHON:
        yield EmbeddedCode(kind, where, harm="calls a Python function of the process that runs the program")
    elif dialect in _CUSTOM:
        yield EmbeddedCode(kind, "the custom operation", kind[:80])
    if kind in FILES and isinstance(attributes, list):
        for attribute in attributes:
            if isinstance(attribute, dict) and attribute.get("N") in PATHS:
                given = attribute.get("AT")
                path = given.get("D") if isinstance(given, dict) else None
                if isinstance(path, str) and escapes(path):
                    yield PathEscape(where, path, f"the program {FILES[kind]}")
