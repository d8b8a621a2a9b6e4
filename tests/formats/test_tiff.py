from __future__ import annotations

import struct

import pytest
from tests.formats.assemble_media import WHOLE

from modelward.core.errors import InputError
from modelward.formats.source import BytesSource
from modelward.formats.tiff import MAX_DIRECTORIES, end

TIFF = WHOLE["TIFF"]


def test_end_is_that_of_the_last_strip() -> None:
    assert end(BytesSource(TIFF + b"more")) == len(TIFF)


def test_strips_without_lengths_leave_the_end_open() -> None:
    assert end(BytesSource(TIFF[:22] + struct.pack("<H", 999) + TIFF[24:])) is None


def test_directories_in_a_circle_end() -> None:
    circle = TIFF[:34] + struct.pack("<I", 8) + TIFF[38:]
    assert end(BytesSource(circle)) == len(TIFF)


def test_too_many_directories() -> None:
    count = MAX_DIRECTORIES + 2
    chain = b"".join(struct.pack("<HI", 0, 8 + 6 * (number + 1)) for number in range(count))
    with pytest.raises(InputError):
        end(BytesSource(b"II*\0\x08\0\0\0" + chain))
