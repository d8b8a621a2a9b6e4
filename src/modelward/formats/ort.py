"""onnxruntime's own format (ort.fbs, "ORTM"): an ONNX model as a flatbuffer."""

from __future__ import annotations

import math
from collections.abc import Iterator

from modelward.formats.facts import EmbeddedCode, Overflow
from modelward.formats.flatbuffer import Buffer, Table, Wild
from modelward.formats.graph_facts import CustomOperation, Unread
from modelward.formats.onnx_operations import DOMAINS, OPERATIONS, PYTHON

_MODEL, _GRAPH = 1, 7
_MAX_DEPTH = 32


def facts(buffer: Buffer) -> Iterator[object]:
    """What running a model could do. Raises InputError, LimitExceeded."""
    try:
        model = buffer.root().table(_MODEL)
        graph = None if model is None else model.table(_GRAPH)
        if graph is not None:
            yield from _graph(graph, 0)
    except Wild as wild:
        yield Overflow("ORT", wild.message)


def _graph(graph: Table, depth: int) -> Iterator[object]:
    if depth > _MAX_DEPTH:
        yield Unread(f"its graphs are nested over {_MAX_DEPTH} deep")
        return
    for tensor in graph.tables(0):
        dims = tensor.numbers(2, 8)
        if any(dim < 0 for dim in dims) or math.prod(dims) >= 1 << 60:
            yield Overflow("ORT", "the dimensions of a tensor overflow", tensor.at)
    for node in graph.tables(2):
        domain, operation = node.text(2), node.text(5)
        domain = "" if domain == "ai.onnx" else domain
        if operation in PYTHON:
            harm = "calls a Python function by a name that the model gives"
            yield EmbeddedCode(operation, f"the operation {operation}", harm=harm, offset=node.at)
        elif domain not in DOMAINS if domain else operation not in OPERATIONS:
            yield CustomOperation(domain, operation, node.text(0), node.at)
        for attribute in node.tables(10):
            inner = attribute.table(7)
            if inner is not None:
                yield from _graph(inner, depth + 1)
            for one in attribute.tables(12):
                yield from _graph(one, depth + 1)
