from __future__ import annotations

import struct

from tests.scan.examine import examine

from modelward.core.finding import Verdict


def test_an_engine_is_not_examined_and_says_so() -> None:
    report = examine(b"ftrt" + bytes(200), "model.engine")
    assert report.verdict is Verdict.INCOMPLETE
    assert report.coverage[0].format == "TensorRT"
    assert "compiled code" in report.coverage[0].reason


def test_a_native_library_within_is_unverified() -> None:
    library = b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HH", 3, 62) + bytes(100)
    report = examine(b"ptrt" + bytes(60) + library, "model.plan")
    assert report.verdict is Verdict.UNVERIFIED
    assert report.findings[0].offset == 64
