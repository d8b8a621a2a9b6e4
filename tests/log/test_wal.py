"""log.wal: whole records or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.core.errors import InputError, ModelwardError, Rejected
from modelward.log import wal
from modelward.log.wal import Record

FIRST = Record(0, (b"a", b"", b"c" * 400), b"signed 3")
SECOND = Record(3, (b"d",), b"signed 4")
DATA = FIRST.to_bytes() + SECOND.to_bytes()


def test_records_round_trip() -> None:
    assert wal.parse(DATA) == (FIRST, SECOND)
    assert wal.parse(b"") == ()


@pytest.mark.parametrize("cut", range(1, len(SECOND.to_bytes())))
def test_torn_last_record_is_dropped(cut: int) -> None:
    assert wal.parse(DATA[:-cut]) == (FIRST,)


def test_last_record_with_a_hole_is_dropped() -> None:
    second = SECOND.to_bytes()
    for hole in (bytes(len(second)), bytes(10) + second[10:], second[:-8] + bytes(8)):
        assert wal.parse(FIRST.to_bytes() + hole) == (FIRST,)


def test_damage_before_a_whole_record_is_not_taken_for_a_torn_write() -> None:
    damaged = bytearray(DATA)
    damaged[len(FIRST.to_bytes()) - 1] ^= 1
    with pytest.raises(Rejected, match="damaged"):
        wal.parse(bytes(damaged))


def test_records_that_do_not_follow_each_other_are_rejected() -> None:
    with pytest.raises(Rejected, match="follow"):
        wal.parse(SECOND.to_bytes() + FIRST.to_bytes())


def test_record_within_an_entry_is_not_found() -> None:
    inner = Record(0, (b"forged",), b"signed").to_bytes()
    outer = Record(0, (inner,), b"signed").to_bytes()
    assert wal.parse(outer) == (Record(0, (inner,), b"signed"),)
    assert wal.parse(bytes(8) + outer[8:]) == ()
    assert wal.parse(outer[:-1]) == ()


@given(st.binary(max_size=200) | st.binary(max_size=40).map(lambda tail: DATA + tail))
def test_parser_raises_only_our_errors(data: bytes) -> None:
    try:
        records = wal.parse(data)
    except ModelwardError:
        return
    assert data.startswith(b"".join(record.to_bytes() for record in records))


@pytest.mark.parametrize("body", [b"", b"\0" * 11, b"\0" * 11 + b"\1", b"\0" * 11 + b"\1\0\5ab"])
def test_record_that_breaks_off_within_is_refused(body: bytes) -> None:
    import hashlib
    import struct

    head = struct.pack(">4sI32s", b"mwl1", len(body), hashlib.sha256(body).digest())
    with pytest.raises(InputError):
        wal.parse(head + body)
