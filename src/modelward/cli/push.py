"""`modelward push`: register a directory as the next immutable version of a model."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from modelward.cli import output
from modelward.cli.home import Home, checked_name
from modelward.cli.progress import progress
from modelward.cli.publish import open_registry, signed
from modelward.core import instant
from modelward.core.errors import InputError

if TYPE_CHECKING:
    from modelward.registry.local import Registry


@click.command("push")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--model", required=True, help="The model's name.")
@click.option("--description", default="", help="What this version is.")
@click.option("--registry", type=click.Path(path_type=Path), help="The registry's directory.")
@click.option("--key", help="The signer's URI (default: your identity).")
def push(path: Path, model: str, description: str, registry: Path | None, key: str | None) -> None:
    """Store the directory PATH and register it as the next version of a model."""
    with open_registry(registry) as opened:
        number, entry = register(opened, path, checked_name(model), description, key, "pushed")
    output.answer(f"{model}@{number}")
    output.note("already registered: nothing was added" if entry is None else f"logged as entry {entry}")


def register(
    registry: Registry,
    path: Path,
    model: str,
    description: str,
    key: str | None,
    origin: Literal["pushed", "imported"],
) -> tuple[int, int | None]:
    """Store a directory and log its version statement. Gives version and log entry, None if it was there.

    Raises InputError for what is no directory, Rejected for a signer who may not publish.
    """
    from modelward.artifact.hashing import hash_tree
    from modelward.attest.predicates import Version
    from modelward.attest.statement import Statement

    if not path.is_dir():
        raise InputError(
            "a model is a directory", where=str(path), help="put the files into one, with config and card"
        )
    signer = Home.open().signer(key)
    author = registry.authenticate(signer, "push", model)
    manifest = hash_tree(path, progress=progress("hashing"))
    for entry in manifest.entries:
        registry.store.put_file(path / entry.name, entry.digest)
    registry.store.put_bytes(manifest.to_bytes())
    for known in registry.versions(model):
        if known.artifact == manifest.digest:
            return known.version, None
    number = max((known.version for known in registry.versions(model)), default=0) + 1
    version = Version(
        registry=str(registry.pin),
        model=model,
        version=number,
        author=author.name,
        files=manifest.files,
        bytes=manifest.bytes or 0,
        origin=origin,
        description=description,
        created_at=instant.render(instant.now()),
        nonce=secrets.token_hex(16),
    )
    statement = Statement.of(f"{model}@{number}", manifest.digest, version)
    return number, registry.publish([signed(statement, signer)])[0].index
