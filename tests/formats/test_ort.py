from __future__ import annotations

from typing import Any

import pytest
from tests.formats.assemble_graph import flatbuffer
from tests.scan.examine import examine, rules

from modelward.core.finding import Verdict


def ort(*nodes: dict[int, Any], dims: tuple[int, ...] = (2, 2)) -> bytes:
    tensor = {0: "w", 2: (8, *dims), 3: 1, 4: bytes(16)}
    return flatbuffer(b"ORTM", {0: "5", 1: {0: 8, 7: {0: [tensor], 2: list(nodes)}}})


def node(operation: str, domain: str = "", **inner: Any) -> dict[int, Any]:
    made: dict[int, Any] = {0: "n", 2: domain, 5: operation}
    if inner:
        made[10] = [{0: "then_branch", 7: {2: [inner["branch"]]}}]
    return made


def test_a_sound_model_is_clean() -> None:
    report = examine(ort(node("Add"), node("Gelu", "com.microsoft")), "model.ort")
    assert (report.verdict, report.coverage[0].format) == (Verdict.CLEAN, "ORT")


def test_operations_are_judged_as_those_of_onnx() -> None:
    assert rules(ort(node("PyOp", "ai.onnx.contrib"))) == ["harmful-code"]
    assert rules(ort(node("If", branch=node("PyOp", "ai.onnx.contrib")))) == ["harmful-code"]
    assert rules(ort(node("Evil", "evil"))) == ["onnx-custom-operation"]


@pytest.mark.parametrize("dims", [(-1, 2), (1 << 62, 1 << 62)])
def test_dimensions_that_overflow_are_an_attack(dims: tuple[int, ...]) -> None:
    assert rules(ort(node("Add"), dims=dims)) == ["header-overflow"]
