from __future__ import annotations

import random

import pytest
from tests.formats.assemble_graph import (
    message,
    parsed,
    saved_model,
    tf_calls,
    tf_function,
    tf_graph,
    tf_node,
    tf_numbers,
    tf_text,
)
from tests.formats.gather import kinds
from tests.scan.examine import examine, rules

from modelward.core.finding import Verdict
from modelward.formats.graph_facts import Nested
from modelward.formats.tensorflow import graph, meta_graph

FAR = 1 << 40


def found(*nodes: bytes, functions: tuple[bytes, ...] = ()) -> list[str]:
    return kinds(graph(parsed(tf_graph(*nodes, functions=functions)), "graph.pb", frozenset()))


def saver() -> tuple[bytes, ...]:
    """What the classic saver puts into every SavedModel."""
    return (
        tf_text("save/filename/input", "model"),
        tf_node("save/filename", "PlaceholderWithDefault", "save/filename/input"),
        tf_node("save/Const", "PlaceholderWithDefault", "save/filename"),
        tf_text("save/part", "_temp_3fe/part"),
        tf_node("save/StringJoin", "StringJoin", "save/Const", "save/part"),
        tf_node("save/ShardedFilename", "ShardedFilename", "save/StringJoin", "n", "n"),
        tf_text("save/SaveV2/tensor_names", "w"),
        tf_node("save/SaveV2", "SaveV2", "save/ShardedFilename", "save/SaveV2/tensor_names", "s", "w"),
        tf_node("save/Pack", "Pack", "save/ShardedFilename", "^save/SaveV2"),
        tf_node("save/Merge", "MergeV2Checkpoints", "save/Pack", "save/Const"),
        tf_node("save/RestoreV2", "RestoreV2", "save/Const", "save/SaveV2/tensor_names", "s"),
    )


def test_a_model_that_saves_and_restores_itself_is_clean() -> None:
    data = saved_model(tf_graph(tf_node("x", "Placeholder"), tf_node("y", "MatMul", "x", "w"), *saver()))
    report = examine(data, "saved_model.pb")
    assert (report.verdict, report.coverage[0].format) == (Verdict.CLEAN, "TensorFlow SavedModel")


def test_a_saver_that_writes_elsewhere_is_an_attack() -> None:
    assert found(tf_text("p", "/root/.ssh/x"), tf_node("s", "SaveV2", "p", "n", "s", "t")) == ["PathEscape"]


@pytest.mark.parametrize("operation", ["PyFunc", "EagerPyFunc", "PyFuncStateless", "ShellExecute", "Abort"])
def test_operations_that_no_model_needs_are_attacks(operation: str) -> None:
    data = saved_model(tf_graph(tf_node("evil", operation, "x")))
    assert rules(data, "saved_model.pb") == ["tensorflow-unsafe-operation"]


def test_a_file_that_is_written_is_an_attack_whoever_names_it() -> None:
    assert found(tf_node("x", "Placeholder"), tf_node("w", "WriteFile", "x", "y")) == ["UnsafeOperation"]


def test_a_file_that_the_graph_names_is_an_attack() -> None:
    read = tf_node("r", "ReadFile", "join")
    parts = (tf_text("a", "/etc/"), tf_text("b", "passwd"), tf_node("join", "StringJoin", "a", "b"))
    assert found(*parts, read) == ["PathEscape"]
    assert found(tf_node("r", "ReadFile")) == ["UnsafeOperation"]


def test_a_file_that_the_caller_names_is_unverified() -> None:
    data = tf_graph(
        tf_node("x", "Placeholder"), tf_node("r", "ReadFile", "x"), tf_node("d", "DecodeJpeg", "r")
    )
    assert rules(data, "graph.pb") == ["tensorflow-file-access"]


def test_a_path_is_followed_through_functions() -> None:
    inner = tf_function("inner", ("path",), tf_node("r", "ReadFile", "path"))
    outer = tf_function(
        "outer", ("path",), tf_node("c", "StatefulPartitionedCall", "path", f=tf_calls("inner"))
    )
    call = tf_node("call", "PartitionedCall", "other", "p", f=tf_calls("inner2"))
    assert found(
        tf_text("p", "/etc/shadow"),
        tf_node("call", "StatefulPartitionedCall", "p", f=tf_calls("outer")),
        functions=(inner, outer),
    ) == ["PathEscape"]
    second = tf_function("inner2", ("a", "b"), tf_node("r", "ReadFile", "b"))
    assert found(tf_text("p", "/etc/shadow"), call, functions=(second,)) == ["PathEscape"]
    gives = tf_function("gives", (), tf_text("hidden", "/etc/shadow"))
    hidden = tf_node("g", "PartitionedCall", f=tf_calls("gives"))
    assert found(hidden, tf_node("r", "ReadFile", "g"), functions=(gives,)) == ["PathEscape"]


def test_a_path_is_followed_through_a_dataset() -> None:
    reads = tf_function("reads", ("row",), tf_node("t", "TextLineDataset", "row"))
    rows = tf_node("rows", "TensorSliceDataset", "p")
    flat = tf_node("flat", "FlatMapDataset", "rows", f=tf_calls("reads"))
    assert found(tf_text("p", "/etc/passwd"), rows, flat, functions=(reads,)) == ["PathEscape"]
    assert found(tf_text("p", "gs://train/data"), rows, flat, functions=(reads,)) == ["FileAccess"]
    assert found(tf_node("p", "Placeholder"), rows, flat, functions=(reads,)) == []


def table(path: bytes) -> tuple[bytes, ...]:
    return path, tf_node("h", "HashTableV2"), tf_node("init", "InitializeTableFromTextFileV2", "h", "p")


def test_a_table_is_read_from_the_assets_and_from_nowhere_else() -> None:
    nodes = table(tf_text("p", "/home/maker/vocab.txt"))
    assert found(*nodes) == ["PathEscape"]
    asset = message((1, message((1, "p:0"))), (2, "vocab.txt"))
    assert rules(saved_model(tf_graph(*nodes), (6, asset))) == []
    assert found(*table(tf_text("p", "vocab.txt"))) == []


def test_an_asset_elsewhere_is_an_attack() -> None:
    asset = message((1, message((1, "p:0"))), (2, "../../../etc/passwd"))
    assert rules(saved_model(tf_graph(tf_node("x", "Placeholder")), (6, asset))) == ["path-escape"]


def test_an_operation_of_another_library_must_be_brought() -> None:
    assert rules(tf_graph(tf_node("n", "EvilOp"))) == ["tensorflow-custom-operation"]
    defined = tf_function("MyFunction", (), tf_node("a", "NoOp"))
    assert found(tf_node("n", "MyFunction"), functions=(defined,)) == []
    assert found(functions=(tf_function("f", (), tf_node("n", "EvilOp")),)) == ["UnknownOperation"]


def test_messages_may_be_printed_but_not_into_files() -> None:
    def printed(stream: str) -> list[str]:
        return found(tf_node("p", "PrintV2", "x", output_stream=message((2, stream))))

    assert printed("stderr") == []
    assert printed("log(info)") == []
    assert printed("file:///home/x/.bashrc") == ["UnsafeOperation"]


def test_an_attribute_is_known_by_its_name_wherever_that_stands() -> None:
    def printed(*pair: tuple[int, object]) -> list[str]:
        return found(tf_node("p", "PrintV2", "x") + message((5, message(*pair))))

    file, screen = message((2, "file:///home/x/.bashrc")), message((2, "stderr"))
    assert printed((2, file), (1, "output_stream")) == ["UnsafeOperation"]
    assert printed((1, "end"), (2, file), (1, "output_stream")) == ["UnsafeOperation"]
    assert printed((2, screen), (1, "output_stream")) == []
    assert printed((2, file), (1, "end")) == []


def test_a_node_is_known_by_its_operation_wherever_that_stands() -> None:
    stream = message((1, "output_stream"), (2, message((2, "file:///home/x/.bashrc"))))
    assert found(message((5, stream), (3, "x"), (2, "PrintV2"), (1, "p"))) == ["UnsafeOperation"]
    assert found(message((5, stream), (3, "x"), (2, "Identity"), (1, "p"))) == []


def test_a_debugger_that_listens_is_noticed() -> None:
    urls = message((1, message((2, "grpc://attacker:1"))))
    assert found(tf_node("d", "DebugIdentity", "x", debug_urls=urls)) == ["RemoteFetch"]


@pytest.mark.parametrize(
    ("dims", "kind"), [((-1, 4), "Overflow"), ((FAR, FAR), "Overflow"), ((100,), "Malformed")]
)
def test_constants_that_do_not_add_up_are_noticed(dims: tuple[int, ...], kind: str) -> None:
    assert found(tf_numbers("c", dims, bytes(16))) == [kind]


def test_sound_constants_are_silent() -> None:
    assert found(tf_numbers("c", (2, 2), bytes(16)), tf_numbers("zero", (1000,), b"")) == []


def test_configurations_of_keras_are_handed_on() -> None:
    user = message((1, "_tf_keras_layer"), (3, '{"class_name": "Dense"}'))
    objects = message((1, [message((4, user)), message((4, message((1, "_generic"))))]))
    data = message((1, b""), (2, tf_graph(tf_node("x", "Placeholder"))), (7, objects))
    (nested,) = meta_graph(parsed(data), "m.meta", frozenset())
    assert isinstance(nested, Nested)
    assert data[nested.start :][: nested.length] == b'{"class_name": "Dense"}'


def test_what_comes_before_damage_counts() -> None:
    data = tf_graph(tf_node("evil", "PyFunc", "x"), *saver())
    report = examine(data[:-30], "graph.pb")
    assert report.verdict is Verdict.MALICIOUS
    assert not report.coverage[0].examined


def test_no_change_to_a_model_crashes_the_reader() -> None:
    reads = tf_function("reads", ("row",), tf_node("t", "TextLineDataset", "row"))
    data = saved_model(tf_graph(*saver(), *table(tf_text("p", "v.txt")), functions=(reads,)))
    chance = random.Random(1)
    for _ in range(300):
        changed = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        examine(bytes(changed[: chance.randint(len(changed) // 2, len(changed))]), "saved_model.pb")


def test_program_in_a_constants_attribute_is_noticed() -> None:
    node = tf_node("n", "Const", payload=message((2, "__import__('os').system('id')")))
    assert rules(saved_model(tf_graph(node)), "saved_model.pb") == ["code-in-metadata"]
