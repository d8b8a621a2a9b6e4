"""Which reader reads which file. To add a format: a module with `read` and a line in `READERS`."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from pathlib import PurePath

from modelward.core.errors import InputError
from modelward.data.readers import delimited, jsonl, parquet
from modelward.data.readers.shard import Batch, OpenShard

#: Reads a shard. `types` names the types of CSV columns (see `delimited`); other formats carry their own.
Reader = Callable[[OpenShard, Mapping[str, str]], Generator[Batch, None, None]]

#: Suffix of the file's name, in lower case -> reader.
READERS: dict[str, Reader] = {
    ".csv": delimited.read_csv,
    ".tsv": delimited.read_tsv,
    ".jsonl": jsonl.read,
    ".ndjson": jsonl.read,
    ".parquet": parquet.read,
}


def reader_for(name: str) -> Reader | None:
    """The reader of a file of this name, or None if it holds no rows that modelward reads."""
    return READERS.get(PurePath(name).suffix.lower())


def required_reader(name: str) -> Reader:
    """The reader of a file of this name. Raises InputError."""
    reader = reader_for(name)
    if reader is None:
        raise InputError(
            "not a dataset that modelward reads",
            where=name,
            help=f"give a file, or a directory of files, ending in {', '.join(READERS)}",
        )
    return reader
