"""The HDF5 library is the oracle: what it shows, our own reader shows."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelward.core.errors import InputError
from modelward.formats import hdf5
from modelward.formats.hdf5 import Attribute, External, Filter, Payload, Trouble
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
    file.create_dataset("data", data=numpy.arange(1000.0), chunks=(100,), compression="gzip").attrs["unit"] = "m"
    file["again"] = file["data"]
    file["soft"] = h5py.SoftLink("/many")


@pytest.mark.parametrize("libver", VERSIONS)
@pytest.mark.parametrize("options", [{}, {"track_order": True}, {"userblock_size": 2048}], ids=str)
def test_attributes_are_those_that_the_library_shows(libver: tuple[str, str], options: dict[str, Any]) -> None:
    data = written(crowd, libver=libver, **options)
    found = attributes(data)
    for key, value in expected(data).items():
        if "again" not in key[0] and "/data" != key[0]:
            assert found[key] == value
    assert found.get(("/data", "unit"), found.get(("/again", "unit"))) == b"m"


def test_long_attributes_in_dense_storage() -> None:
    def fill(file: h5py.File) -> None:
        for index in range(20):
            file.attrs[f"long {index}"] = numpy.bytes_(bytes([65 + index]) * (70_000 + index))

    data = written(fill, libver="latest")
    assert {len(value) for value in attributes(data).values()} == {70_000 + index for index in range(20)}


def test_thousands_of_links_in_one_group() -> None:
    def fill(file: h5py.File) -> None:
        for index in range(1500):
            file.create_group(f"group {index}").attrs["n"] = str(index)

    for libver in VERSIONS[::2]:
        assert len(attributes(written(fill, libver=libver))) == 1500


@pytest.mark.parametrize("libver", VERSIONS)
def test_external_link_is_shown(libver: tuple[str, str]) -> None:
    def fill(file: h5py.File) -> None:
        file["weights"] = h5py.ExternalLink("/etc/other.h5", "/x")

    assert External("/weights", "link", "/etc/other.h5") in items(written(fill, libver=libver))


@pytest.mark.parametrize("libver", VERSIONS)
def test_external_raw_data_are_shown(libver: tuple[str, str], tmp_path: Path) -> None:
    raw = tmp_path / "raw.bin"
    raw.write_bytes(bytes(80))

    def fill(file: h5py.File) -> None:
        file.create_dataset("a/b", (10,), "f8", external=[(str(raw), 0, 80)])

    assert External("/a/b", "raw", str(raw)) in items(written(fill, libver=libver))


@pytest.mark.parametrize("libver", VERSIONS[1:])
def test_every_file_of_a_virtual_dataset_is_shown(libver: tuple[str, str]) -> None:
    def fill(file: h5py.File) -> None:
        layout = h5py.VirtualLayout((4, 100), "f8")
        for row in range(4):
            layout[row] = h5py.VirtualSource(f"part{row}.h5", "data", (100,))
        file.create_virtual_dataset("all", layout)

    found = [item.file for item in items(written(fill, libver=libver)) if isinstance(item, External)]
    assert found == [f"part{row}.h5" for row in range(4)]


def test_virtual_dataset_of_strided_and_scattered_parts() -> None:
    def fill(file: h5py.File) -> None:
        layout = h5py.VirtualLayout((100,), "f8")
        layout[0:50:5] = h5py.VirtualSource("a.h5", "data", (100,))[0:100:10]
        layout[50:60] = h5py.VirtualSource("../b.h5", "data", (10,))
        file.create_virtual_dataset("all", layout)

    for libver in VERSIONS[1:]:
        found = [item.file for item in items(written(fill, libver=libver)) if isinstance(item, External)]
        assert found == ["a.h5", "../b.h5"]


def test_filters_are_shown_by_number() -> None:
    def fill(file: h5py.File) -> None:
        file.create_dataset("x", data=numpy.zeros(100), chunks=(10,), compression="lzf", shuffle=True)

    found = items(written(fill))
    assert Filter("/x", 2) in found
    assert Filter("/x", 32000) in found


@pytest.mark.parametrize("size", [20, 200_000])
def test_pickle_in_an_opaque_dataset_is_shown(size: int) -> None:
    pickle = b"\x80\x04" + b"N0" * (size // 2) + b"N."

    def fill(file: h5py.File) -> None:
        file["model"] = numpy.void(pickle)

    assert Payload("/model", pickle) in items(written(fill))


@pytest.mark.parametrize("compression", [None, "gzip"])
def test_rows_that_pytables_unpickles_are_shown(compression: str | None) -> None:
    rows = [b"\x80\x04N.", b"cposix\nsystem\n(S'id'\ntR."]

    def fill(file: h5py.File) -> None:
        kind = h5py.vlen_dtype(numpy.uint8)
        data = file.create_dataset("rows", (2,), kind, chunks=(1,), maxshape=(None,), compression=compression)
        for index, row in enumerate(rows):
            data[index] = numpy.frombuffer(row, numpy.uint8)
        data.attrs["PSEUDOATOM"] = numpy.bytes_(b"object")

    assert sorted(item.data for item in items(written(fill)) if isinstance(item, Payload)) == sorted(rows)


def test_group_that_contains_itself_is_walked_once() -> None:
    def fill(file: h5py.File) -> None:
        file.create_group("a").attrs["x"] = "y"
        file["a/self"] = file["a"]
        file["a/root"] = file["/"]

    assert attributes(written(fill)) == {("/a", "x"): b"y"}


SAMPLES = [written(crowd, libver=libver) for libver in VERSIONS]


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), min_size=1, max_size=8),
    st.integers(0, 1 << 20),
)
def test_broken_files_raise_only_our_errors(sample: bytes, changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(sample[: max(64, len(sample) - cut)] if cut % 4 == 0 else sample)
    for at, value in changes:
        data[at % min(len(data), 4096 if at % 2 else len(data))] = value
    source = BytesSource(bytes(data))
    start = hdf5.start_of(source)
    if start is None:
        return
    try:
        for item in hdf5.walk(source, start):
            assert item.path
    except InputError:
        pass
