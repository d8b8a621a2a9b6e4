"""`modelward key new`, `key list` and `key show`: keys in files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from modelward.cli import output
from modelward.cli.home import Home
from modelward.core.errors import InputError, UsageError
from modelward.core.escape import escape


@click.command("new")
@click.argument("name", default="default")
@click.option(
    "--algorithm",
    type=click.Choice(["ecdsa-p256", "ecdsa-p384", "ed25519"]),
    default="ecdsa-p256",
    show_default=True,
    help="OMS signatures and most hardware need ECDSA.",
)
@click.option("--no-passphrase", is_flag=True, help="Leave the key unencrypted: for machines.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the private key to this file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def new(name: str, algorithm: str, no_passphrase: bool, out: Path | None, as_json: bool) -> None:
    """Make a private key NAME and its public half.

    The passphrase comes from MODELWARD_PASSPHRASE, or is asked for on a terminal. Nothing is overwritten.
    """
    from modelward.attest.keys.file import generate, public_path, write_key

    path = out or Home.open().key_path(name)
    for taken in (path, public_path(path)):
        if taken.exists():
            raise InputError("file exists", where=str(taken), help="choose another name")
    public = write_key(path, generate(algorithm), None if no_passphrase else new_passphrase(path))
    if as_json:
        answer = {"algorithm": algorithm, "id": public.id, "private": str(path)}
        output.answer_json(answer | {"public": str(public_path(path)), "encrypted": not no_passphrase})
        return
    output.answer(f"key      {public.label}\nid       {public.id}")
    output.answer(f"private  {escape(str(path))} ({'not encrypted' if no_passphrase else 'encrypted'})")
    output.answer(f"public   {escape(str(public_path(path)))}")


def new_passphrase(path: Path) -> str:
    """A passphrase for the key to be written at `path`. Raises UsageError where nobody can be asked."""
    from modelward.attest.keys.file import PASSPHRASE_VARIABLE

    given = os.environ.get(PASSPHRASE_VARIABLE)
    if given:
        return given
    if not sys.stdin.isatty():
        raise UsageError(
            "no passphrase for the new key",
            help=f"set {PASSPHRASE_VARIABLE}, run this on a terminal, or pass --no-passphrase",
        )
    chosen: str = click.prompt(
        f"passphrase for {path.name}", hide_input=True, confirmation_prompt=True, err=True
    )
    return chosen


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_keys(as_json: bool) -> None:
    """List the keys in your keys directory; the default signer is marked."""
    from modelward.attest.keys.file import public_path
    from modelward.cli.public_key import read_public_file

    home = Home.open()
    default = home.signer_uri
    keys = []
    for path in sorted(home.keys_directory.glob("*.pem")):
        entry = {"name": path.stem, "default": default == f"file:{path}"}
        try:
            public = read_public_file(public_path(path))
            keys.append(entry | {"label": public.label, "id": public.id})
        except InputError as error:
            keys.append(entry | {"label": f"unreadable: {error.message}", "id": ""})
    if as_json:
        output.answer_json({"keys": keys})
    for entry in keys if not as_json else []:
        mark = "  (default signer)" if entry["default"] else ""
        output.answer(f"{escape(str(entry['name'])):<20}  {escape(str(entry['label']))}{mark}")
    if not keys:
        output.note(f"no keys in {escape(str(home.keys_directory))}: modelward key new")


@click.command("show")
@click.argument("key", required=False)
@click.option("--pem", "as_pem", is_flag=True, help="Print only the PEM public key.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(key: str | None, as_pem: bool, as_json: bool) -> None:
    """Show KEY: a name in your keys directory, a public key file, or a signer's URI.

    Without KEY: the default signer. A passphrase or PIN is needed only for a URI.
    """
    from modelward.cli.public_key import load_public_key

    public = load_public_key(key)
    if as_pem:
        output.answer(public.pem)
    elif as_json:
        fields = {"algorithm": public.algorithm, "id": public.id, "label": public.label}
        output.answer_json(fields | {"oms_hint": public.oms_hint, "pem": public.pem})
    else:
        output.answer(f"algorithm  {public.algorithm}\nid         {public.id}")
        output.answer(f"label      {public.label}\noms hint   {public.oms_hint}\n\n{public.pem}")
