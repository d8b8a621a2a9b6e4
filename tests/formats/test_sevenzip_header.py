from __future__ import annotations

import pytest

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.budget import Budget
from modelward.formats.sevenzip_header import parse

#: One folder of Copy with two files, of 3 and 2 bytes.
STREAMS = (
    bytes([0x06, 0, 1, 0x09, 5, 0])  # packed at 0, one stream of 5 bytes
    + bytes([0x07, 0x0B, 1, 0, 1, 0x01, 0, 0x0C, 5, 0])  # one folder, one coder: Copy
    + bytes([0x08, 0x0D, 2, 0x09, 3, 0])
    + b"\0"
)
NAMES = "a\0b\0".encode("utf-16-le")
FILES = bytes([0x05, 2, 0x11, len(NAMES) + 1, 0]) + NAMES + b"\0"
HEADER = b"\x01\x04" + STREAMS + FILES + b"\0"


def test_a_header() -> None:
    header = parse(HEADER, Budget())
    (folder,) = header.folders
    assert [entry.name for entry in header.files] == ["a", "b"]
    assert list(folder.files()) == [(0, 3), (3, 2)]
    assert (folder.size, folder.packed_at, folder.packed, folder.linear) == (5, 0, 5, True)
    assert folder.coders[0].method == b"\0"


def test_no_header_is_an_empty_archive() -> None:
    assert parse(b"", Budget()).files == []


def test_large_numbers() -> None:
    """All of eight bytes behind 0xff, and the high bits of the first byte otherwise."""
    many = HEADER.replace(
        bytes([0x06, 0, 1, 0x09, 5]), bytes([0x06, 0x81, 2, 1, 0x09]) + b"\xff\5\0\0\0\0\0\0\0"
    )
    assert parse(many, Budget()).folders[0].packed_at == 0x102
    assert parse(many, Budget()).folders[0].packed == 5


@pytest.mark.parametrize("cut", range(1, len(HEADER)))
def test_header_that_breaks_off(cut: int) -> None:
    with pytest.raises(InputError):
        parse(HEADER[:-cut], Budget())


def test_more_files_than_may_be() -> None:
    with pytest.raises(LimitExceeded):
        parse(HEADER.replace(bytes([0x05, 2, 0x11]), b"\x05\xf0\xff\xff\xff\xff\x11"), Budget())


def test_folder_of_too_many_methods() -> None:
    with pytest.raises(LimitExceeded):
        parse(HEADER.replace(bytes([0x0B, 1, 0, 1]), bytes([0x0B, 1, 0, 99])), Budget())


def test_coders_that_are_joined_in_a_circle_are_not_linear() -> None:
    two = bytes([0x0B, 1, 0, 2, 0x01, 0, 0x01, 0, 0, 0, 0x0C, 5, 5, 0])
    header = parse(HEADER.replace(bytes([0x0B, 1, 0, 1, 0x01, 0, 0x0C, 5, 0]), two), Budget())
    assert not header.folders[0].linear
