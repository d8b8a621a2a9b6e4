from __future__ import annotations

from typing import Any

import pytest
from tests.formats.hdf5.written import VERSIONS, attributes, crowd, expected, written


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
