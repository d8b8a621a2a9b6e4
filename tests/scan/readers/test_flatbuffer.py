from __future__ import annotations

import pytest
from tests.formats.assemble_graph import executorch, flatbuffer, tflite
from tests.scan.examine import examine, unexamined

from modelward.core.finding import Verdict


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (tflite(), "TensorFlow Lite"),
        (executorch(), "ExecuTorch"),
        (flatbuffer(b"FT01", {}), "ExecuTorch data"),
    ],
)
def test_flatbuffers_are_known_by_their_identifier(data: bytes, kind: str) -> None:
    report = examine(data, "x.bin")
    assert (report.coverage[0].format, report.verdict) == (kind, Verdict.CLEAN)


def test_methods_of_torch_mobile_are_not_examined() -> None:
    assert "mobile" in unexamined(flatbuffer(b"PTMF", {0: 1}))["model.bin"]
