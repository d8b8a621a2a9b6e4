from __future__ import annotations

import py7zr
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.assemble_archives import seven, seven_with_header

from modelward.core.errors import InputError
from modelward.formats.budget import Budget
from modelward.formats.sevenzip import Archive, open_folder, placed, read
from modelward.formats.source import BytesSource

MEMBERS = {
    "a": b"x" * 70_000,
    "d/b": b"y",
    "empty": b"",
    "calls": b"\x90\xe8\x01\x02\x03\x04" * 900 + b"\xe8\0",
}
FILTERS: dict[str, list[dict[str, int]] | None] = {
    "the usual": None,
    "LZMA2": [{"id": py7zr.FILTER_LZMA2, "preset": 1}],
    "LZMA": [{"id": py7zr.FILTER_LZMA, "preset": 1}],
    "BZip2": [{"id": py7zr.FILTER_BZIP2}],
    "Deflate": [{"id": py7zr.FILTER_DEFLATE}],
    "Copy": [{"id": py7zr.FILTER_COPY}],
    "Zstandard": [{"id": py7zr.FILTER_ZSTD, "level": 3}],
    "Delta": [{"id": py7zr.FILTER_DELTA}, {"id": py7zr.FILTER_LZMA2, "preset": 1}],
    "BCJ and LZMA": [{"id": py7zr.FILTER_X86}, {"id": py7zr.FILTER_LZMA, "preset": 1}],
    "BCJ and BZip2": [{"id": py7zr.FILTER_X86}, {"id": py7zr.FILTER_BZIP2}],
}


def opened(data: bytes) -> Archive:
    archive = read(BytesSource(data), Budget())
    assert archive is not None
    return archive


def contents(archive: Archive) -> dict[str, bytes]:
    whole = []
    for folder in archive.header.folders:
        with open_folder(archive.source, folder, Budget()) as content:
            whole.append(content.source.read(0, content.source.size))
    return {
        member.name: b"" if member.folder is None else whole[member.folder][member.start :][: member.size]
        for member in archive.members
    }


@pytest.mark.parametrize("way", FILTERS)
def test_what_py7zr_writes(way: str) -> None:
    archive = opened(seven(MEMBERS, FILTERS[way]))
    assert contents(archive) == MEMBERS
    assert archive.oddities == []
    assert list(placed(archive, {})) == []
    assert archive.end == archive.source.size


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ([{"id": py7zr.FILTER_PPMD, "order": 6, "mem": 24}], "PPMd"),
        ([{"id": py7zr.FILTER_BROTLI, "level": 3}], "Brotli"),
    ],
)
def test_methods_that_are_not_read_say_so(filters: list[dict[str, int]], words: str) -> None:
    archive = opened(seven(MEMBERS, filters))
    with open_folder(archive.source, archive.header.folders[0], Budget()) as content:
        assert words in content.trouble


def test_names_that_lead_out() -> None:
    archive = opened(seven({"a/b": b"x"}))
    archive.members[0] = type(archive.members[0])("../b", 0)
    assert [escape.target for escape in placed(archive, {})] == ["../b"]
    archive.members[0] = type(archive.members[0])("b", 0, link=True)
    assert [escape.target for escape in placed(archive, {"b": "/etc"})] == ["/etc"]


def test_folder_that_is_cut_gives_what_comes_out() -> None:
    archive = opened(seven({"a": bytes(range(256)) * 9}, FILTERS["Copy"]))
    archive.header.folders[0].packed -= 100
    with open_folder(archive.source, archive.header.folders[0], Budget()) as content:
        assert content.source.size == 256 * 9 - 100
        assert content.trouble == "its compressed data break off"


def test_bomb_stops_at_the_budget() -> None:
    archive = opened(seven({"a": bytes(20 << 20)}))
    with open_folder(archive.source, archive.header.folders[0], Budget(expanded_bytes=2 << 20)) as content:
        assert "unpacks to over" in content.trouble


def test_window_that_would_fill_the_memory() -> None:
    archive = opened(seven({"a": b"x" * 99}, FILTERS["LZMA2"]))
    (coder,) = archive.header.folders[0].coders
    archive.header.folders[0].coders = [type(coder)(coder.method, b"\x28", (1, 1))]
    with open_folder(archive.source, archive.header.folders[0], Budget()) as content:
        assert "MiB of memory" in content.trouble


def test_what_is_no_archive() -> None:
    assert read(BytesSource(b"7z\xbc\xaf\x27\x1c"), Budget()) is None
    assert read(BytesSource(b"x" * 99), Budget()) is None


def test_broken_headers() -> None:
    good = seven({"a": b"x"})
    for data in (good[:12] + b"\xff" + good[13:], good[:-5]):
        with pytest.raises(InputError):
            read(BytesSource(data), Budget())


GOOD = [seven(MEMBERS, [{"id": py7zr.FILTER_COPY}]), seven({"a": b"x"})]
HEADERS = [data[32 + int.from_bytes(data[12:20], "little") :] for data in GOOD]


@given(
    st.sampled_from([0, 1]),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4),
    st.integers(0, 40),
)
@settings(max_examples=max(300, settings.default.max_examples), deadline=None)
def test_damaged_headers_end_in_an_answer(which: int, changes: list[tuple[int, int]], cut: int) -> None:
    header = bytearray(HEADERS[which])
    for at, value in changes:
        header[at % len(header)] = value
    packed = GOOD[which][32 : len(GOOD[which]) - len(header)]
    try:
        archive = read(BytesSource(seven_with_header(bytes(header[: len(header) - cut]), packed)), Budget())
        if archive:
            contents(archive)
    except InputError:
        pass
