"""Command groups whose commands are listed in a table and imported only when used."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, ClassVar

import click


class LazyGroup(click.Group):
    """Subclasses set `TABLE`: command -> (module under modelward.cli, function, one line of help)."""

    TABLE: ClassVar[Mapping[str, tuple[str, str, str]]]
    HEADING: ClassVar[str] = "Commands"

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order of the table."""
        return list(self.TABLE)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and return its command."""
        if cmd_name not in self.TABLE:
            return None
        module, attribute, _ = self.TABLE[cmd_name]
        command: Any = getattr(importlib.import_module(f"modelward.cli.{module}"), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"modelward.cli.{module}.{attribute} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table."""
        with formatter.section(self.HEADING):
            formatter.write_dl([(name, entry[2]) for name, entry in self.TABLE.items()])
