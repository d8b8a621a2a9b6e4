from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from modelward.core.errors import InputError
from modelward.data.exchange import croissant, declared
from modelward.data.exchange.facts import Agent, Description

TOML = """
description = "of us"
licences = ["MIT"]
creators = [{name = "Lab", kind = "Organization"}]
published = "2026-11-22"

[trust-alliance.provenance]
origin-geography = [{country = "NL"}]
"""


def test_a_declaration_fills_what_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "d.toml").write_text(TOML)
    said = declared.read(tmp_path / "d.toml")
    known = said.completed(Description(name="x", licences=("CC0-1.0",)))
    assert (known.text, known.licences) == ("of us", ("CC0-1.0",))
    assert known.creators == (Agent(name="Lab", kind="Organization"),)
    assert said.trust_alliance.provenance.origin_geography[0].country == "NL"


def test_a_former_description_is_a_declaration(described: Callable[[], Description], tmp_path: Path) -> None:
    dataset = described()
    (tmp_path / "croissant.json").write_text(json.dumps(croissant.write(dataset)))
    known = declared.read(tmp_path / "croissant.json").completed(Description(name="sms"))
    assert (known.keywords, known.citation, known.text) == (dataset.keywords, dataset.citation, dataset.text)
    assert known.files == ()


@pytest.mark.parametrize("text", ["x", "unknown = 1", "licences = 'MIT'", "[trust-alliance.use]\nfoo = 1"])
def test_a_bad_declaration_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "d.toml").write_text(text)
    with pytest.raises(InputError, match="not a declaration"):
        declared.read(tmp_path / "d.toml")


def test_a_missing_declaration_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        declared.read(tmp_path / "d.toml")
