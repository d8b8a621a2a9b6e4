from __future__ import annotations

import h5py
import pytest
from tests.formats.hdf5.written import VERSIONS, attributes, items, written

from modelward.formats.hdf5 import External


@pytest.mark.parametrize("libver", VERSIONS)
def test_external_link_is_shown(libver: tuple[str, str]) -> None:
    def fill(file: h5py.File) -> None:
        file["weights"] = h5py.ExternalLink("/etc/other.h5", "/x")

    assert External("/weights", "link", "/etc/other.h5") in items(written(fill, libver=libver))


def test_group_that_contains_itself_is_walked_once() -> None:
    def fill(file: h5py.File) -> None:
        file.create_group("a").attrs["x"] = "y"
        file["a/self"] = file["a"]
        file["a/root"] = file["/"]

    assert attributes(written(fill)) == {("/a", "x"): b"y"}
