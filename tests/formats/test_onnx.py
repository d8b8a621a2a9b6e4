from __future__ import annotations

import random
import time

import onnx
import pytest
from onnx import TensorProto, helper
from tests.formats.assemble_graph import message, onnx_model, onnx_node, parsed
from tests.formats.gather import kinds
from tests.scan.examine import examine, rules

from modelward.core.finding import Verdict
from modelward.formats.facts import EmbeddedCode
from modelward.formats.graph_facts import CustomOperation
from modelward.formats.onnx import facts


def real_model() -> onnx.ModelProto:
    """A model with a branch, weights, a function and metadata."""
    branch = helper.make_graph(
        [
            helper.make_node(
                "Constant", [], ["c"], value=helper.make_tensor("t", TensorProto.FLOAT, [1], [1.0])
            )
        ],
        "branch",
        [],
        [helper.make_tensor_value_info("c", TensorProto.FLOAT, [1])],
    )
    nodes = [
        helper.make_node("Gemm", ["x", "w"], ["y"], name="/model/fc/Gemm"),
        helper.make_node("If", ["flag"], ["z"], then_branch=branch, else_branch=branch),
        helper.make_node("Twice", ["y"], ["t"], domain="local"),
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2])],
        [helper.make_tensor_value_info("t", TensorProto.FLOAT, [1, 2])],
        [helper.make_tensor("w", TensorProto.FLOAT, [2, 2], [1.0, 2, 3, 4])],
    )
    imports = [helper.make_opsetid("", 21), helper.make_opsetid("local", 1)]
    function = helper.make_function(
        "local", "Twice", ["a"], ["b"], [helper.make_node("Add", ["a", "a"], ["b"])], imports[:1]
    )
    model = helper.make_model(graph, opset_imports=imports, functions=[function])
    helper.set_model_props(model, {"author": "a test of os.system('id')"})
    return model


def found(data: bytes) -> list[object]:
    return list(facts(parsed(data), "model.onnx", frozenset()))


def test_a_model_of_the_library_is_clean() -> None:
    report = examine(real_model().SerializeToString(), "model.onnx")
    assert (report.verdict, report.coverage[0].format) == (Verdict.CLEAN, "ONNX")


@pytest.mark.parametrize("domain", ["", "ai.onnx.contrib", "com.microsoft", "evil"])
@pytest.mark.parametrize("operation", ["PyOp", "PythonOp"])
def test_an_operation_that_calls_python_is_malicious(operation: str, domain: str) -> None:
    (fact,) = found(onnx_model(onnx_node(operation, domain, func_name="os.system")))
    assert isinstance(fact, EmbeddedCode)
    assert fact.harm
    assert fact.expression == "os.system"


def test_an_operation_that_calls_python_hides_in_no_branch() -> None:
    inner = message((1, onnx_node("PyOp", "ai.onnx.contrib")), (2, "branch"))
    assert kinds(found(onnx_model(onnx_node("If", then_branch=inner)))) == ["EmbeddedCode"]


@pytest.mark.parametrize(
    ("operation", "domain"), [("Evil", "evil.domain"), ("NoSuchOperation", ""), ("ATen", "com.microsoft")]
)
def test_an_operation_of_no_known_library_must_be_brought(operation: str, domain: str) -> None:
    (fact,) = found(onnx_model(onnx_node(operation, domain)))
    assert isinstance(fact, CustomOperation)
    assert (fact.operation, fact.domain) == (operation, domain)
    assert rules(onnx_model(onnx_node(operation, domain))) == ["onnx-custom-operation"]


def function(name: str, *nodes: bytes) -> bytes:
    return message((1, name), (4, "a"), (5, "b"), (7, list(nodes)), (10, "local"))


def test_an_operation_that_the_model_defines_is_none_of_a_library() -> None:
    data = onnx_model(onnx_node("Twice", "local"), functions=(function("Twice", onnx_node("Add")),))
    assert found(data) == []


def test_functions_that_call_each_other_without_end_are_noticed() -> None:
    first = function("First", onnx_node("Second", "local"))
    second = function("Second", onnx_node("Add"), onnx_node("First", "local"))
    data = onnx_model(onnx_node("First", "local"), functions=(first, second))
    assert rules(data) == ["exhausting"]
    assert rules(onnx_model(functions=(function("Own", onnx_node("Own", "local")),))) == ["exhausting"]


def test_functions_that_share_another_are_no_circle() -> None:
    leaf = function("Leaf", onnx_node("Add"))
    left = function("Left", onnx_node("Leaf", "local"), onnx_node("Leaf", "local"))
    top = function("Top", onnx_node("Left", "local"), onnx_node("Leaf", "local"))
    assert found(onnx_model(onnx_node("Top", "local"), functions=(leaf, left, top))) == []


def chain(count: int) -> tuple[bytes, ...]:
    calls = [(onnx_node(f"F{index + 1}", "local"),) for index in range(count - 1)]
    return tuple(function(f"F{index}", *call) for index, call in enumerate([*calls, (onnx_node("Add"),)]))


def test_a_chain_of_functions_does_not_take_the_square_of_its_length() -> None:
    start = time.process_time()
    assert found(onnx_model(onnx_node("F0", "local"), functions=chain(10_000))) == []
    assert time.process_time() - start < 5


@pytest.mark.parametrize(("defined", "called"), [("ai.onnx", ""), ("", "ai.onnx"), ("ai.onnx", "ai.onnx")])
def test_a_function_of_the_main_domain_is_found_under_both_its_names(defined: str, called: str) -> None:
    own = message((1, "Own"), (4, "a"), (5, "b"), (7, onnx_node("Own", called)), (10, defined))
    assert rules(onnx_model(onnx_node("Own", called), functions=(own,))) == ["exhausting"]
    other = message((1, "Own"), (4, "a"), (5, "b"), (7, onnx_node("Add", called)), (10, defined))
    assert rules(onnx_model(onnx_node("Own", called), functions=(other,))) == []


def test_functions_of_one_name_are_told_apart_by_their_overload() -> None:
    first = function("Block", onnx_node("Block", "local") + message((8, "inner"))) + message((13, "outer"))
    second = function("Block", onnx_node("Add")) + message((13, "inner"))
    call = onnx_node("Block", "local") + message((8, "outer"))
    assert found(onnx_model(call, functions=(first, second))) == []
    back = function("Block", onnx_node("Block", "local") + message((8, "outer"))) + message((13, "inner"))
    assert rules(onnx_model(call, functions=(first, back))) == ["exhausting"]


def last_name(node: bytes, key: str, number: int, value: str | int) -> bytes:
    """A node with an attribute whose name stands behind its value."""
    return node + message((5, message((number, value), (1, key))))


def test_an_attribute_is_known_by_its_name_wherever_that_stands() -> None:
    away = last_name(onnx_node("EPContext", "com.microsoft"), "embed_mode", 3, 0)
    away = last_name(away, "ep_cache_context", 4, "../../x.bin")
    assert kinds(found(onnx_model(away))) == ["PathEscape", "Unread"]
    inside = last_name(onnx_node("EPContext", "com.microsoft"), "ep_cache_context", 4, "../../x.bin")
    assert kinds(found(onnx_model(inside))) == ["Unread"]
    (fact,) = found(onnx_model(last_name(onnx_node("PyOp"), "func_name", 4, "os.system")))
    assert isinstance(fact, EmbeddedCode)
    assert fact.expression == "os.system"


def test_a_compiled_part_cannot_be_examined_and_names_no_other_file() -> None:
    inside = found(onnx_model(onnx_node("EPContext", "com.microsoft", embed_mode=1)))
    assert kinds(inside) == ["Unread"]
    away = onnx_node("EPContext", "com.microsoft", embed_mode=0, ep_cache_context="../../x.bin")
    assert kinds(found(onnx_model(away))) == ["PathEscape", "Unread"]


def test_no_change_to_a_real_model_crashes_the_reader() -> None:
    data = real_model().SerializeToString()
    chance = random.Random(1)
    for _ in range(400):
        changed = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        examine(bytes(changed[: chance.randint(len(changed) // 2, len(changed))]), "model.onnx")


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("init", "__import__('os').system('id')", "code-in-metadata"),
        ("custom_ops_library", "/tmp/evil.so", "harmful-code"),
        ("ort_config", '{"register_custom_ops_library": "evil.so"}', "harmful-code"),
    ],
)
def test_properties_that_are_code(key: str, value: str, rule: str) -> None:
    data = onnx_model(onnx_node("Relu")) + message((14, message((1, key), (2, value))))
    assert rules(data, "m.onnx") == [rule]


def test_properties_that_are_words() -> None:
    properties = message((14, message((1, "author"), (2, "runs os.system for you"))))
    assert rules(onnx_model(onnx_node("Relu")) + properties, "m.onnx") == []
