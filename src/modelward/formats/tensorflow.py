"""TensorFlow's graphs: SavedModel, MetaGraph, GraphDef (`tensorflow/core/framework`, release 2.21).

Every node of the graph and of every function in its library is looked at, whether or not a signature
reaches it. Fields of another wire type than the schema's are passed over, as protobuf's parsers do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice

from modelward.core.errors import InputError
from modelward.formats.facts import Malformed, Overflow, PathEscape
from modelward.formats.graph_facts import Nested
from modelward.formats.metadata_code import MAX_CHARACTERS, code_in
from modelward.formats.paths import escapes
from modelward.formats.protobuf import BYTES, VARINT, Field, Message
from modelward.formats.tensorflow_effects import ATTRIBUTES
from modelward.formats.tensorflow_graph import Graphs, Node, Scope, calls_functions
from modelward.formats.tensorflow_shape import MAX_RANK, WIDTHS, dimensions

_STRING = 7
#: Parts of a graph that are looked at to tell whether it is one.
_PROBED = 200
#: What is kept of the text constants of one node.
_MAX_TEXTS = 64
_MAX_TEXT_BYTES = 4096


def is_saved_model(roots: dict[int, list[Field]], root: Message) -> bool:
    """Whether a file holds meta graphs, each with a graph."""
    return any(_has_graph(root, entry) for entry in roots.get(2, []))


def is_meta_graph(roots: dict[int, list[Field]], root: Message) -> bool:
    """Whether a file is one meta graph."""
    return 2 in roots and any(_is_graph(root, entry) for entry in roots[2])


def is_graph(roots: dict[int, list[Field]], root: Message) -> bool:
    """Whether a file is a graph: nodes, or a library of functions."""
    if roots.keys() - {1, 2, 3, 4, 5} and not roots.keys() & {3, 4}:
        return False
    return any(_is_node(root, entry) for entry in roots.get(1, [])) or any(
        _is_library(root, entry) for entry in roots.get(2, [])
    )


def _has_graph(root: Message, entry: Field) -> bool:
    if entry.wire != BYTES:
        return False
    meta = root.child(entry)
    return any(part.number == 2 and _is_graph(meta, part) for part in meta.fields())


def _is_graph(parent: Message, entry: Field) -> bool:
    """Whether a field is a GraphDef with a node or a function among its first parts."""
    if entry.wire != BYTES or not entry.value:
        return False
    graph = parent.child(entry)
    return any(
        (part.number == 1 and _is_node(graph, part)) or (part.number == 2 and _is_library(graph, part))
        for part in islice(graph.fields(), _PROBED)
    )


def _is_node(parent: Message, entry: Field) -> bool:
    """Whether a field is a NodeDef: a name and an operation, both of plain characters."""
    if entry.wire != BYTES:
        return False
    node = parent.child(entry)
    named = 0
    for part in node.fields():
        if part.wire != BYTES or part.number > 7:
            return False
        if part.number in (1, 2):
            named |= part.number
            text = node.raw(part)
            if not text or not text.isascii() or not text.decode().isprintable():
                return False
    return named & 2 != 0


def _is_library(parent: Message, entry: Field) -> bool:
    """Whether a field is a FunctionDefLibrary: functions that have a signature."""
    if entry.wire != BYTES or not entry.value:
        return False
    library = parent.child(entry)
    first = next(library.fields(), None)
    if first is None or first.number != 1 or first.wire != BYTES:
        return False
    function = library.child(first)
    return any(part.number == 1 and part.wire == BYTES for part in function.fields()) and any(
        part.number in (3, 4) and part.wire == BYTES for part in function.fields()
    )


def saved_model(root: Message, name: str, siblings: frozenset[str]) -> Iterator[object]:
    """What a SavedModel could do. Raises InputError, LimitExceeded."""
    for entry in root.fields():
        if entry.number == 2 and entry.wire == BYTES:
            yield from meta_graph(root.child(entry), name, siblings)


def meta_graph(root: Message, name: str, siblings: frozenset[str]) -> Iterator[object]:
    """What one meta graph could do."""
    assets: set[str] = set()
    graphs = []
    for entry in root.fields():
        if entry.wire != BYTES:
            continue
        if entry.number == 2:
            graphs.append(root.child(entry))
        elif entry.number == 6:
            yield from _asset(root.child(entry), assets)
        elif entry.number == 7:
            yield from _objects(root.child(entry))
    for part in graphs:
        yield from graph(part, name, siblings, frozenset(assets))


def _asset(asset: Message, names: set[str]) -> Iterator[object]:
    """The file of an asset, and the tensor that is its path once the model is loaded."""
    for entry in asset.fields():
        if entry.wire != BYTES:
            continue
        if entry.number == 2:
            path = asset.text(entry)
            if escapes(path):
                yield PathEscape("an asset", path, "the graph reads it", entry.start)
        elif entry.number == 1:
            tensor = asset.child(entry)
            names.update(
                tensor.text(part).partition(":")[0] for part in tensor.fields() if part[:2] == (1, BYTES)
            )


def _objects(objects: Message) -> Iterator[Nested]:
    """The Keras configurations in an object graph (SavedUserObject.metadata)."""
    for entry in objects.fields():
        if entry[:2] != (1, BYTES):
            continue
        saved = objects.child(entry)
        for part in saved.fields():
            if part[:2] != (4, BYTES):
                continue
            user = saved.child(part)
            for text in user.fields():
                if text[:2] == (3, BYTES) and text.value and user.raw(text)[:1] == b"{":
                    yield Nested(f"object at byte {text.start}.json", text.start, text.value)


def graph(
    root: Message, name: str, siblings: frozenset[str], assets: frozenset[str] = frozenset()
) -> Iterator[object]:
    """What a GraphDef could do."""
    graphs = Graphs(assets)
    try:
        yield from _parts(root, graphs)
    except InputError:  # what came before the damage counts
        yield from graphs.facts()
        raise
    yield from graphs.facts()


def _parts(root: Message, graphs: Graphs) -> Iterator[object]:
    main = graphs.scope("")
    for entry in root.fields():
        if entry.wire != BYTES:
            continue
        if entry.number == 1:
            yield from _node(root.child(entry), main)
        elif entry.number == 2:
            library = root.child(entry)
            for part in library.fields():
                if part[:2] == (1, BYTES):
                    yield from _function(library.child(part), graphs)


def _function(function: Message, graphs: Graphs) -> Iterator[object]:
    scope = Scope()
    for entry in function.fields():
        if entry.wire != BYTES:
            continue
        if entry.number == 1:
            signature = function.child(entry)
            for part in signature.fields():
                if part[:2] == (1, BYTES):
                    scope.name = signature.text(part)
                elif part[:2] == (2, BYTES):
                    argument = signature.child(part)
                    names = [argument.text(field) for field in argument.fields() if field[:2] == (1, BYTES)]
                    scope.arguments.append(names[-1] if names else "")
        elif entry.number == 3:
            yield from _node(function.child(entry), scope)
    graphs.add(scope)


def _node(message: Message, scope: Scope) -> Iterator[object]:
    node, attributes = read_node(message)
    scope.add(node)
    yield from attribute_facts(message, node, attributes)


def read_node(message: Message) -> tuple[Node, list[Field]]:
    """A NodeDef without its attributes, and where these are. Raises InputError, LimitExceeded."""
    node = Node(message.start)
    attributes = []
    for entry in message.fields():
        if entry.wire != BYTES:
            continue
        if entry.number == 3:
            node.inputs.append(message.text(entry))
        elif entry.number == 5:
            attributes.append(entry)
        elif entry.number == 1:
            node.name = message.text(entry)
        elif entry.number == 2:
            node.operation = message.text(entry)
    return node, attributes


def attribute_facts(message: Message, node: Node, attributes: list[Field]) -> Iterator[object]:
    """What is wrong with attributes of a node, which is given the texts and functions that matter in them."""
    operation = node.operation
    if operation in ("Const", "HostConst"):
        wanted: tuple[str, ...] = ("value",)
    elif calls_functions(operation):
        wanted = ()
    elif operation in ATTRIBUTES:
        wanted = ATTRIBUTES[operation][0]
    else:
        return
    for entry in attributes:
        yield from _attribute(message.child(entry), node, wanted)


def _attribute(pair: Message, node: Node, wanted: tuple[str, ...]) -> Iterator[object]:
    """An entry of the map of attributes, whose key may stand behind its value."""
    entries = [entry for entry in pair.fields() if entry.wire == BYTES]
    keys = [pair.text(entry) for entry in entries if entry.number == 1]
    key = keys[-1] if keys else ""
    for value in (pair.child(entry) for entry in entries if entry.number == 2):
        if not wanted:
            _calls(value, node)
        elif key in wanted:
            yield from _value(value, node)
        elif wanted == ("value",):
            yield from _program(value, node, key)


def _program(value: Message, node: Node, key: str) -> Iterator[object]:
    """A text that a constant has no use for."""
    for entry in value.fields():
        if entry[:2] != (2, BYTES) or entry.value > MAX_CHARACTERS:
            continue
        if found := code_in(f"{key[:80]!r} of the node {node.name!r}", value.text(entry)):
            yield found


def _calls(value: Message, node: Node) -> None:
    """The functions that an attribute's value names, alone or in a list."""
    for entry in value.fields():
        if entry.wire != BYTES:
            continue
        if entry.number == 10:
            function = value.child(entry)
            node.calls += [function.text(part) for part in function.fields() if part[:2] == (1, BYTES)]
        elif entry.number == 1:
            for part in (items := value.child(entry)).fields():
                if part[:2] == (9, BYTES):
                    function = items.child(part)
                    node.calls += [
                        function.text(text) for text in function.fields() if text[:2] == (1, BYTES)
                    ]


def _value(value: Message, node: Node) -> Iterator[object]:
    """The texts of an attribute's value, and a tensor's sizes."""
    for entry in value.fields():
        if entry.wire != BYTES:
            continue
        if entry.number == 1:
            for part in (items := value.child(entry)).fields():
                if part[:2] == (2, BYTES):
                    _keep(items, part, node)
        elif entry.number == 2:
            _keep(value, entry, node)
        elif entry.number == 8:
            yield from _tensor(value.child(entry), node)


def _keep(parent: Message, entry: Field, node: Node) -> None:
    if len(node.texts) < _MAX_TEXTS and entry.value <= _MAX_TEXT_BYTES:
        node.texts.append(parent.text(entry))


def _tensor(tensor: Message, node: Node) -> Iterator[object]:
    kind, content, dims = 0, None, None
    for entry in tensor.fields():
        if entry[:2] == (1, VARINT):
            kind = entry.value
        elif entry[:2] == (2, BYTES):
            dims = dimensions(tensor.child(entry))
        elif entry[:2] == (4, BYTES):
            content = entry.value
        elif entry[:2] == (8, BYTES) and kind in (_STRING, 0):
            _keep(tensor, entry, node)
    if dims is None:
        return
    where = f"the constant {node.name!r}"
    if len(dims) > MAX_RANK:
        yield Overflow("TensorFlow", f"{where} has over {MAX_RANK} dimensions", tensor.start)
        return
    count, width = math.prod(dims), WIDTHS.get(kind)
    if any(dim < 0 for dim in dims):
        yield Overflow("TensorFlow", f"{where} has a dimension below zero", tensor.start)
    elif count * (width or 1) >= 1 << 63:
        yield Overflow("TensorFlow", f"the dimensions of {where} overflow", tensor.start)
    elif content and width and count * width > content:
        message = f"{where} needs {count * width} bytes and has {content}"
        yield Malformed("TensorFlow", message, tensor.start)
