"""docs/registry.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from tests.registry.town import Town

from modelward.cli.app import modelward as command_line
from modelward.registry.status import MAX_CONTINUITY

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "registry.md").read_text(encoding="utf-8")


def test_the_parts_are_those_of_a_real_registry(town: Town) -> None:
    town.released()
    table = PAGE.split("| part | | truth or not |")[1].split("\n\n")[0]
    named = {part.split("/")[0] for part in re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)}
    there = {path.name for path in town.directory.iterdir()} - {"registry.db-wal", "registry.db-shm"}
    assert named == there


@pytest.mark.parametrize("line", sorted(set(re.findall(r"modelward ([a-z]+(?: [a-z]+)?)", PAGE))))
def test_the_commands_are_there(line: str) -> None:
    found: click.Command | None = command_line
    for word in line.split():
        if isinstance(found, click.Group):
            found = found.get_command(click.Context(found), word)
    assert found is not None


def test_every_command_of_the_group_is_described() -> None:
    group = command_line.get_command(click.Context(command_line), "registry")
    assert isinstance(group, click.Group)
    for name in group.commands:
        assert f"**registry {name}**" in PAGE


def test_the_options_are_there() -> None:
    options = {
        option
        for name in ("init", "push", "registry", "revoke", "approve", "waive", "promote")
        for option in _options(command_line.get_command(click.Context(command_line), name))
    } | _options(command_line.get_command(click.Context(command_line), "key"))
    assert set(re.findall(r"(--[a-z][a-z-]+)", PAGE)) <= options


def _options(command: click.Command | None) -> set[str]:
    if isinstance(command, click.Group):
        inner = (command.get_command(click.Context(command), name) for name in command.list_commands(None))  # type: ignore[arg-type]
        return {option for one in inner for option in _options(one)}
    assert command is not None
    return {option for parameter in command.params for option in parameter.opts}


def test_the_figures_are_those_of_the_code() -> None:
    assert f"the last {MAX_CONTINUITY} checkpoints exported" in PAGE


@pytest.mark.parametrize("page", ["gate", "registry"])
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    assert [target for target in targets if not (ROOT / "docs" / target.split("#")[0]).exists()] == []
