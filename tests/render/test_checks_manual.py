"""Every check is documented, on the page and on the command line."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from modelward.core.errors import UsageError
from modelward.data import checks
from modelward.data.checks.run import CHECKS
from modelward.render.checks_manual import manual, page

FOLDER = Path(checks.__file__).parent


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_says_what_it_finds_and_what_not(name: str) -> None:
    text = page(name)
    assert text.startswith(f"{name}, version ")
    title = text.split("\n")[2]
    assert 20 < len(title) <= 110
    assert title.endswith(".")
    assert len(text) > 300
    assert f"\n## {name}\n" in manual()


def test_every_file_that_is_a_check_is_in_the_table() -> None:
    names = [f"modelward.data.checks.{path.stem}" for path in FOLDER.glob("*.py") if path.stem != "run"]
    known = {name for name in names if {"VERSION", "check"} <= vars(importlib.import_module(name)).keys()}
    assert known == set(CHECKS.values())


def test_a_check_that_there_is_not_is_refused() -> None:
    with pytest.raises(UsageError, match="no check is called 'other'"):
        page("other")
