from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.assemble_archives import png
from tests.formats.assemble_media import WHOLE

from modelward.core.errors import InputError
from modelward.formats.media import Media, recognise
from modelward.formats.source import BytesSource

GIF = (
    b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6)
    + b"!\xf9\x04\0\0\0\0\0" + b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\0" + b";"
)  # fmt: skip
VECTORS = b"2 3\nking " + bytes(12) + b"\nqueen " + bytes(12) + b"\n"
WAVE = b"RIFF" + struct.pack("<I", 9) + b"WAVE" + b"\0" * 5 + b"\0"


@pytest.mark.parametrize(("data", "kind"), [(png(), "PNG"), (GIF, "GIF")])
def test_pictures_are_followed_to_their_end(data: bytes, kind: str) -> None:
    for more in (b"", b"more"):
        assert recognise(BytesSource(data + more)) == Media(kind, len(data))


@pytest.mark.parametrize("data", [png()[:-5], png()[:50], GIF[:-3], GIF[:12], WAVE[:-3]])
def test_what_is_cut_short_is_still_a_picture(data: bytes) -> None:
    found = recognise(BytesSource(data))
    assert found is not None
    assert found.end == len(data)


@pytest.mark.parametrize("data", [png()[:8] + bytes(99), GIF[:19] + b"????", b"PAR1 and no more"])
def test_what_only_begins_like_one_is_broken(data: bytes) -> None:
    with pytest.raises(InputError):
        recognise(BytesSource(data))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n%%EOF\n", "PDF"),
        (b"SIMPLE  =                    T", "FITS"),
        (b"TRACK\0", "TrackVis"),
        (b"\x5c\x01\0\0" + bytes(340) + b"n+1\0", "NIfTI"),
        (b"\x1c\x02\0\0n+2\0\r\n\x1a\n", "NIfTI"),
        (VECTORS, "word2vec"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"PAR1PAR1", "Parquet"),
        (b"ARROW1\0\0ARROW1", "Arrow"),
        (b"SQLite format 3\0\x02\0" + bytes(10) + b"\0\0\0\x01" + bytes(480), "SQLite"),
        (b"\0\0\0\x18ftypmp42", "MP4"),
        (b"lCRF\x0c\0\0\0FOMC", "CRFsuite"),
        (b"MATLAB 5.0 MAT-file, by", "MATLAB"),
    ],
)
def test_other_data(data: bytes, kind: str) -> None:
    assert recognise(BytesSource(data)) == Media(kind, len(data))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (bytes(128) + b"DICM", "DICOM"),
        (b"fLaC", "FLAC"),
        (b"SQLite format 3\0" + bytes(100), "SQLite"),
        (b"CDF\x01\xff\xff\xff\xff" + WHOLE["NetCDF"][8:], "NetCDF"),
    ],
)
def test_no_length_says_where_it_ends(data: bytes, kind: str) -> None:
    assert recognise(BytesSource(data)) == Media(kind, None)


def test_a_length_of_nothing_is_wrong() -> None:
    with pytest.raises(InputError):
        recognise(BytesSource(b"glTF\x02\0\0\0\0\0\0\0"))


def test_what_is_none_of_them() -> None:
    assert recognise(BytesSource(b"GIF8 is a format")) is None
    assert recognise(BytesSource(b"")) is None


@given(
    st.sampled_from([png(), GIF, WAVE]),
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 255)), max_size=5),
)
@settings(max_examples=max(300, settings.default.max_examples))
def test_damaged_pictures_end_in_an_answer(seed: bytes, changes: list[tuple[int, int]]) -> None:
    data = bytearray(seed)
    for at, value in changes:
        data[at % len(data)] = value
    try:
        found = recognise(BytesSource(bytes(data)))
    except InputError:
        return
    assert found is None or found.end is None or found.end <= len(data)


@pytest.mark.parametrize("data", [VECTORS[:-9], VECTORS + bytes(3000), b"2 3\n" + bytes(40), b"2 3\n"])
def test_what_only_begins_like_vectors_is_not_taken_for_them(data: bytes) -> None:
    assert recognise(BytesSource(data)) is None
