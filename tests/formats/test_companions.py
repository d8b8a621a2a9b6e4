from __future__ import annotations

import pytest
from tests.scan.examine import examine

from modelward.core.finding import Verdict
from modelward.formats.companions import data_of

SHARD = "variables/variables.data-00000-of-00001"


@pytest.mark.parametrize(
    ("name", "siblings", "what"),
    [
        (SHARD, set(), "TensorFlow checkpoint data"),
        ("m.bin", {"m.bin", "m.xml"}, "OpenVINO weights"),
        ("m.bin", {"m.bin", "n.xml"}, ""),
        ("m.onnx.data", {"m.onnx.data", "m.onnx"}, "ONNX external data"),
        ("m.onnx_data_1", {"m.onnx_data_1"}, "ONNX external data"),
        ("m.onnx.data", {"m.onnx.data", "n.onnx"}, ""),
        ("pytorch_model.bin", {"pytorch_model.bin", "config.json"}, ""),
    ],
)
def test_numbers_are_known_by_the_file_beside_them(name: str, siblings: set[str], what: str) -> None:
    assert data_of(name, frozenset(siblings)) == what


def test_numbers_are_clean_and_a_pickle_among_them_is_not() -> None:
    assert examine(b"\x12\x9a\xff\x01" * 8, SHARD).verdict is Verdict.CLEAN
    assert examine(b"\x80\x02cposix\nsystem\nU\x02id\x85R.", SHARD).verdict is Verdict.MALICIOUS
