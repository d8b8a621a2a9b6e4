from __future__ import annotations

import io
import struct
import zipfile

import pytest
from tests.formats.assemble import Zip

from modelward.core.errors import InputError
from modelward.formats.identify import TAIL_BYTES
from modelward.formats.source import BytesSource
from modelward.formats.zip_records import directories, extra_field, local_header


def test_what_zipfile_writes_is_read() -> None:
    space = io.BytesIO()
    with zipfile.ZipFile(space, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b", b"x" * 100)
        with archive.open("big", "w", force_zip64=True) as member:
            member.write(b"y" * 10)
    source = BytesSource(space.getvalue())
    (directory,) = directories(source, TAIL_BYTES)
    assert [(entry.name, entry.method, entry.size) for entry in directory.entries] == [
        (b"a/b", 8, 100),
        (b"big", 8, 10),
    ]
    assert directory.oddities == ()
    for entry in directory.entries:
        local = local_header(source, entry.offset, entry.offset)
        assert local is not None
        assert (local.name, local.size, local.compressed) == (entry.name, entry.size, entry.compressed)


def zip64(*, offset: int = 0, count: int = 1) -> bytes:
    """An archive whose end record only marks what its zip64 end record says."""
    plain = Zip().add("a", b"x")
    end = len(plain.body) + len(plain.central)
    wide = struct.pack(
        "<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, len(plain.central), len(plain.body)
    )
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end + offset, 1)
    record = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return plain.body + plain.central + wide + locator + record


def test_zip64_end_record() -> None:
    (directory,) = directories(BytesSource(zip64()), TAIL_BYTES)
    assert [entry.name for entry in directory.entries] == [b"a"]
    assert directory.oddities == ()


def test_zip64_end_record_that_contradicts_the_end_record() -> None:
    (directory,) = directories(BytesSource(zip64(count=2)), TAIL_BYTES)
    assert "the zip64 end record contradicts the end record" in directory.oddities


def test_leading_bytes_move_the_archive() -> None:
    (directory,) = directories(BytesSource(Zip().add("a", b"x").bytes(prefix=b"0123")), TAIL_BYTES)
    assert directory.prefix == 4


def test_end_record_in_the_comment_of_another_is_read_too() -> None:
    hidden = Zip().add("evil", b"x").bytes()
    data = Zip().add("good", b"y").bytes(comment=hidden)
    names = {
        entry.name for directory in directories(BytesSource(data), TAIL_BYTES) for entry in directory.entries
    }
    assert names == {b"evil", b"good"}


def test_broken_directory_is_an_error_of_ours() -> None:
    data = bytearray(Zip().add("a", b"x").add("b", b"y").bytes())
    data[data.rindex(b"PK\x01\x02")] = 0
    with pytest.raises(InputError, match="central directory is broken"):
        directories(BytesSource(bytes(data)), TAIL_BYTES)


def test_extra_fields() -> None:
    assert extra_field(b"\x01\x00\x02\x00ab\x75\x70\x01\x00c", 0x7075) == b"c"
    assert extra_field(b"\x01\x00\x02", 1) is None
    assert extra_field(b"\x01\x00\xff\xffab", 1) == b"ab"
