"""`modelward key`: the group."""

from __future__ import annotations

import click
import pytest

from modelward.cli.key import SUBCOMMANDS, key


def test_help_lists_every_subcommand(command):
    done = command("key", "--help")
    assert done.code == 0
    for name, (_, _, about) in SUBCOMMANDS.items():
        assert name in done.out
        assert about.split()[0] in done.out


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_subcommand_in_the_table_exists(name):
    assert isinstance(key.get_command(click.Context(key), name), click.Command)


def test_unknown_subcommand_is_refused(command):
    done = command("key", "frobnicate")
    assert (done.code, done.out) == (2, "")
