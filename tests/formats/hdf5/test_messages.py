from __future__ import annotations

import h5py
import pytest
from tests.formats.hdf5.written import VERSIONS, attributes, written

from modelward.core.errors import InputError
from modelward.formats.hdf5.file import File
from modelward.formats.hdf5.messages import Message, messages, shared_body
from modelward.formats.source import BytesSource


@pytest.mark.parametrize("libver", VERSIONS)
def test_messages_go_on_in_further_blocks(libver: tuple[str, str]) -> None:
    def fill(file: h5py.File) -> None:
        for index in range(7):
            file.attrs[f"attribute {index}"] = "x" * 300

    assert len(attributes(written(fill, libver=libver))) == 7


def test_types_that_attributes_share_are_found() -> None:
    def fill(file: h5py.File) -> None:
        file["type"] = h5py.string_dtype(length=5)
        file.attrs.create("shared", b"12345", dtype=file["type"])

    assert attributes(written(fill)) == {("/", "shared"): b"12345"}


def test_table_of_shared_messages_is_said_not_to_be_read() -> None:
    file = File(BytesSource(written(lambda file: None)), 0)
    with pytest.raises(InputError, match="not read"):
        shared_body(file, Message(3, True, b"\x03\x01" + bytes(8), 0), 3)


@pytest.mark.parametrize("address", [None, 1, 1 << 40])
def test_object_that_is_not_there(address: int | None) -> None:
    file = File(BytesSource(written(lambda file: None)), 0)
    with pytest.raises(InputError):
        list(messages(file, address))


def test_header_that_continues_in_itself_ends() -> None:
    block = b"\x10\x00" + (16).to_bytes(2, "little") + bytes(4)
    at = 4096
    block += (at + 16).to_bytes(8, "little") + (24).to_bytes(8, "little")
    header = b"\x01\x00\x01\x00" + (1).to_bytes(4, "little") + (24).to_bytes(4, "little") + bytes(4) + block
    data = written(lambda file: None)
    file = File(BytesSource(data.ljust(at, b"\0")[:at] + header), 0)
    with pytest.raises(InputError, match="circle"):
        list(messages(file, at))
