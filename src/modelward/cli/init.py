"""`modelward init`: an identity, keys, a trust policy and a log in one step, explained."""

from __future__ import annotations

import getpass
import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelward.cli import output
from modelward.cli.config import FILE, load_config
from modelward.cli.home import Home, checked_name
from modelward.core import atomic
from modelward.core.errors import InputError, UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.attest.keys.signer import Signer

#: What a founder's own key may do. The standard policy still does not let them approve their own work.
FOUNDER_ROLES = (
    "publisher",
    "data-steward",
    "trainer",
    "evaluator",
    "scanner",
    "approver",
    "administrator",
)


@click.command("init")
@click.argument("directory", type=click.Path(path_type=Path), default=Path("registry"))
@click.option(
    "--policy",
    "blueprint",
    type=click.Choice(["observe", "standard", "strict"]),
    default="standard",
    show_default=True,
    help="What the gate asks for; the file can be changed later.",
)
@click.option("--name", help="The registry's name (default: the directory's name).")
@click.option("--as", "who", help="Your name in the registry (default: your user name).")
@click.option("--person", help="Who you are beyond this name, such as an e-mail address (default: the name).")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice(FOUNDER_ROLES),
    metavar="ROLE",
    help="A role of your key (default: all roles of people).",
)
@click.option("--metric", "metrics", multiple=True, metavar="NAME=MIN", help="A threshold for evaluations.")
@click.option("--no-passphrase", is_flag=True, help="Leave new keys of yours unencrypted.")
def init(
    directory: Path,
    blueprint: str,
    name: str | None,
    who: str | None,
    person: str | None,
    roles: tuple[str, ...],
    metrics: tuple[str, ...],
    no_passphrase: bool,
) -> None:
    """Make a registry in DIRECTORY, and an identity for you if you have none."""
    from modelward.registry import blueprints
    from modelward.registry.create import Founder, check_vacant, create

    home = Home.open()
    check_vacant(directory)
    registry_name, your_name = _names(home, directory, name, who)
    policy = blueprints.render(blueprint, _thresholds(metrics))
    own = home.signer_uri if your_name == home.name else None
    identity = home.signer(own) if own else _key(home, your_name, no_passphrase)
    root = _key(home, f"{registry_name}-root", no_passphrase)
    if home.signer_uri is None:
        home.write_identity(your_name, f"file:{home.key_path(your_name)}")
    founder = Founder(your_name, person or your_name, root, identity.public, tuple(roles) or FOUNDER_ROLES)
    pin = create(directory, registry_name, policy, founder)
    home.pin(registry_name, pin)

    output.answer(str(pin))
    keys = escape(str(home.keys_directory))
    place = escape(str(directory))
    output.note(f"made the registry {registry_name} in {place}; it is named by the digest above")
    output.note(f"  you       {your_name}, {identity.public.label}: {', '.join(founder.roles)}")
    output.note(f"  root key  {keys}/{registry_name}-root.pem: signs the trust policy; keep it offline")
    output.note(f"  services  {place}/keys: gate, log and status keys, unencrypted, for this machine alone")
    output.note(f"  policy    {blueprint}: {blueprints.description(blueprint)}")
    output.note(f"  pinned    in {escape(str(home.directory / 'roots.toml'))}; give others the digest to pin")
    output.note(f"  settings  {_configure(directory)}")
    if home.name != your_name:
        output.note(
            f"  signer    your default key is {home.name}'s; act here with --key {keys}/{your_name}.pem"
        )
    output.note(
        "local, unwitnessed: whoever can read its keys can rewrite it; holders of old checkpoints notice"
    )
    output.note(
        "next: modelward key trust NAME --key PUB.pem --role approver, then modelward push PATH --model NAME"
    )


def _names(home: Home, directory: Path, name: str | None, who: str | None) -> tuple[str, str]:
    """The names of the registry and of its founder. Raises UsageError or InputError for those of others."""
    from modelward.registry.create import SERVICE

    registry_name = checked_name(name or directory.resolve().name)
    if registry_name in home.roots():
        raise InputError(
            f"you have pinned another registry named {registry_name!r}",
            where=str(home.directory / "roots.toml"),
            help="choose another --name, or remove its line if that registry is gone",
        )
    try:
        your_name = checked_name(who or home.name or getpass.getuser())
    except (OSError, KeyError, ImportError):
        raise UsageError("this machine does not say who you are", help="pass --as NAME") from None
    if your_name in (SERVICE, f"{registry_name}-root"):
        raise UsageError(f"{your_name!r} is a name of the registry's own", help="choose another with --as")
    return registry_name, your_name


def _thresholds(metrics: tuple[str, ...]) -> dict[str, float]:
    found: dict[str, float] = {}
    for text in metrics:
        metric, _, value = text.partition("=")
        try:
            found[checked_name(metric)] = float(value)
        except ValueError:
            found[metric] = math.nan
        if not math.isfinite(found[metric]):
            raise UsageError(f"not a threshold: {text!r}", help="write it as --metric f1=0.9")
    return found


def _key(home: Home, name: str, no_passphrase: bool) -> Signer:
    """The user's key of this name, made if it is not there."""
    from modelward.attest.keys.file import generate, write_key
    from modelward.cli.key_file import new_passphrase

    path = home.key_path(name)
    if not path.exists():
        write_key(path, generate(), None if no_passphrase else new_passphrase(path))
    return home.signer(f"file:{path}")


def _configure(directory: Path) -> str:
    """Name the registry in ./modelward.toml, unless there are settings already; say what is in force."""
    import json

    line = f"registry = {json.dumps(str(directory), ensure_ascii=False)}"
    named = load_config().registry
    if named is None and not FILE.exists():
        atomic.write_bytes(FILE, f"{line}\n".encode())
        return f"{FILE} names the registry for commands in this directory"
    if named is None:
        return f"put this into {FILE}, or pass --registry: {escape(line)}"
    if named.resolve() != directory.resolve():
        return f"commands in this directory use {escape(str(named))}; for this registry pass --registry"
    return "commands in this directory use the registry already"
