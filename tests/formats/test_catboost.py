from __future__ import annotations

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.core.errors import InputError
from modelward.formats.catboost import check
from modelward.formats.source import BytesSource


def model(
    *, root: int = 12, back: int = 8, vtable: int = 6, size: int | None = None, rest: bytes = b""
) -> bytes:
    """A core with one table, and what follows it."""
    core = bytearray(struct.pack("<I", root) + struct.pack("<HHH", vtable, 8, 4) + bytes(22))
    core[12:16] = struct.pack("<i", back)
    return b"CBM1" + struct.pack("<I", len(core) if size is None else size) + bytes(core) + rest


def test_model_with_tables_after_its_core() -> None:
    assert check(BytesSource(model(rest=b"tables"))) == len(model())


@pytest.mark.parametrize(
    "data", [model(root=0), model(root=1 << 30), model(back=100), model(vtable=3), b"CBM2" + bytes(40)]
)
def test_what_is_no_flatbuffer_is_no_model(data: bytes) -> None:
    assert check(BytesSource(data)) is None


@pytest.mark.parametrize("data", [model(size=1 << 31), b"CBM1", b"CB"])
def test_model_that_breaks_off(data: bytes) -> None:
    with pytest.raises(InputError):
        check(BytesSource(data))


@given(st.binary(max_size=60))
def test_any_bytes_raise_only_our_errors(data: bytes) -> None:
    with contextlib.suppress(InputError):
        check(BytesSource(b"CBM1" + data))
