from __future__ import annotations

import h5py
import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.hdf5.written import VERSIONS, address_of, crowd, items, shared, written

from modelward.core.errors import InputError
from modelward.formats import hdf5
from modelward.formats.hdf5 import Payload
from modelward.formats.source import BytesSource


@pytest.mark.parametrize("size", [20, 200_000])
def test_pickle_in_an_opaque_dataset_is_shown(size: int) -> None:
    pickle = b"\x80\x04" + b"N0" * (size // 2) + b"N."

    def fill(file: h5py.File) -> None:
        file["model"] = numpy.void(pickle)

    assert Payload("/model", pickle) in items(written(fill))


def test_pickle_hides_behind_no_dataspace_that_another_object_holds() -> None:
    pickle = b"\x80\x04" + b"N0" * 40 + b"N."

    def fill(file: h5py.File) -> None:
        file.create_dataset("model", (1,), f"V{len(pickle)}")[0] = numpy.void(pickle)
        file.create_dataset("words", (1,), f"V{len(pickle)}")[0] = numpy.void(b"x" * len(pickle))

    data = written(fill)
    places = [address_of(data, path) for path in ("model", "words")]
    for address in places:
        data = shared(data, address, 0x01)
    assert items(data) == [Payload("/model", pickle)]


def test_pickle_hides_behind_no_named_type() -> None:
    pickle = b"\x80\x04" + b"N0" * 40 + b"N."

    def fill(file: h5py.File) -> None:
        file["type"] = numpy.dtype(f"V{len(pickle)}")
        file.create_dataset("model", (1,), file["type"])[0] = numpy.void(pickle)
        file.create_dataset("words", (1,), file["type"])[0] = numpy.void(b"x" * len(pickle))

    assert items(written(fill)) == [Payload("/model", pickle)]


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
