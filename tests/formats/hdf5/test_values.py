from __future__ import annotations

import struct
from typing import Any

import pytest
from tests.formats.hdf5.written import VERSIONS, attributes, crowd, expected, header, written

from modelward.formats.hdf5.file import Fields, File
from modelward.formats.hdf5.values import Named, attribute
from modelward.formats.source import BytesSource


@pytest.mark.parametrize("libver", VERSIONS)
@pytest.mark.parametrize("options", [{}, {"track_order": True}, {"userblock_size": 2048}], ids=str)
def test_attributes_are_those_that_the_library_shows(
    libver: tuple[str, str], options: dict[str, Any]
) -> None:
    data = written(crowd, libver=libver, **options)
    found = attributes(data)
    for key, value in expected(data).items():
        if "again" not in key[0] and key[0] != "/data":
            assert found[key] == value
    assert found.get(("/data", "unit"), found.get(("/again", "unit"))) == b"m"


def named(space: bytes, value: bytes) -> Named:
    """An attribute of ten characters, whose dataspace another object holds."""
    data = written(lambda file: None)
    file = File(BytesSource(data + header(0x01, space)), 0)
    name, kind = b"model_config\0", struct.pack("<BxxxI", 0x13, 10)
    reference = struct.pack("<BBQ", 2, 2, len(data)) + bytes(12)
    widths = struct.pack("<HHH", len(name), len(kind), len(reference))
    return attribute(Fields(bytes([3, 2]) + widths + b"\0" + name + kind + reference + value, file))


def test_text_hides_behind_no_dataspace_that_another_object_holds() -> None:
    scalar, none = struct.pack("<BBBxxxxx", 1, 0, 0), struct.pack("<BBBB", 2, 0, 0, 2)
    assert named(scalar, b"0123456789") == Named("model_config", b"0123456789")
    assert named(none, b"") == Named("model_config", None)
