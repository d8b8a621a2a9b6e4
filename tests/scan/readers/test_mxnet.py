from __future__ import annotations

from tests.formats.assemble_graph import mxnet_parameters
from tests.scan.examine import examine


def test_arrays_and_graphs_are_both_of_mxnet() -> None:
    assert examine(mxnet_parameters(), "m.params").coverage[0].format == "MXNet"
    symbol = b'{"nodes": [{"op": "null", "name": "data"}], "arg_nodes": [0], "heads": []}'
    assert examine(symbol, "m.json").coverage[0].format == "MXNet"


def test_broken_json_is_left_to_the_reader_of_text() -> None:
    report = examine(b'{"nodes": [{"op": "null"', "m-symbol.json")
    assert not report.coverage[0].examined
    assert "MXNet" not in report.coverage[0].format
