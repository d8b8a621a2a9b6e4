from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelward.core.errors import InputError
from modelward.formats.source import CHUNK_BYTES, BytesSource, FileSource, Slice, Source


@pytest.fixture(params=["file", "bytes", "slice"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    data = bytes(range(100))
    if request.param == "bytes":
        yield BytesSource(data)
        return
    if request.param == "slice":
        yield Slice(BytesSource(b"xx" + data + b"yy"), 2, 100)
        return
    path = tmp_path / "file"
    path.write_bytes(data)
    descriptor = os.open(path, os.O_RDONLY)
    yield FileSource(descriptor, "file")
    os.close(descriptor)


def test_reads_are_exact_and_short_only_at_the_end(source: Source) -> None:
    assert source.size == 100
    assert source.read(3, 2) == b"\x03\x04"
    assert source.read(98, 10) == b"bc"
    assert source.read(100, 10) == b""
    assert source.read(5, 0) == b""


def test_slice_never_reaches_past_its_source() -> None:
    inner = Slice(BytesSource(b"abc"), 1, 99)
    assert inner.size == 2
    assert Slice(BytesSource(b"abc"), 9, 1).size == 0


def test_chunks_are_all_of_it() -> None:
    data = bytes(CHUNK_BYTES + 7)
    assert b"".join(BytesSource(data).chunks(3)) == data[3:]


def test_file_that_cannot_be_read_is_an_error_of_ours(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        with pytest.raises(InputError, match="cannot read it"):
            FileSource(descriptor, "folder").read(0, 1)
    finally:
        os.close(descriptor)


def test_windows_share_what_lies_on_their_edge() -> None:
    data = bytes(CHUNK_BYTES - 3) + b"needle" + bytes(CHUNK_BYTES)
    found = [at + piece.find(b"needle") for at, piece in BytesSource(data).windows(6) if b"needle" in piece]
    assert found == [CHUNK_BYTES - 3]
    assert [at for at, _ in BytesSource(b"few").windows(10)] == [0]
    assert list(BytesSource(b"").windows(10)) == []
