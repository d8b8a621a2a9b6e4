"""Which reader reads which file. To add a format: a module with `read` and a line in `READERS`."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from functools import partial
from pathlib import PurePosixPath

from modelward.core.errors import InputError
from modelward.data.readers import (
    arrow_ipc,
    compressed,
    delimited,
    json_array,
    jsonl,
    parquet,
    text,
    webdataset,
)
from modelward.data.readers.shard import Batch, OpenShard

#: Reads a shard. `types` names the types of CSV columns (see `delimited`); other formats carry their own.
Reader = Callable[[OpenShard, Mapping[str, str]], Generator[Batch, None, None]]

#: Suffix of the file's name, in lower case -> reader.
READERS: dict[str, Reader] = {
    ".csv": delimited.read_csv,
    ".tsv": delimited.read_tsv,
    ".jsonl": jsonl.read,
    ".ndjson": jsonl.read,
    ".json": json_array.read,
    ".parquet": parquet.read,
    ".arrow": arrow_ipc.read,
    ".feather": arrow_ipc.read,
    ".ipc": arrow_ipc.read,
    ".txt": text.read,
    ".md": text.read,
    ".tar": webdataset.read,
}
#: Suffixes whose columns are text unless their types are named.
DELIMITED = frozenset({".csv", ".tsv"})
#: Suffixes of prose, which lies beside data more often than it is data.
PROSE = frozenset({".txt", ".md"})
#: Suffixes that may be followed by one of `compressed.CODECS`; the others compress within.
COMPRESSED = frozenset({".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".txt", ".md", ".tar"})


def suffix_of(name: str) -> str:
    """What a file is by its name, in lower case: `.csv` for `rows.csv.gz`. Empty if that is unknown."""
    suffixes = PurePosixPath(name.lower().replace(".tgz", ".tar.gz")).suffixes
    last = suffixes[-1] if suffixes else ""
    if last in compressed.CODECS:
        inner = suffixes[-2] if len(suffixes) > 1 else ""
        return inner if inner in COMPRESSED else ""
    return last if last in READERS else ""


def reader_for(name: str) -> Reader | None:
    """The reader of a file of this name, or None if it holds no rows that modelward reads."""
    suffix = suffix_of(name)
    if not suffix:
        return None
    codec = compressed.codec_of(name)
    return READERS[suffix] if codec is None else partial(compressed.read, codec=codec, inner=READERS[suffix])


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
