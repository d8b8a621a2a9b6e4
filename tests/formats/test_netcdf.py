from __future__ import annotations

import pytest
from tests.formats.assemble_media import WHOLE

from modelward.core.errors import InputError
from modelward.formats.netcdf import end
from modelward.formats.source import BytesSource

SAMPLE = WHOLE["NetCDF"]


def test_end_is_that_of_the_last_record() -> None:
    assert end(BytesSource(SAMPLE + b"more")) == len(SAMPLE)
    assert end(BytesSource(SAMPLE[:4] + b"\0\0\0\x01" + SAMPLE[8:])) == len(SAMPLE) - 4


def test_records_that_were_not_counted_leave_the_end_open() -> None:
    assert end(BytesSource(SAMPLE[:4] + b"\xff" * 4 + SAMPLE[8:])) is None


def test_header_that_breaks_off_or_lies() -> None:
    for broken in (
        SAMPLE[:30],
        SAMPLE[:12] + b"\xff" * 4 + SAMPLE[16:],
        SAMPLE[:-24] + b"\0\0\0\x09" + SAMPLE[-20:],
    ):
        with pytest.raises(InputError):
            end(BytesSource(broken))
