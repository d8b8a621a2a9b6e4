"""The reference page says what the commands say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from modelward.cli import reference
from modelward.cli.app import VERBS
from modelward.core import errors

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "cli.md"
COMMANDS = {context.command_path: context for context in reference.commands()}


def test_page_is_what_the_commands_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference.render(), "docs/cli.md is stale: run `make docs`"


def test_every_verb_is_on_the_page() -> None:
    headings = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("## ")]
    assert {f"## modelward {verb}" for verb in VERBS} <= set(headings)
    assert len(headings) == len(set(headings))


@pytest.mark.parametrize("path", COMMANDS)
def test_command_says_what_it_does(path: str) -> None:
    assert COMMANDS[path].command.get_short_help_str(), f"{path} has no help"


@pytest.mark.parametrize("path", COMMANDS)
def test_every_option_says_what_it_does(path: str) -> None:
    context = COMMANDS[path]
    options = [p for p in context.command.get_params(context) if p.param_type_name == "option"]
    silent = [p.opts[0] for p in options if not getattr(p, "help", None) and not getattr(p, "hidden", False)]
    assert not silent, f"{path}: no help for {', '.join(silent)}"


def test_every_environment_variable_is_on_the_page() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    assert set(re.findall(r"\bMODELWARD_[A-Z]+(?:_[A-Z]+)*\b", source)) == set(reference.ENVIRONMENT)


def test_every_exit_code_has_a_meaning() -> None:
    codes = {value for name, value in vars(errors).items() if name.startswith("EXIT_")}
    page = reference.render()
    for code in codes:
        assert f"\n| {code} | " in page


def test_every_setting_is_on_the_page() -> None:
    from dataclasses import fields

    from modelward.cli.config import SETTINGS, Config

    assert set(SETTINGS) == {field.name for field in fields(Config)}
    page = reference.render()
    assert all(f"| `{name}` |" in page for name in SETTINGS)
