"""`modelward key`: make, list and show keys; the trust policy's subcommands are added lazily."""

from __future__ import annotations

import importlib

import click

#: Subcommand -> (module under modelward.cli, function, one line of help), as in `cli.app.VERBS`.
SUBCOMMANDS: dict[str, tuple[str, str, str]] = {
    "new": ("key_file", "new", "Make a private key and its public half."),
    "list": ("key_file", "list_keys", "List the keys in your keys directory."),
    "show": ("key_file", "show", "Show a key's algorithm, id and public half."),
    "root": ("key_root", "root", "Print a registry's identity, or pin one."),
    "trust": ("key_trust", "trust", "Let somebody sign in a registry; list whose keys may sign what."),
    "retire": ("key_trust", "retire", "End a key's validity; what it provably signed before still counts."),
    "revoke": ("key_trust", "revoke", "Revoke a key for good, by the root keys."),
    "renew": ("key_trust", "renew", "Renew the trust policy, and change what it asks for."),
}


class KeyGroup(click.Group):
    """Subcommands are found in the table and imported only when used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All subcommands, in the order of the table."""
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the subcommand's module and return its command."""
        if cmd_name not in SUBCOMMANDS:
            return None
        module, attribute, _ = SUBCOMMANDS[cmd_name]
        command = getattr(importlib.import_module(f"modelward.cli.{module}"), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"modelward.cli.{module}.{attribute} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry[2]) for name, entry in SUBCOMMANDS.items()])


@click.group(cls=KeyGroup)
def key() -> None:
    """Make and show keys; read and change the trust policy that says what each may sign."""
