"""Joining commands to the registry: open it, sign a statement, publish it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from modelward.cli.config import load_config
from modelward.cli.home import Home
from modelward.core.digest import Digest
from modelward.core.errors import InputError, UsageError

if TYPE_CHECKING:
    from modelward.attest.bundle import Bundle
    from modelward.attest.keys.signer import Signer
    from modelward.attest.statement import Statement
    from modelward.registry.local import Published, Registry


def registry_directory(named: Path | None) -> Path:
    """The registry that `--registry`, the environment or the configuration names. Raises UsageError."""
    directory = named or load_config().registry
    if directory is None:
        raise UsageError(
            "no registry is named", help='pass --registry DIR, or set registry = "DIR" in modelward.toml'
        )
    return directory


def pin_of(home: Home, directory: Path, given: str | None = None) -> Digest:
    """The pinned identity for a registry: `given`, or the one kept under the registry's name.

    Never taken from the registry itself. Raises InputError when there is no pin.
    """
    if given is not None:
        return Digest.parse(given)
    from modelward.registry.layout import Layout
    from modelward.registry.settings import Settings

    name = Settings.read(Layout(directory).settings).name
    pin = home.roots().get(name)
    if pin is None:
        raise InputError(
            f"you have not pinned the registry {name!r}",
            where=str(directory),
            help="ask its owner for `modelward key root`, then: modelward key root --pin sha256:… --name "
            + name,
        )
    return pin


@contextmanager
def open_registry(named: Path | None = None) -> Iterator[Registry]:
    """Open the registry, from the user's pin, with the user's memory of its log."""
    from modelward.registry.local import Registry

    home = Home.open()
    directory = registry_directory(named)
    pin = pin_of(home, directory)
    kept = home.state_directory / f"{pin.value}.checkpoint"
    with Registry(directory, pin, kept=[kept]) as registry:
        yield registry


@contextmanager
def open_evidence(named: Path | None = None) -> Iterator[Registry]:
    """What the pipeline asks for statements about a digest: the registry."""
    with open_registry(named) as registry:
        yield registry


def publish(statement: Statement, *, registry: Path | None = None, key: str | None = None) -> Published:
    """Sign a statement with `key` (default: the user's signer) and publish it. Raises Rejected."""
    signer = Home.open().signer(key)
    with open_registry(registry) as opened:
        return opened.publish([signed(statement, signer)])[0]


def signed(statement: Statement, signer: Signer) -> Bundle:
    """Sign a statement, with a timestamp where the configuration names an authority."""
    from modelward.attest.bundle import sign_statement

    return sign_statement(statement, signer, load_config().timestamp)
