from __future__ import annotations

from tests.formats.assemble import number, pickle, text
from tests.scan.examine import rules

FRAME = b"\x95"


def test_instruction_that_straddles_a_frame() -> None:
    assert rules(b"\x80\x04" + FRAME + (3).to_bytes(8, "little") + text("id") + b".") == ["pickle-malformed"]


def test_name_that_is_computed() -> None:
    assert rules(pickle(text("os"), number(1), b"\x93")) == ["pickle-malformed"]


def test_many_odd_memo_entries_are_one_finding() -> None:
    assert rules(pickle(b"h\x05h\x06h\x07")) == ["pickle-malformed"]


def test_near_miss_frame_that_fits() -> None:
    assert rules(b"\x80\x04" + FRAME + (8).to_bytes(8, "little") + text("id") + b".") == []
