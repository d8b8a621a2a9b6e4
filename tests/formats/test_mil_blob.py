from __future__ import annotations

from tests.formats.assemble_graph import mil_blob
from tests.scan.examine import examine, rules

from modelward.core.finding import Verdict


def test_weights_of_a_program_are_data() -> None:
    report = examine(mil_blob(bytes(100), b"x" * 64), "weight.bin")
    assert (report.verdict, report.coverage[0].format) == (Verdict.CLEAN, "CoreML weights")


def test_blobs_that_lie_elsewhere_are_an_attack() -> None:
    assert rules(mil_blob(bytes(100), offset=1 << 63)) == ["header-overflow"]
    assert rules(mil_blob(bytes(100), offset=0)) == ["header-overflow"]


def test_weights_that_break_off_are_incomplete() -> None:
    good = mil_blob(bytes(100), b"x" * 64)
    assert examine(good[:200]).verdict is Verdict.INCOMPLETE
    assert examine(good[:300]).verdict is Verdict.INCOMPLETE
    assert examine(good[:256] + bytes(200)).verdict is Verdict.INCOMPLETE
