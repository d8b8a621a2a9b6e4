from __future__ import annotations

from pathlib import Path

import h5py
import numpy
import pytest
from tests.formats.hdf5.written import VERSIONS, items, written

from modelward.formats.hdf5 import External, Filter


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
