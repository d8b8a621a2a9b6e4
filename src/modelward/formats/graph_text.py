"""Graphs written as text: protobuf's text format (TensorFlow's `.pbtxt`, ONNX), and ONNX in JSON.

Loaders take these for the same graphs as the binary ones. They are not parsed by a schema: what is looked
for are the fields by which a graph reaches beyond itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modelward.core.regex import regex
from modelward.formats.facts import EmbeddedCode, PathEscape
from modelward.formats.graph_facts import FileAccess, UnsafeOperation
from modelward.formats.onnx_operations import PYTHON
from modelward.formats.onnx_tensor import location_facts
from modelward.formats.paths import escapes
from modelward.formats.tensorflow_effects import EFFECTS, Kind

_GAP = r"(?:\s|#[^\n]*\n)*"
_QUOTED = r"(?:\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
_TEXTS = rf"(?P<text>{_QUOTED}(?:{_GAP}{_QUOTED})*)"
_GRAPH = regex(rf"\b(?:node|node_def|initializer|graph_def){_GAP}:?{_GAP}[{{<]")
_OPERATION = regex(rf"\bop(?:_type)?{_GAP}:{_GAP}{_TEXTS}")
_CONSTANT = regex(rf"\bstring_val{_GAP}:{_GAP}{_TEXTS}")
_LOCATION = regex(rf"\bkey{_GAP}:{_GAP}[\"']location[\"']{_GAP},?{_GAP}value{_GAP}:{_GAP}{_TEXTS}")
_PIECE = regex(_QUOTED)
#: What does harm whatever it is given.
_ALWAYS = (Kind.PYTHON, Kind.COMMAND, Kind.END, Kind.WRITE)


def looks_like(text: str) -> bool:
    """Whether a text is a graph in protobuf's text format."""
    return _GRAPH.search(text) is not None and _OPERATION.search(text) is not None


def findings(text: str, name: str, siblings: frozenset[str]) -> Iterator[object]:
    """What a graph in the text format of the file `name` could do."""
    constants = [_plain(found["text"]) for found in _CONSTANT.finditer(text)]
    away = next((path for path in constants if path and escapes(path)), "")
    for found in _OPERATION.finditer(text):
        operation, at = _plain(found["text"]), found.start()
        known = EFFECTS.get(operation)
        if operation in PYTHON:
            harm = "calls a Python function by a name that the model gives"
            yield EmbeddedCode(operation, f"the operation {operation}", operation, harm, at)
        elif known is not None and (known[0] in _ALWAYS or known[1] is None):
            yield UnsafeOperation(operation, known[0].value, "", away, at)
        elif known is not None and away:
            yield PathEscape(f"a node ({operation})", away, known[0].value, at)
        elif known is not None and known[0] in (Kind.READ, Kind.NETWORK):
            yield FileAccess(operation, known[0].value, "", "", at)
    for found in _LOCATION.finditer(text):
        yield from location_facts("a tensor", _plain(found["text"]), name, siblings, found.start())


def document_findings(document: Any, name: str, siblings: frozenset[str]) -> Iterator[object]:
    """Where the tensors of an ONNX model in JSON say that their data lie."""
    todo = [document]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            external = value.get("externalData")
            for entry in external if isinstance(external, list) else ():
                if isinstance(entry, dict) and entry.get("key") == "location":
                    yield from location_facts("a tensor", str(entry.get("value", "")), name, siblings, 0)
            todo += value.values()
        elif isinstance(value, list):
            todo += value


def _plain(texts: str) -> str:
    """The text that quoted pieces give together, without their escapes."""
    joined = "".join(found.group()[1:-1] for found in _PIECE.finditer(texts))
    if "\\" not in joined:
        return joined
    return joined.encode("utf-8", "replace").decode("unicode_escape", "replace")
