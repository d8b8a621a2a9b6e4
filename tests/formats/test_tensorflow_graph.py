from __future__ import annotations

from modelward.formats.graph_facts import UnknownOperation, UnsafeOperation
from modelward.formats.tensorflow_graph import Graphs, Node, Scope, calls_functions


def test_a_circle_of_inputs_ends() -> None:
    graphs = Graphs()
    scope = graphs.scope("")
    scope.add(Node(0, "a", "Identity", ["b"]))
    scope.add(Node(0, "b", "Identity", ["a"]))
    scope.add(Node(7, "r", "ReadFile", ["a:0"]))
    (fact,) = graphs.facts()
    assert isinstance(fact, UnsafeOperation)
    assert (fact.node, fact.offset) == ("r", 7)


def test_a_long_chain_of_inputs_is_not_followed_for_ever() -> None:
    graphs = Graphs()
    scope = graphs.scope("")
    for index in range(10_000):
        scope.add(Node(0, f"n{index}", "Identity", [f"n{index + 1}"]))
    scope.add(Node(0, "r", "ReadFile", ["n0"]))
    assert len(list(graphs.facts())) == 1


def test_nodes_are_named_with_their_function() -> None:
    graphs = Graphs()
    graphs.scope("")
    scope = Scope("f")
    scope.add(Node(0, "n", "Evil"))
    graphs.add(scope)
    assert list(graphs.facts()) == [UnknownOperation("Evil", "f/n", 0)]


def test_datasets_and_calls_may_name_functions() -> None:
    assert calls_functions("ParallelMapDatasetV2")
    assert calls_functions("While")
    assert not calls_functions("MatMul")
