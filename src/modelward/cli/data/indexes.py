"""Indexes as people name them on the command line: the index file, or the data that it lies beside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from modelward.core.errors import InputError

if TYPE_CHECKING:
    from modelward.data.index import Index

#: How the file of an index is named.
SUFFIX = ".index.parquet"


def index_path(path: Path) -> Path:
    """The index file that is meant: the file itself, or the one beside the data. Raises InputError."""
    from modelward.data.index import default_path

    if path.name.endswith(SUFFIX):
        return path
    beside = default_path(path)
    if beside.is_file():
        return beside
    if path.is_file() and path.suffix == ".parquet":
        return path  # an index under another name, or else not one
    raise InputError(
        "there is no index of it" if path.exists() else "there is no such file",
        where=str(path),
        help=f"make {beside.name} beside it: modelward data snapshot",
    )


def open_named(path: Path) -> tuple[Index, Path]:
    """Open the index that is meant; it is not read through. Gives its path too. Raises InputError."""
    from modelward.data.index_file import open_index

    place = index_path(path)
    return open_index(place), place
