"""`modelward key root`: a registry's identity, and pinning it."""

from __future__ import annotations

from pathlib import Path

import click

from modelward.cli import output
from modelward.cli.config import load_config
from modelward.cli.home import Home, checked_name
from modelward.cli.publish import registry_directory
from modelward.core.digest import Digest
from modelward.core.errors import InputError, Rejected, UsageError
from modelward.core.escape import escape


@click.command("root")
@click.option("--registry", type=click.Path(path_type=Path), help="The registry's directory.")
@click.option("--pin", metavar="DIGEST", help="Start trust in a registry from this identity.")
@click.option(
    "--from", "file", type=click.Path(path_type=Path), help="As --pin, with the identity in this file."
)
@click.option("--name", help="What you call the registry (default: its own name).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def root(registry: Path | None, pin: str | None, file: Path | None, name: str | None, as_json: bool) -> None:
    """Print a registry's identity, or pin one.

    The identity is the digest of the registry's first trust policy. Get it from the registry's owner over a
    channel that an attacker does not hold, and pin it: nothing else starts trust.
    """
    if pin is not None and file is not None:
        raise UsageError("give --pin or --from, not both")
    directory = registry or load_config().registry
    if pin is None and file is None:
        known, identity = _show(registry_directory(registry), as_json)
        if not as_json and known is None:
            output.note(f"not pinned: compare it with what the owner says, then key root --pin {identity}")
        return
    identity = _identity(pin if pin is not None else _read(file or Path()))
    chosen = checked_name(name) if name else None
    if directory is not None and directory.is_dir():
        own_name, own = _read_registry(directory)
        if (chosen is None or chosen == own_name) and own != identity:
            raise Rejected(
                f"the registry there is {own}, not {identity}",
                where=str(directory),
                help="one of the two is not what you think it is; pin nothing before you know",
            )
        chosen = chosen or own_name
    if chosen is None:
        raise UsageError("the registry has no name here", help="pass --name NAME, as its owner calls it")
    Home.open().pin(chosen, identity)
    output.answer(f"{chosen} {identity}")
    output.note(f"pinned in {escape(str(Home.open().directory / 'roots.toml'))}")


def _show(directory: Path, as_json: bool) -> tuple[str | None, Digest]:
    """Print what the directory says, checked as far as it can vouch for itself, and whether it is pinned."""
    name, identity = _read_registry(directory)
    roots = Home.open().roots()
    if name in roots and roots[name] != identity:
        raise Rejected(
            f"you have pinned {name} to {roots[name]}, the registry there is {identity}", where=str(directory)
        )
    pinned = next((known for known, digest in roots.items() if digest == identity), None)
    if as_json:
        output.answer_json({"identity": str(identity), "name": name, "pinned": pinned is not None})
    else:
        output.answer(str(identity))
    return pinned, identity


def _read_registry(directory: Path) -> tuple[str, Digest]:
    """The name and identity that a registry directory gives itself. Raises InputError or Rejected."""
    from modelward.attest.trust import walk_to_renew
    from modelward.attest.trust_files import load_versions
    from modelward.core import instant

    versions = load_versions(directory)
    if not versions[0]:
        raise InputError("nobody signed the first trust policy", where=str(directory))
    identity = versions[0][0].statement.subject
    return walk_to_renew(identity, versions, now=instant.now()).policy.name, identity


def _read(file: Path) -> str:
    from modelward.cli.public_key import read_capped

    try:
        return read_capped(file, max_bytes=4096).decode("ascii").strip()
    except UnicodeDecodeError:
        raise InputError("not a registry identity", where=str(file)) from None


def _identity(text: str) -> Digest:
    identity = Digest.parse(text)
    if identity.algorithm != "sha256":
        raise InputError(f"not a registry identity: {text!r}", help="write it as sha256:HEX")
    return identity
