"""What the `modelward data` commands share: options and how their values are read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelward.core.errors import UsageError

if TYPE_CHECKING:
    from modelward.data.index import Index

PATH = click.Path(path_type=Path)
TYPES = click.option(
    "--type",
    "types",
    metavar="COLUMN=TYPE",
    multiple=True,
    help="Read a CSV column as int64, double or bool; the others are text.",
)
NAME = click.option("--name", metavar="NAME", required=True, help="The dataset's name.")
REGISTRY = click.option("--registry", metavar="DIR", type=PATH, help="The registry to publish to.")
KEY = click.option("--key", metavar="URI", help="The signer (default: yours).")
SUPERSEDES = click.option(
    "--supersedes", metavar="ID", multiple=True, help="A statement that this one replaces."
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def check_name(name: str) -> None:
    """Before a long reading, not after it. Raises UsageError."""
    from modelward.cli.home import checked_name

    checked_name(name)


def parse_types(texts: Iterable[str]) -> dict[str, str]:
    """Column -> type, from `COLUMN=TYPE` texts. Raises UsageError."""
    return parse_pairs(texts, "--type", "COLUMN=int64")


def parse_pairs(texts: Iterable[str], option: str, example: str) -> dict[str, str]:
    """Key -> value, from `KEY=VALUE` texts. Raises UsageError."""
    pairs = {}
    for text in texts:
        name, equals, value = text.rpartition("=")
        if not equals:
            raise UsageError(f"{option} {text!r} has no '='", help=f"write it as {example}")
        pairs[name] = value
    return pairs


def parse_digests(texts: Iterable[str]) -> list[str]:
    """Digests, checked and written one way. Raises InputError."""
    from modelward.core.digest import Digest

    return [str(Digest.parse(text)) for text in texts]


def taken_from(path: Path, name: str, types: dict[str, str], label: tuple[str, ...] = ()) -> Index:
    """Snapshot of one of the datasets of a step. JSONL and Parquet files have types of their own."""
    from modelward.cli.progress import progress
    from modelward.data.index import Options
    from modelward.data.readers.formats import DELIMITED, suffix_of
    from modelward.data.snapshot import take

    delimited = path.is_dir() or suffix_of(path.name) in DELIMITED
    return take(
        path, name, Options(types if delimited else {}, label=label), progress(f"reading {path.name}")
    )
