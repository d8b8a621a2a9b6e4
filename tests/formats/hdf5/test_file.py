from __future__ import annotations

import pytest
from tests.formats.hdf5.written import attributes, crowd, written

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.hdf5.file import Fields, File, start_of
from modelward.formats.source import BytesSource


@pytest.mark.parametrize("size", [0, 512, 4096])
def test_file_begins_after_its_user_block(size: int) -> None:
    data = written(crowd, userblock_size=size)
    assert start_of(BytesSource(data)) == size
    assert attributes(data)["/", "fixed"] == b"fixed text"


def test_signature_elsewhere_is_none() -> None:
    assert start_of(BytesSource(bytes(100) + b"\x89HDF\r\n\x1a\n")) is None


@pytest.mark.parametrize("version", [4, 255])
def test_superblock_of_no_version_is_refused(version: int) -> None:
    data = bytearray(written(crowd))
    data[8] = version
    with pytest.raises(InputError, match="version"):
        File(BytesSource(bytes(data)), 0)


def test_widths_that_cannot_be_are_refused() -> None:
    data = bytearray(written(crowd))
    data[13] = 3
    with pytest.raises(InputError, match="3"):
        File(BytesSource(bytes(data)), 0)


def test_hostile_blocks_that_lie_over_each_other_are_counted() -> None:
    file = File(BytesSource(written(crowd) + bytes(1 << 20)), 0)
    with pytest.raises(LimitExceeded):
        [file.block(0, 1 << 20) for _ in range(1000)]


def test_fields_do_not_pass_the_end_of_their_block() -> None:
    fields = Fields(b"ab\0c", File(BytesSource(written(crowd)), 0))
    assert fields.text() == "ab"
    assert fields.left == 1
    for take in (lambda: fields.number(2), lambda: fields.bytes(-1), fields.text):
        with pytest.raises(InputError):
            take()
