from __future__ import annotations

import time

from tests.formats.assemble_graph import checkpoint_index, message, parsed, tf_graph, tf_numbers
from tests.formats.gather import kinds

from modelward.formats import tensorflow_table
from modelward.formats.source import BytesSource
from modelward.formats.tensorflow import graph
from modelward.formats.tensorflow_shape import MAX_RANK, dimensions

ENDLESS = (1 << 62,) * 50_000


def test_sizes_are_signed_and_the_last_of_several_counts() -> None:
    sizes = [message((1, 3)), message((1, 4), (1, -1)), b"", message((2, "a name"), (1, 7))]
    assert dimensions(parsed(message((2, sizes), (3, 1)))) == [3, -1, 0, 7]


def test_dimensions_without_number_are_an_attack_and_are_not_multiplied() -> None:
    constant = parsed(tf_graph(tf_numbers("c", ENDLESS, bytes(4))))
    index = BytesSource(checkpoint_index(("w", ENDLESS, 0, 4)))
    start = time.process_time()
    assert kinds(graph(constant, "graph.pb", frozenset())) == ["Overflow"]
    assert kinds(tensorflow_table.facts(index, "x.index", frozenset())) == ["Overflow"]
    assert time.process_time() - start < 2


def test_as_many_dimensions_as_tensorflow_takes_are_ordinary() -> None:
    most = (1,) * MAX_RANK
    constant = parsed(tf_graph(tf_numbers("c", most, bytes(4))))
    assert kinds(graph(constant, "graph.pb", frozenset())) == []
    index = BytesSource(checkpoint_index(("w", most, 0, 4)))
    assert kinds(tensorflow_table.facts(index, "x.index", frozenset())) == []
