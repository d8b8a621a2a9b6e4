from __future__ import annotations

import json
import random
from typing import Any

import pytest
from tests.formats.assemble_graph import mxnet_array, mxnet_parameters
from tests.scan.examine import examine, rules

from modelward.core.finding import Verdict


def symbol(*nodes: dict[str, Any]) -> bytes:
    data = {"op": "null", "name": "data", "inputs": []}
    layer = {"op": "FullyConnected", "name": "fc", "attrs": {"num_hidden": "4"}, "inputs": [[0, 0, 0]]}
    heads = [[1, 0, 0]]
    return json.dumps({"nodes": [data, layer, *nodes], "arg_nodes": [0], "heads": heads}).encode()


def node(operation: str, **attributes: str) -> dict[str, Any]:
    return {"op": operation, "name": "n", "attrs": attributes, "inputs": [[0, 0, 0]]}


def test_a_sound_graph_is_clean() -> None:
    report = examine(symbol(), "model-symbol.json")
    assert (report.verdict, report.coverage[0].format) == (Verdict.CLEAN, "MXNet")


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        (node("Custom", op_type="evil"), "embedded-code"),
        (node("_Native", info="0x7fff1234"), "harmful-code"),
        (node("Conv", lib_path="../../evil.so"), "path-escape"),
        (node("Conv", lib_path="evil.so"), "embedded-code"),
        (node("Conv", url="http://attacker/x"), "remote-fetch"),
        ({"op": "(a+)" * 1000, "name": "n"}, "exhausting"),
        ({"op": "Conv", "name": "n", "inputs": [[99, 0, 0]]}, "header-overflow"),
    ],
)
def test_nodes_that_reach_out_are_found(bad: dict[str, Any], rule: str) -> None:
    assert rules(symbol(bad), "model-symbol.json") == [rule]


def test_nodes_of_an_inner_graph_are_looked_at() -> None:
    inner = json.loads(symbol(node("_Native")))
    assert rules(symbol({"op": "_foreach", "name": "n", "subgraphs": [inner]})) == ["harmful-code"]


def test_another_graph_in_json_is_not_taken_for_one() -> None:
    report = examine(b'{"nodes": [{"op": 1}, {"name": "x"}], "links": []}', "graph.json")
    assert report.coverage[0].format == "json"


def test_arrays_are_data() -> None:
    report = examine(mxnet_parameters(mxnet_array((2, 3), bytes(24))), "model-0000.params")
    assert (report.verdict, report.coverage[0].format) == (Verdict.CLEAN, "MXNet")


@pytest.mark.parametrize(
    "data",
    [
        mxnet_parameters(mxnet_array((-1, 3), bytes(24))),
        mxnet_parameters(mxnet_array((1 << 40, 1 << 40), bytes(24))),
        mxnet_parameters(mxnet_array((2,), bytes(8)), count=1 << 62),
    ],
)
def test_sizes_that_overflow_are_an_attack(data: bytes) -> None:
    assert rules(data) == ["header-overflow"]


def test_damage_is_incomplete_and_never_a_crash() -> None:
    good = mxnet_parameters(mxnet_array((2, 3), bytes(24)), mxnet_array((4,), bytes(16)))
    assert examine(good[:-20]).verdict is Verdict.INCOMPLETE
    chance = random.Random(1)
    for _ in range(200):
        changed = bytearray(good)
        changed[chance.randrange(8, len(changed))] = chance.randrange(256)
        examine(bytes(changed))


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b" " * 3000])
def test_a_native_library_is_found_whatever_stands_before_the_graph(before: bytes) -> None:
    node = {"op": "Custom", "name": "l", "attrs": {"library": "../../tmp/libevil.so"}}
    assert "path-escape" in rules(before + symbol(node), "model-0000.params")


def test_a_native_library_is_found_under_any_name_of_an_attribute() -> None:
    node = {"op": "x", "name": "l", "attrs": {"my_lib": "/tmp/evil", "else": "../evil.so"}}
    assert rules(symbol(node), "model-symbol.json") == ["path-escape", "path-escape"]


def test_program_in_an_attribute_is_noticed() -> None:
    node = {"op": "null", "name": "x", "attrs": {"__init__": "__import__('os').system('id')"}}
    assert rules(symbol(node), "model-symbol.json") == ["code-in-metadata"]
