"""The nodes of TensorFlow graphs, and what feeds one, through functions and back to constants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from msgspec import Struct, field

from modelward.formats.graph_facts import UnknownOperation
from modelward.formats.tensorflow_effects import ATTRIBUTES, EFFECTS, Origin, judge, judge_attribute
from modelward.formats.tensorflow_names import NAMES

#: Operations that call functions of the library with their own inputs.
_CALLS = frozenset(
    {"PartitionedCall", "StatefulPartitionedCall", "TPUPartitionedCall", "If", "StatelessIf", "While",
     "StatelessWhile", "Case", "StatelessCase", "RemoteCall", "MapDefun", "For"}
)  # fmt: skip
_DIRECT = frozenset({"PartitionedCall", "StatefulPartitionedCall", "TPUPartitionedCall"})
_CONSTANT = frozenset({"Const", "HostConst"})
_ASKED = frozenset({"Placeholder", "PlaceholderV2", "_Arg", "_DeviceArg"})
#: Nodes that a walk towards the constants goes through.
_MAX_WALK = 2000
#: What older graphs call operations, and what is there only after a graph was optimised.
_INTERNAL = ("_Mkl", "_Fused", "_XLA", "_Xla", "_TPU", "_Unary")


def calls_functions(operation: str) -> bool:
    """Whether an operation may name functions in its attributes."""
    return operation in _CALLS or "Dataset" in operation


class Node(Struct):
    """One operation: its inputs, the functions it calls, and its texts if they matter."""

    offset: int
    name: str = ""
    operation: str = ""
    inputs: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)


class Scope(Struct):
    """The main graph, or a function of the library."""

    name: str = ""
    arguments: list[str] = field(default_factory=list)
    nodes: dict[str, Node] = field(default_factory=dict)
    notable: list[Node] = field(default_factory=list)

    def add(self, node: Node) -> None:
        """Take in a node."""
        self.nodes[node.name] = node
        operation = node.operation
        if operation in EFFECTS or operation in ATTRIBUTES or operation not in NAMES:
            self.notable.append(node)


class Graphs:
    """A graph with its functions. `assets` are the nodes that hold the paths of the model's own files."""

    def __init__(self, assets: frozenset[str] = frozenset()) -> None:
        self._assets = assets
        self._scopes: dict[str, Scope] = {}
        self._all: list[Scope] = []
        self._callers: defaultdict[str, list[tuple[Scope, Node]]] | None = None

    def scope(self, name: str) -> Scope:
        """A new scope."""
        made = Scope(name)
        self.add(made)
        return made

    def add(self, scope: Scope) -> None:
        """Take in a scope that is read."""
        self._scopes[scope.name] = scope
        self._all.append(scope)

    def facts(self) -> Iterator[object]:
        """What the nodes could do to whoever runs the graph."""
        for scope in self._all:
            for node in scope.notable:
                operation = node.operation
                label = f"{scope.name}/{node.name}" if scope.name else node.name
                if operation in EFFECTS:
                    yield from judge(operation, label, self._origin(scope, node), node.offset)
                elif operation in ATTRIBUTES:
                    for text in node.texts:
                        yield from judge_attribute(operation, label, text, node.offset)
                elif operation not in self._scopes and not operation.startswith(_INTERNAL):
                    yield UnknownOperation(operation, label, node.offset)

    def _origin(self, scope: Scope, node: Node) -> Origin:
        """What the path of an operation of EFFECTS is made of."""
        index = EFFECTS[node.operation][1]
        inputs = [name for name in node.inputs if not name.startswith("^")]
        if index is None or index >= len(inputs):
            return Origin()
        constants: list[str] = []
        asked = asset = False
        todo = [(scope, inputs[index])]
        seen: set[tuple[int, str]] = set()
        while todo and len(seen) < _MAX_WALK:
            here, name = todo.pop()
            name = name.removeprefix("^").partition(":")[0]
            if (id(here), name) in seen:
                continue
            seen.add((id(here), name))
            found = here.nodes.get(name)
            if found is None:
                given = self._given(here, name)
                asked = asked or (not given and name in here.arguments)
                todo += given
            elif here.name == "" and name in self._assets:
                asset = True
            elif found.operation in _CONSTANT:
                constants += found.texts
            elif found.operation in _ASKED:
                asked = True
            else:
                asked = asked or found.operation in ("PlaceholderWithDefault", "IteratorGetNext")
                todo += [(here, name) for name in found.inputs]
                for called in found.calls:
                    inner = self._scopes.get(called)
                    if inner is not None:
                        todo += [(inner, name) for name in inner.nodes if inner.nodes[name].texts]
        return Origin(tuple(constants), asked, asset)

    def _given(self, scope: Scope, argument: str) -> list[tuple[Scope, str]]:
        """What the callers of a function pass for an argument."""
        if argument not in scope.arguments:
            return []
        if self._callers is None:
            self._callers = defaultdict(list)
            for caller in self._all:
                for node in caller.nodes.values():
                    for called in node.calls:
                        self._callers[called].append((caller, node))
        index = scope.arguments.index(argument)
        found = []
        for caller, node in self._callers[scope.name]:
            # Other operations pass on what they make of any of their inputs: the rows of a dataset.
            given = node.inputs[index : index + 1] if node.operation in _DIRECT else node.inputs
            found += [(caller, name) for name in given]
        return found
