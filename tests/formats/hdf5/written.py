"""HDF5 files written by the HDF5 library, and what our own reader makes of them."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from typing import Any

import h5py
import numpy

from modelward.formats import hdf5
from modelward.formats.hdf5 import Attribute, External, Trouble
from modelward.formats.hdf5.file import File
from modelward.formats.hdf5.messages import messages
from modelward.formats.source import BytesSource

VERSIONS = [("earliest", "v108"), ("v110", "v110"), ("latest", "latest")]


def written(fill: Callable[[h5py.File], None], **options: Any) -> bytes:
    held = io.BytesIO()
    with h5py.File(held, "w", **options) as file:
        fill(file)
    return held.getvalue()


def items(data: bytes) -> list[Any]:
    source = BytesSource(data)
    start = hdf5.start_of(source)
    assert start is not None
    return list(hdf5.walk(source, start))


def attributes(data: bytes) -> dict[tuple[str, str], bytes]:
    found = items(data)
    assert not [item for item in found if isinstance(item, Trouble)]
    return {(item.path, item.name): item.value for item in found if isinstance(item, Attribute)}


def expected(data: bytes) -> dict[tuple[str, str], bytes]:
    """What h5py says of attributes that are one text."""
    found: dict[tuple[str, str], bytes] = {}

    def visit(name: str, thing: Any) -> None:
        for key in thing.attrs:
            value = thing.attrs[key]
            if isinstance(value, str | bytes):
                text = value.encode() if isinstance(value, str) else bytes(value)
                found["/" + name if name else "/", key] = text

    with h5py.File(io.BytesIO(data), "r") as file:
        visit("", file)
        file.visititems(visit)
    return found


def crowd(file: h5py.File) -> None:
    """Many groups, links, attributes: enough for every kind of index."""
    file.attrs["model_config"] = '{"class_name": "Sequential"}'
    file.attrs["fixed"] = numpy.bytes_(b"fixed text")
    file.attrs["number"] = 7
    file.attrs["list"] = ["a", "b"]
    many = file.create_group("many", track_order=True)
    for index in range(300):
        part = many.create_group(f"part {index:03} " + "x" * (index % 50))
        part.attrs["name"] = f"attribute of {index}"
        part.attrs["bytes"] = numpy.bytes_(f"fixed {index}".encode())
    dense = file.create_group("dense")
    for index in range(200):
        dense.attrs[f"attribute {index}"] = f"value {index}"
    dense.attrs["long"] = numpy.bytes_(b"L" * 5000)
    file.create_dataset("data", data=numpy.arange(1000.0), chunks=(100,), compression="gzip").attrs[
        "unit"
    ] = "m"
    file["again"] = file["data"]
    file["soft"] = h5py.SoftLink("/many")


def header(kind: int, body: bytes) -> bytes:
    """An object header of one message."""
    message = struct.pack("<HHBxxx", kind, len(body), 0) + body
    return struct.pack("<BxHIIxxxx", 1, 1, 1, len(message)) + message


def shared(data: bytes, address: int, kind: int) -> bytes:
    """The file, with a message of the object at an address moved into an object of its own behind all."""
    (found,) = [message for message in messages(File(BytesSource(data), 0), address) if message.type == kind]
    changed = bytearray(data + bytes(-len(data) % 8))
    reference = struct.pack("<BBQ", 2, 2, len(changed))
    changed[found.at : found.at + len(found.body)] = reference.ljust(len(found.body), b"\0")
    changed[found.at - 4] |= 2
    return bytes(changed + header(kind, found.body))


def address_of(data: bytes, path: str) -> int:
    """Where the header of an object is."""
    with h5py.File(io.BytesIO(data), "r") as file:
        return int(h5py.h5o.get_info(file[path].id).addr)


def outside(data: bytes) -> list[str]:
    """The other files that a file names."""
    return [item.file for item in items(data) if isinstance(item, External)]
