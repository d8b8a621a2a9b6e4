from __future__ import annotations

import pytest
from tests.formats.assemble import SHELL, pickle, run, text, tup

from modelward.core.errors import LimitExceeded
from modelward.formats.pickle import machine as machine_module
from modelward.formats.pickle.machine import MAX_ITEMS, Machine
from modelward.formats.pickle.values import Container, Kind
from modelward.formats.source import BytesSource


def notes(stream: bytes) -> list[str]:
    return [event.note for event in run(stream)[1] if event.kind is Kind.AMBIGUOUS]


def frame(length: int) -> bytes:
    return b"\x95" + length.to_bytes(8, "little")


def test_instruction_that_straddles_a_frame_is_ambiguous() -> None:
    assert notes(b"\x80\x04" + frame(3) + text("id") + b".") == [
        "an instruction straddles the end of a frame"
    ]


def test_frame_that_ends_with_an_instruction_is_not() -> None:
    assert notes(b"\x80\x04" + frame(8) + text("id") + b".") == []


def test_frame_inside_a_frame_is_ambiguous() -> None:
    assert notes(b"\x80\x04" + frame(13) + frame(4) + b"N0N.") == [
        "a frame begins inside a frame",
    ]


def test_frame_longer_than_the_file_is_ambiguous() -> None:
    assert notes(b"\x80\x04" + frame(99) + b"N.") == ["a frame is longer than the file"]


def test_memo_entry_never_set_is_ambiguous_and_the_run_goes_on() -> None:
    result, events = run(pickle(b"h\x05", SHELL))
    assert result.trouble is None
    assert [event.kind for event in events] == [Kind.AMBIGUOUS, Kind.REFERENCE, Kind.CALL]


def test_memo_entry_far_out_is_noticed() -> None:
    assert notes(pickle(b"Nr\xff\xff\xff\x7f")) == ["a memo entry far out makes the loader fill its memory"]


def test_items_past_the_bound_are_not_kept_and_not_forgotten_about() -> None:
    value = run(b"](" + b"N" * (MAX_ITEMS + 1) + b"e.")[0].value
    assert isinstance(value, Container)
    assert not value.whole
    assert value.items == []


@pytest.mark.parametrize(
    ("bound", "stream"),
    [
        ("MAX_STACK", b"N" * 11 + b"."),
        ("MAX_STACK", b"(" * 11 + b"."),
        ("MAX_MEMO", b"N" + b"\x94" * 11 + b"."),
    ],
)
def test_stack_marks_and_memo_are_bounded(monkeypatch: pytest.MonkeyPatch, bound: str, stream: bytes) -> None:
    monkeypatch.setattr(machine_module, bound, 10)
    assert "over 10" in (run(stream)[0].trouble or "")


def test_constants_past_the_bound_become_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_module, "MAX_KEPT_BYTES", 8)
    result, events = run(pickle(text("12345678"), text("os"), text("system"), b"\x93"))
    assert result.trouble is None
    assert [event.note for event in events] == ["it fetches a global whose name cannot be told"]


def test_limit_is_an_error_of_ours() -> None:
    machine = Machine(BytesSource(b""), 0, print)
    machine.stack = [None] * machine_module.MAX_STACK
    with pytest.raises(LimitExceeded):
        machine.push(None)


def test_tuples_nested_deeply_do_not_exhaust_the_stack() -> None:
    depth = 200_000
    result, events = run(pickle(b"N" + b"\x85" * depth, b"cm\nf\n", tup(), b"R"))
    assert result.trouble is None
    assert len(events) == 2
