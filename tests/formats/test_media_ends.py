from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.assemble_media import JPEG, WAVE, WHOLE, box

from modelward.core.errors import InputError
from modelward.formats.media import Media, recognise
from modelward.formats.source import BytesSource


@pytest.mark.parametrize("kind", WHOLE)
def test_lengths_are_followed_to_the_end(kind: str) -> None:
    for more in (b"", b"\x80\x04more"):
        assert recognise(BytesSource(WHOLE[kind] + more)) == Media(kind, len(WHOLE[kind]))


@pytest.mark.parametrize(
    "kind", [kind for kind in WHOLE if kind not in ("PDF", "Avro", "time zone", "NetCDF")]
)
def test_what_is_cut_short_accounts_for_what_there_is(kind: str) -> None:
    data = WHOLE[kind][:-3]
    found = recognise(BytesSource(data))
    assert found is not None
    assert found.end == len(data)


@pytest.mark.parametrize(
    "data",
    [
        WAVE[:4] + b"\0\0\0\0" + WAVE[8:],
        WAVE[:4] + b"\xff\xff\xff\xff" + WAVE[8:],
        WAVE[:4] + b"\x14\0\0\0" + WAVE[8:],
        WAVE * 2,
        box(b"ftyp", b"mp42") + b"\0\0\0\1mdat" + b"\0\0\0\0\0\0\0\x12xy",
        box(b"ftyp", b"mp42") + b"\0\0\0\0mdat" + b"to the end",
        b"\x1aE\xdf\xa3\x82ab" + b"\x18S\x80g\xff" + b"to the end",
        JPEG[:2] + b"\xff" + JPEG[2:],
        b"\0\x01\0\0\0\x01" + WHOLE["font"][6:],
    ],
)
def test_lengths_as_other_writers_write_them(data: bytes) -> None:
    found = recognise(BytesSource(data))
    assert found is not None
    assert found.end == len(data)


@pytest.mark.parametrize(
    "data", [JPEG[:4] + b"\0\0" + JPEG[6:], b"\xff\xd8\xff\xe0\0\x02no marker", b"%PDF-1.4\n"]
)
def test_what_is_broken(data: bytes) -> None:
    with pytest.raises(InputError):
        recognise(BytesSource(data))


@given(
    st.sampled_from(sorted(WHOLE)),
    st.lists(st.tuples(st.integers(0, 9999), st.integers(0, 255)), max_size=5),
)
@settings(max_examples=max(300, settings.default.max_examples))
def test_damaged_files_end_in_an_answer(kind: str, changes: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE[kind])
    for at, value in changes:
        data[at % len(data)] = value
    try:
        found = recognise(BytesSource(bytes(data)))
    except InputError:
        return
    assert found is None or found.end is None or 0 < found.end <= len(data)
