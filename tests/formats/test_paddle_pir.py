from __future__ import annotations

import json

import pytest
from tests.scan.examine import examine, rules

from modelward.core.finding import Verdict


def program(*operations: dict[str, object]) -> bytes:
    block = {"#": "block_0", "args": [], "ops": [{"#": "1.relu", "A": [], "I": [], "O": []}, *operations]}
    regions = [{"#": "region_0", "blocks": [block]}]
    base = {"magic": "pir", "trainable": True, "version": 4}
    return json.dumps({"base_code": base, "program": {"regions": regions}}).encode()


def operation(name: str, path: str = "") -> dict[str, object]:
    attributes = [{"AT": {"#": "0.a_str", "D": path}, "N": "file_path"}] if path else []
    return {"#": name, "A": attributes, "I": [], "O": []}


def test_a_sound_program_is_clean() -> None:
    report = examine(program(operation("1.load_combine", "w.pdiparams")), "inference.json")
    assert report.verdict is Verdict.CLEAN
    assert "PaddlePaddle" in report.coverage[0].format


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        (operation("1.py_func"), "harmful-code"),
        (operation("1.save_combine", "/root/.bashrc"), "path-escape"),
        (operation("custom_op.evil"), "embedded-code"),
    ],
)
def test_operations_that_reach_out_are_found(bad: dict[str, object], rule: str) -> None:
    assert rules(program(bad), "inference.json") == [rule]
    inner = {"#": "1.if", "A": [], "O": [], "regions": [{"blocks": [{"ops": [bad]}]}]}
    assert rules(program(inner), "inference.json") == [rule]
