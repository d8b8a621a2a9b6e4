from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.examine import examine, rules

from modelward.core.finding import Verdict
from modelward.formats import graph_text


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('node {\n name: "n"\n op: "PyFunc"\n}\n', "tensorflow-unsafe-operation"),
        ('meta_graphs { graph_def { node { op: "WriteFile" } } }', "tensorflow-unsafe-operation"),
        ('node { op: "Py" # split\n  "Func" }', "tensorflow-unsafe-operation"),
        ('node { op: "\\x50yFunc" }', "tensorflow-unsafe-operation"),
        ("node < op: 'PyFunc' >", "tensorflow-unsafe-operation"),
        ('node { op: "ReadFile" }\nnode { op: "Const" value { string_val: "/etc/passwd" } }', "path-escape"),
        ('graph { node { op_type: "PyOp" } }', "harmful-code"),
        (
            'graph { node { op_type: "Relu" } initializer { external_data '
            '{ key: "location" value: "../../etc/passwd" } } }',
            "path-escape",
        ),
    ],
)
def test_graph_as_text_that_reaches_out(text: str, rule: str) -> None:
    assert rules(text.encode(), "saved_model.pbtxt") == [rule]


def test_onnx_as_json_with_data_elsewhere() -> None:
    tensor = {"name": "w", "externalData": [{"key": "location", "value": "../../etc/passwd"}]}
    data = json.dumps({"graph": {"initializer": [tensor]}}).encode()
    assert rules(data, "model.onnxjson") == ["path-escape"]


@pytest.mark.parametrize(
    "text",
    [
        'node { name: "a" op: "Const" }\nnode { name: "b" op: "MatMul" }',
        "node { this is about PyFunc and WriteFile }",
        'layer { name: "conv" type: "Convolution" }',
    ],
)
def test_graph_as_text_that_computes_is_clean(text: str) -> None:
    assert examine(text.encode(), "graph.pbtxt").verdict is Verdict.CLEAN


def test_a_very_long_graph_is_not_clean() -> None:
    assert examine(b'node { op: "Const" }\n' * 500_000, "graph.pbtxt").verdict is Verdict.INCOMPLETE


@given(st.text(alphabet="node{}<>:\"\\'# op_type\nx5key location value", max_size=300))
def test_no_text_crashes_it(text: str) -> None:
    list(graph_text.findings(text, "graph.pbtxt", frozenset()))
