"""The mix of licences."""

from __future__ import annotations

from typing import Any

import pytest
from tests.data.profile.conftest import rows, rules

from modelward.data.profile.licences import RESTRICTED


@pytest.mark.parametrize(
    "name", ["CC-BY-NC-4.0", "cc by nd", "non-commercial use", "research only", "proprietary"]
)
def test_restricted_licences(name: str) -> None:
    assert RESTRICTED.search(name)


@pytest.mark.parametrize(
    "name", ["MIT", "Apache-2.0", "CC-BY-4.0", "CC0-1.0", "ODbL", "NCSA", "BSD-3-Clause"]
)
def test_free_licences(name: str) -> None:
    assert not RESTRICTED.search(name)


def test_rows_without_a_licence_and_under_a_restricted_one_are_told(profiled: Any) -> None:
    content = rows(100)
    for number, row in enumerate(content):
        row["licence"] = "CC-BY-NC-4.0" if number < 3 else "MIT"
    content[50]["licence"] = None
    found = profiled({"d.parquet": content})
    assert {one.licence: one.rows for one in found.licences} == {"MIT": 96, "CC-BY-NC-4.0": 3, "": 1}
    assert {"licence-missing", "licence-restricted"} <= rules(found)
    for row in content:
        row["licence"] = "MIT"
    assert not {"licence-missing", "licence-restricted"} & rules(profiled({"d.parquet": content}))
