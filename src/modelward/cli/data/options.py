"""What the `modelward data` commands share: options and how their values are read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.core.errors import UsageError

if TYPE_CHECKING:
    from modelward.data.index import Index
    from modelward.data.options import Options

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
KEYED = click.option(
    "--keyed",
    metavar="COLUMN",
    multiple=True,
    help="Hash the cells of this column with the leaf key: nobody without it can guess them.",
)


def _prefer(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    """The engine of the option; else of the environment; else of the configuration."""
    from modelward.cli.config import load_config
    from modelward.data import engine

    if value is None and engine.VARIABLE not in os.environ:
        value = load_config().data.get("engine")
    engine.prefer(value)
    ctx.call_on_close(lambda: engine.prefer(None))


ENGINE = click.option(
    "--engine",
    metavar="URL",
    expose_value=False,
    callback=_prefer,
    help="Who does the work: local, local:N processes, or a Dask cluster, tcp://HOST:PORT.",
)
#: Columns that an index repeats as text, so that rows are counted and traced by them.
_LABELS = {
    "contributor": "Who gave the row.",
    "source": "Where the row is from.",
    "time": "When the row was made.",
    "label": "What sorts the rows: a class, a reason.",
}


def labelling(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that name such columns. Their values are for `labelled`."""
    for kind, text in reversed(_LABELS.items()):
        command = click.option(f"--{kind}-column", metavar="COLUMN", multiple=True, help=text)(command)
    return command


def labelled(options: Options, said: dict[str, Any]) -> Options:
    """These options with the columns that a command was told to repeat, which are taken out of `said`."""
    return replace(
        options,
        contributor=said.pop("contributor_column"),
        source=said.pop("source_column"),
        time=said.pop("time_column"),
        label=said.pop("label_column"),
    )


LEAF_KEY = click.option("--leaf-key", metavar="FILE", type=PATH, help="The key of the keyed columns.")
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


def read_options(
    types: Iterable[str],
    keyed: tuple[str, ...] = (),
    leaf_key: Path | None = None,
    new_leaf_key: Path | None = None,
) -> Options:
    """How the datasets of a command are read. Makes the new key. Raises UsageError, InputError."""
    from modelward.data import leaf_key as keys
    from modelward.data.options import Options

    if leaf_key and new_leaf_key:
        raise UsageError("there is one leaf key", help="give --leaf-key or --new-leaf-key")
    if (leaf_key or new_leaf_key) and not keyed:
        raise UsageError("--leaf-key is for the columns of --keyed", help="name them: --keyed COLUMN")
    wanted = parse_types(types)
    key = keys.read(leaf_key) if leaf_key else keys.make(new_leaf_key) if new_leaf_key else None
    return keys.identified(Options(wanted, keyed=keyed, key=key))


def taken_from(path: Path | str, name: str, options: Options) -> Index:
    """Snapshot of one of the datasets of a step. JSONL and Parquet files have types of their own."""
    from modelward.cli.progress import progress
    from modelward.data.address import name_of
    from modelward.data.readers.formats import DELIMITED, suffix_of
    from modelward.data.snapshot import take

    delimited = not isinstance(path, Path) or path.is_dir() or suffix_of(path.name) in DELIMITED
    own = options if delimited else replace(options, types={})
    return take(path, name, own, progress(f"reading {name_of(path)}"))
