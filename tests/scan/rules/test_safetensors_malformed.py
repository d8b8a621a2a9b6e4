from __future__ import annotations

from tests.formats.assemble import good_safetensors, safetensors
from tests.scan.examine import examine, rules

ENTRY = {"dtype": "U8", "shape": [2], "data_offsets": [0, 2]}


def test_overlap() -> None:
    (finding,) = examine(safetensors({"a": ENTRY, "b": ENTRY}, bytes(2))).findings
    assert finding.rule == "safetensors-malformed"
    assert finding.message == "this safetensors file is malformed: tensor 'b' overlaps the one before it"


def test_near_miss() -> None:
    assert rules(good_safetensors()) == []
