from __future__ import annotations

import h5py
import numpy
from tests.formats.hdf5.written import VERSIONS, attributes, written


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
