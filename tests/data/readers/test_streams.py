from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.core.progress import Silent
from modelward.data.readers.streams import Chunks, HashingFile

DATA = bytes(range(256)) * 5000


def test_the_digest_is_that_of_the_whole_file_however_it_was_read(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(DATA)
    expected = Digest.sha256(DATA)
    for reads in ([], [(0, 10)], [(1000, 10), (0, 2000)], [(0, len(DATA))]):
        with HashingFile(path, Silent()) as raw:
            for offset, length in reads:
                raw.seek(offset)
                assert raw.read(length) == DATA[offset : offset + length]
            assert raw.finish("x") == expected


def test_a_file_that_grows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(DATA)
    with HashingFile(path, Silent()) as raw:
        raw.read(10)
        with path.open("ab") as stream:
            stream.write(b"more")
        with pytest.raises(InputError, match="changed"):
            raw.finish("x")


def test_no_file_but_a_regular_one_is_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(InputError, match="not a regular file"):
            HashingFile(path, Silent())


def test_pieces_are_hashed_as_they_come() -> None:
    def pieces() -> Iterator[bytes]:
        yield DATA[:100]
        yield b""
        yield DATA[100:]

    raw = Chunks(pieces, len(DATA), Silent())
    assert raw.read(50) == DATA[:50]
    assert raw.finish("x") == Digest("sha256", hashlib.sha256(DATA).hexdigest())
    with pytest.raises(InputError, match="changed"):
        Chunks(pieces, 10, Silent()).finish("x")
