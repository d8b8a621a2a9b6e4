"""What the `modelward data` commands share: options and how their values are read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.core.errors import UsageError

if TYPE_CHECKING:
    from modelward.data.index import Index

PATH = click.Path(path_type=Path)


class _Place(click.Path):
    """A path, or the address of objects in a store, which no path may be made of."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from modelward.data.address import is_remote

        return value if is_remote(value) else super().convert(value, param, ctx)


#: Where data lie: a `Path`, or an address as text.
PLACE = _Place(path_type=Path)
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


def name_of(place: Path | str) -> str:
    """The last part of a path or address."""
    return place.name if isinstance(place, Path) else place.rstrip("/").rpartition("/")[2]


def index_place(place: Path | str) -> Path:
    """Where the index lies unless told otherwise: beside the data; of objects in a store, here."""
    from modelward.data.index import default_path

    return default_path(place if isinstance(place, Path) else Path(name_of(place)))


def taken_from(path: Path | str, name: str, types: dict[str, str], label: tuple[str, ...] = ()) -> Index:
    """Snapshot of one of the datasets of a step. JSONL and Parquet files have types of their own."""
    from modelward.cli.progress import progress
    from modelward.data.index import Options
    from modelward.data.readers.formats import DELIMITED, suffix_of
    from modelward.data.snapshot import take

    delimited = not isinstance(path, Path) or path.is_dir() or suffix_of(path.name) in DELIMITED
    options = Options(types if delimited else {}, label=label)
    return take(path, name, options, progress(f"reading {name_of(path)}"))
