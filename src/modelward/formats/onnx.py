"""ONNX: a graph of operations, whose tensors may lie in files beside the model (onnx.proto, IR version 13).

Fields of another wire type than the schema's are passed over, as protobuf's parsers pass them over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from msgspec import Struct, field

from modelward.core.regex import regex
from modelward.formats.facts import EmbeddedCode, PathEscape
from modelward.formats.graph_facts import CustomOperation, Exhausting, Unread
from modelward.formats.metadata_code import code_in
from modelward.formats.onnx_operations import ANY_ATEN, DOMAINS, OPERATIONS, PYTHON
from modelward.formats.onnx_tensor import Tensor, read_tensor, tensor_facts
from modelward.formats.paths import escapes
from modelward.formats.protobuf import BYTES, VARINT, Field, Message

_GRAPH, _OPSET, _METADATA, _TRAINING, _FUNCTION = 7, 8, 14, 20, 25
_LIBRARY = regex(r'"[\w.]*custom_ops?_library\w*"\s*:\s*"[^"]+"')


def is_model(roots: dict[int, list[Field]], root: Message) -> bool:
    """Whether a file has a graph or functions where a ModelProto has them."""
    graphs = roots.get(_GRAPH, [])
    if not (_OPSET in roots or 1 in roots or _FUNCTION in roots):
        return False
    return any(_shaped(root, graph, {1, 2, 5, 11, 12, 13}) for graph in graphs) or (
        not graphs and any(_shaped(root, function, {1, 7, 10}) for function in roots.get(_FUNCTION, []))
    )


def is_tensor(roots: dict[int, list[Field]], root: Message) -> bool:
    """Whether a file is a tensor, a sequence or an optional value by itself, and nothing besides."""
    kinds = [entry for entry in roots.get(2, []) if entry.wire == VARINT]
    if (
        len(kinds) != 1
        or not 0 < kinds[0].value < 64
        or roots.keys() - {1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14}
    ):
        return False
    return 8 in roots or 9 in roots or 1 in roots


def _shaped(root: Message, entry: Field, known: set[int]) -> bool:
    """Whether bytes are a message with fields of the schema, as far as its first few go."""
    if entry.wire != BYTES:
        return False
    parts = list(islice(root.child(entry).fields(), 8))
    return any(part.number in known and part.wire == BYTES for part in parts)


class _Key(NamedTuple):
    """What a function is called by. No domain is the same as `ai.onnx`."""

    domain: str
    name: str
    overload: str

    @classmethod
    def of(cls, domain: str, name: str, overload: str) -> _Key:
        return cls("" if domain == "ai.onnx" else domain, name, overload)


#: The fields of a FunctionProto that make its key.
_FUNCTION_KEY = (10, 1, 13)


class _Model(Struct):
    """What is gathered while a model is read."""

    siblings: frozenset[str]
    name: str
    functions: dict[_Key, int] = field(default_factory=dict)
    custom: dict[_Key, tuple[str, int]] = field(default_factory=dict)
    calls: defaultdict[_Key, dict[_Key, None]] = field(default_factory=lambda: defaultdict(dict))


def facts(root: Message, name: str, siblings: frozenset[str]) -> Iterator[object]:
    """What loading or running a ModelProto could do. Raises InputError, LimitExceeded."""
    model = _Model(siblings, name)
    for entry in root.fields():
        if entry.number == _FUNCTION and entry.wire == BYTES:
            model.functions[_Key.of(*root.child(entry).texts(*_FUNCTION_KEY))] = entry.start
    for entry in root.fields():
        if entry.wire != BYTES:
            continue
        if entry.number == _GRAPH:
            yield from _graph(root.child(entry), model, None)
        elif entry.number == _METADATA:
            yield from _metadata(root.child(entry))
        elif entry.number == _TRAINING:
            training = root.child(entry)
            for part in training.fields():
                if part.number in (1, 2) and part.wire == BYTES:
                    yield from _graph(training.child(part), model, None)
        elif entry.number == _FUNCTION:
            yield from _function(root.child(entry), model)
    for key, (node, offset) in model.custom.items():
        if key not in model.functions:
            yield CustomOperation(key.domain, key.name, node, offset)
    yield from _recursion(model)


def tensor(root: Message, name: str, siblings: frozenset[str]) -> Iterator[object]:
    """What is wrong with a TensorProto that is a file."""
    yield from tensor_facts(read_tensor(root), name, siblings, root.source.size)


def _metadata(entry: Message) -> Iterator[object]:
    """A property: a program, or settings by which onnxruntime loads native code."""
    key = value = ""
    for part in entry.fields():
        if part.wire == BYTES and part.number in (1, 2) and part.value < 1 << 20:
            key, value = (entry.text(part), value) if part.number == 1 else (key, entry.text(part))
    where = f"metadata {key[:80]!r}"
    if found := _LIBRARY.search(value if key == "ort_config" else f'"{key}": "{value}"'):
        yield EmbeddedCode(
            where, "a session's settings", found[0][:120], "loads a native library", entry.start
        )
    elif code := code_in(where, value):
        yield code


def _function(function: Message, model: _Model) -> Iterator[object]:
    key = _Key.of(*function.texts(*_FUNCTION_KEY))
    for entry in function.fields():
        if entry.wire == BYTES and entry.number == 7:
            yield from _node(function.child(entry), model, key)
        elif entry.wire == BYTES and entry.number == 11:
            yield from _attribute(function.child(entry), model, key)


def _graph(graph: Message, model: _Model, caller: _Key | None) -> Iterator[object]:
    for entry in graph.fields():
        if entry.wire != BYTES:
            continue
        if entry.number == 1:
            yield from _node(graph.child(entry), model, caller)
        elif entry.number == 5:
            yield from _tensor(graph.child(entry), model)
        elif entry.number == 15:
            yield from _sparse(graph.child(entry), model)


def _node(node: Message, model: _Model, caller: _Key | None) -> Iterator[object]:
    operation = domain = label = overload = ""
    strings: dict[str, bytes] = {}
    numbers: dict[str, int] = {}
    for entry in node.fields():
        number = entry.number
        if entry.wire != BYTES or number < 3:
            continue
        if number == 4:
            operation = node.text(entry)
        elif number == 5:
            yield from _attribute(node.child(entry), model, caller, strings, numbers)
        elif number == 7:
            domain = node.text(entry)
        elif number == 8:
            overload = node.text(entry)
        elif number == 3:
            label = node.text(entry)
    key = _Key.of(domain, operation, overload)
    if caller is not None:
        model.calls[caller][key] = None
    if operation in PYTHON:
        yield EmbeddedCode(
            label or operation,
            f"the operation {operation}",
            expression=strings.get("func_name", strings.get("name", b"")).decode("utf-8", "backslashreplace"),
            harm="calls a Python function by a name that the model gives",
            offset=node.start,
        )
    elif operation == "EPContext":
        yield from _context(strings, numbers, label, node.start)
    elif operation in ANY_ATEN or (key.domain not in DOMAINS if key.domain else operation not in OPERATIONS):
        model.custom.setdefault(key, (label, node.start))


def _context(strings: dict[str, bytes], numbers: dict[str, int], label: str, at: int) -> Iterator[object]:
    """A part of the graph that a compiler of some device made, here or (embed_mode 0) in another file."""
    if not numbers.get("embed_mode", 1):
        path = strings.get("ep_cache_context", b"").decode("utf-8", "backslashreplace")
        if escapes(path):
            yield PathEscape(f"node {label!r}", path, "the compiled graph is read from it", at)
    yield Unread("a part of its graph is compiled for one device (EPContext), which cannot be examined")


def _attribute(
    attribute: Message,
    model: _Model,
    caller: _Key | None,
    strings: dict[str, bytes] | None = None,
    numbers: dict[str, int] | None = None,
) -> Iterator[object]:
    name = attribute.texts(1, 21)[0]  # which may stand behind the value; 21 is the name it refers to
    for entry in attribute.fields():
        number, wire = entry.number, entry.wire
        if wire == VARINT:
            if number == 3 and numbers is not None:
                numbers[name] = entry.value
        elif wire != BYTES:
            continue
        elif number == 4:
            if strings is not None and entry.value < 1 << 16:
                strings[name] = attribute.raw(entry)
        elif number in (5, 10):
            yield from _tensor(attribute.child(entry), model)
        elif number in (6, 11):
            yield from _graph(attribute.child(entry), model, caller)
        elif number in (22, 23):
            yield from _sparse(attribute.child(entry), model)


def _sparse(sparse: Message, model: _Model) -> Iterator[object]:
    for entry in sparse.fields():
        if entry.number in (1, 2) and entry.wire == BYTES:
            yield from _tensor(sparse.child(entry), model)


def _tensor(message: Message, model: _Model) -> Iterator[object]:
    found: Tensor = read_tensor(message)
    yield from tensor_facts(found, model.name, model.siblings, message.source.size)


def _recursion(model: _Model) -> Iterator[Exhausting]:
    """The first function from which a walk along the calls comes back to one on its way."""
    done: set[_Key] = set()
    for start in model.functions:
        way: dict[_Key, None] = {}
        todo = [(start, False)]
        while todo:
            key, left = todo.pop()
            if left:
                del way[key]
                done.add(key)
            elif key in way:
                circle = [*islice(way, list(way).index(key), None), key]
                names = " -> ".join(function.name[:40] for function in circle[:8])
                yield Exhausting("ONNX", f"a function calls itself: {names}", model.functions[key])
                return
            elif key not in done:
                way[key] = None
                todo.append((key, True))
                todo += [(called, False) for called in model.calls[key] if called in model.functions]
