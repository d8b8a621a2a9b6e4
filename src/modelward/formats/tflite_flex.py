"""Operations of TensorFlow in a model of TensorFlow Lite ("Flex"), judged as in TensorFlow's own graphs.

What such an operator runs is said by the NodeDef in its options (tensorflow/lite/delegates/flex/kernel.cc),
whatever it is called. Who runs the model is not taken to choose the paths: no model needs files so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from modelward.core.errors import InputError
from modelward.formats import flexbuffer
from modelward.formats.facts import Malformed
from modelward.formats.flatbuffer import Buffer, Table
from modelward.formats.protobuf import Message
from modelward.formats.source import BytesSource
from modelward.formats.tensorflow import attribute_facts, read_node
from modelward.formats.tensorflow_graph import Graphs, Node, Scope

_PREFIX = "Flex"
_STRING = 5
#: What is kept of the texts of one tensor.
_MAX_TEXTS = 64
_MAX_TEXT_BYTES = 4096
_MAX_OPTIONS_BYTES = 16 << 20


def facts(
    graph: Table, where: str, names: Sequence[str], spans: Sequence[tuple[int, int]]
) -> Iterator[object]:
    """What the operations of a subgraph could do. Raises InputError, LimitExceeded.

    `names` are the custom operators by their codes, empty for others; `spans` where each buffer lies.
    """
    graphs = Graphs()
    scope = graphs.scope(where)
    for index, tensor in enumerate(graph.tables(0)):
        place = tensor.number(2, 4)
        if tensor.number(1, 1) == _STRING and place < len(spans):
            texts = _texts(graph.buffer, *spans[place])
            if texts:
                scope.nodes[str(index)] = Node(tensor.at, operation="Const", texts=texts)
    for number, operator in enumerate(graph.tables(3)):
        code = operator.number(0, 4)
        name = names[code] if code < len(names) else ""
        node = Node(operator.at, f"operator {number}", inputs=[str(index) for index in operator.numbers(1)])
        if name.startswith(_PREFIX):
            yield from _operation(operator, name.removeprefix(_PREFIX), node, scope)
        scope.nodes[node.name] = node
        for index in operator.numbers(2):
            scope.nodes.setdefault(str(index), Node(operator.at)).inputs.append(node.name)
    yield from graphs.facts()


def _operation(operator: Table, name: str, node: Node, scope: Scope) -> Iterator[object]:
    """Take an operator into the scope, as what it runs and as what it is called if that is something else."""
    node.operation = name
    try:
        if options := _options(operator):
            message = Message(BytesSource(flexbuffer.texts(options, 2)[1]))
            read, attributes = read_node(message)
            node.operation = read.operation or name
            yield from attribute_facts(message, node, attributes)
    except InputError as error:
        said = f"what {node.name} ({name[:80]}) runs cannot be read: {error.message}"
        yield Malformed("TensorFlow Lite", said, operator.at)
    scope.add(node)
    if node.operation != name:
        said = f"{node.name} is called {name[:80]!r} and runs {node.operation[:80]!r}"
        yield Malformed("TensorFlow Lite", said, operator.at)
        scope.add(Node(operator.at, f"{node.name}, by its name", name, node.inputs))


def _options(operator: Table) -> bytes:
    """An operator's custom options, which may lie behind the flatbuffer."""
    offset, length = operator.number(9, 8), operator.number(10, 8)
    if operator.place(5) is not None or offset <= 1:
        return operator.raw(5)
    if length > _MAX_OPTIONS_BYTES:
        raise InputError(f"its options have {length} bytes")
    return operator.buffer.read(offset, length)


def _texts(buffer: Buffer, start: int, length: int) -> list[str]:
    """The texts of a tensor: how many there are, where each begins and the last ends, and then they."""
    if length < 8:
        return []
    count = min(buffer.number(start, 4), _MAX_TEXTS, length // 4 - 2)
    ends = [buffer.number(start + 4 + 4 * index, 4) for index in range(count + 1)]
    return [
        buffer.read(start + begin, min(end - begin, _MAX_TEXT_BYTES)).decode("utf-8", "backslashreplace")
        for begin, end in pairwise(ends)
        if begin <= end <= length
    ]
