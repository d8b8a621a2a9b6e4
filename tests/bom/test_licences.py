"""Licences as SPDX identifiers, where that is certain."""

from __future__ import annotations

import json
from importlib import resources

import pytest

from modelward.bom import licences
from modelward.bom.licences import spdx_id


@pytest.mark.parametrize(
    ("written", "identifier"),
    [
        ("apache-2.0", "Apache-2.0"),
        (" MIT ", "MIT"),
        ("cc0", "CC0-1.0"),
        ("gpl", None),
        ("GPL-3.0", None),
        ("openrail", None),
        ("", None),
    ],
)
def test_identifier(written: str, identifier: str | None) -> None:
    assert spdx_id(written) == identifier


def test_every_identifier_is_on_the_official_list() -> None:
    listing = (resources.files("cyclonedx.schema") / "_res" / "spdx.SNAPSHOT.schema.json").read_text("utf-8")
    official = set(json.loads(listing)["enum"])
    assert {*licences._KNOWN.values(), *licences._OTHER_NAMES.values()} <= official
