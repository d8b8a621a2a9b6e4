from __future__ import annotations

import pytest
from tests.formats.assemble import NONE, SHELL, pickle, run, text, tup

from modelward.core.errors import LimitExceeded
from modelward.formats.pickle import machine as machine_module
from modelward.formats.pickle import tape as tape_module
from modelward.formats.pickle.machine import MAX_ITEMS, Machine
from modelward.formats.pickle.tape import Tape
from modelward.formats.pickle.values import Blob, Container, Global, Kind, Made, Unknown
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
        ("MAX_MEMO_ENTRIES", b"N" + b"\x94" * 11 + b"."),
    ],
)
def test_stack_marks_and_memo_are_bounded(monkeypatch: pytest.MonkeyPatch, bound: str, stream: bytes) -> None:
    monkeypatch.setattr(machine_module, bound, 10)
    assert "over 10" in (run(stream)[0].trouble or "")


def test_memo_past_the_bound_keeps_globals_and_forgets_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_module, "MAX_MEMO", 1)
    result, events = run(pickle(NONE, b"\x94", text("os"), b"\x94cm\nf\n\x94h\x02h\x01", tup(), b"R"))
    assert result.trouble is None
    assert isinstance(result.value, Made)
    assert isinstance(result.value.callee, Unknown)
    assert [event.kind for event in events] == [Kind.REFERENCE, Kind.CALL]
    result, events = run(pickle(NONE, b"\x94cm\nf\n\x94h\x01", tup(), b"R"))
    assert isinstance(events[-1].target, Global)


def test_long_constants_past_the_bound_stay_in_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tape_module, "MAX_ALL_KEPT_BYTES", 80)
    stream = pickle(text("a" * 70), text("b" * 70), text("short"), b"\x87")
    value = run(stream)[0].value
    assert isinstance(value, Container)
    first, second, third = value.items
    assert (first, third) == ("a" * 70, "short")
    assert isinstance(second, Blob)
    assert second.load(70) == b"b" * 70


def test_limit_is_an_error_of_ours() -> None:
    machine = Machine(Tape(BytesSource(b"")), print)
    machine.stack = [None] * machine_module.MAX_STACK
    with pytest.raises(LimitExceeded):
        machine.push(None)


@pytest.mark.parametrize("put", [b"q\x00", b"\x94", b"p0\n", b"r\x00\x00\x00\x00"])
@pytest.mark.parametrize("get", [b"h\x00", b"g0\n", b"g 0_0\n", b"g+0\n", b"g0\0 5\n", b"j\0\0\0\0"])
def test_memo_entry_is_one_however_its_index_is_written(put: bytes, get: bytes) -> None:
    assert run(b"\x8c\x02os" + put + b"0" + get + b".")[0].value == "os"


def test_memo_entries_out_of_order_are_kept_apart() -> None:
    put = b"".join(b"K%cq%c0" % (index, index) for index in (0, 5, 1, 2, 3, 4, 6, 5))
    assert run(put + b"(h\x00h\x01h\x02h\x03h\x04h\x05h\x06K\x07\x94h\x07t.")[0].value is not None
    value = run(put + b"K\x07\x94(h\x00h\x05h\x06h\x07t.")[0].value
    assert isinstance(value, Container)
    assert value.items == [0, 5, 6, 7]


def test_tuples_nested_deeply_do_not_exhaust_the_stack() -> None:
    depth = 200_000
    result, events = run(pickle(b"N" + b"\x85" * depth, b"cm\nf\n", tup(), b"R"))
    assert result.trouble is None
    assert len(events) == 2
