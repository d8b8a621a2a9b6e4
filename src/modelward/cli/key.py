"""`modelward key`: make, list and show keys; the trust policy's subcommands are added lazily."""

from __future__ import annotations

import click

from modelward.cli.lazy import LazyGroup

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


class KeyCommands(LazyGroup):
    """What can be done with keys."""

    TABLE = SUBCOMMANDS


@click.group(cls=KeyCommands)
def key() -> None:
    """Make and show keys; read and change the trust policy that says what each may sign."""
