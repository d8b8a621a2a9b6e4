"""Folders of pictures, recordings and films, read as `datasets` reads `imagefolder` and `audiofolder`.

A row is a line of `metadata.csv`, `.jsonl` or `.parquet` and the file that its `file_name` names; that column
becomes `image`, `audio` or `video`, a struct of the file's `bytes` and `path` (its last part), which is what
`datasets` saves and uploads. A column `x_file_name` becomes `x` likewise. Without such a table each folder
is a shard, and the `label` of its rows is its name, unless that is the name of a split.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from pathlib import PurePosixPath

from modelward.core.errors import InputError, LimitExceeded
from modelward.data.cells import Value
from modelward.data.readers.formats import required_reader
from modelward.data.readers.shard import BATCH_BYTES, BATCH_ROWS, MAX_MEDIA_BYTES, Batch, OpenShard
from modelward.data.shape import TEXT, Shape

#: Suffix of the file's name, in lower case -> the column it makes.
KINDS = {
    **dict.fromkeys(
        (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".jp2", ".ico"),
        "image",
    ),
    **dict.fromkeys((".wav", ".mp3", ".flac", ".ogg", ".opus", ".m4a", ".aac", ".aiff", ".au"), "audio"),
    **dict.fromkeys((".mp4", ".mkv", ".avi", ".mov", ".webm", ".mpeg", ".mpg"), "video"),
}
#: Names of tables that describe the files beside and below them.
TABLES = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
SPLITS = frozenset({"train", "training", "test", "testing", "validation", "valid", "val", "dev", "eval"})
LABEL = "label"

_NAME = "file_name"
_FILE = Shape("struct", fields={"bytes": Shape("bytes", frozenset({"binary"})), "path": TEXT})


def kind_of(name: str) -> str | None:
    """`image`, `audio`, `video`, or None for another file."""
    return KINDS.get(PurePosixPath(name.lower()).suffix)


def read_table(shard: OpenShard, types: Mapping[str, str]) -> Generator[Batch, None, None]:
    """Read the rows of a table, each with its files. Raises InputError naming row and file."""
    unlisted = set(shard.files) - {shard.name}
    done = 0
    for batch in required_reader(shard.name)(shard, types):
        columns = [name for name in batch.columns if name == _NAME or name.endswith(f"_{_NAME}")]
        if batch.rows and not columns:
            raise shard.bad("start", f"there is no column {_NAME!r}", f"name each row's file in {_NAME!r}")
        for start in range(0, batch.rows, _STEP):
            part = _part(batch, start, _STEP)
            yield from _with_files(shard, part, columns, done, unlisted)
            done += part.rows
    if unlisted:
        raise InputError(
            f"the file is not listed in {shard.name}",
            where=min(unlisted),
            help="add a row for it, or move it out of the folder",
        )


_STEP = 64  # rows whose files are looked at before a batch is cut


def _part(batch: Batch, start: int, count: int) -> Batch:
    columns = {name: values[start : start + count] for name, values in batch.columns.items()}
    return Batch(columns, min(count, batch.rows - start), batch.shapes)


def _with_files(
    shard: OpenShard, batch: Batch, columns: list[str], done: int, unlisted: set[str]
) -> Iterator[Batch]:
    """The batch with the files of its rows, cut where they are large."""
    start = size = 0
    files: list[dict[str, Value]] = []
    for at in range(batch.rows):
        row, read = _files(shard, batch, columns, at, done, unlisted)
        files.append(row)
        size += read
        if size > BATCH_BYTES or at + 1 == batch.rows:
            yield _joined(shard, _part(batch, start, len(files)), columns, files)
            start, size, files = at + 1, 0, []


def _files(
    shard: OpenShard, batch: Batch, columns: list[str], at: int, done: int, unlisted: set[str]
) -> tuple[dict[str, Value], int]:
    """The files of one row by column, and their size."""
    found: dict[str, Value] = {}
    size = 0
    for column in columns:
        place = f"row {done + at + 1}"
        listed = batch.columns[column][at]
        if listed is None:
            continue
        name = _resolved(shard, place, listed)
        kind = kind_of(name) if column == _NAME else column.removesuffix(f"_{_NAME}")
        data = shard.beside(name)
        unlisted.discard(name)
        size += len(data)
        if size > MAX_MEDIA_BYTES:
            raise LimitExceeded(
                f"the files of the row are over {MAX_MEDIA_BYTES >> 20} MiB", where=f"{shard.name}: {place}"
            )
        found[str(kind)] = {"bytes": data, "path": PurePosixPath(name).name}
    if not found:
        raise shard.bad(f"row {done + at + 1}", "the row names no file")
    return found, size


def _resolved(shard: OpenShard, place: str, listed: Value) -> str:
    """The file of the dataset that a row names."""
    help = "name a file beside the table or below it, with '/'"
    if not isinstance(listed, str) or not listed:
        raise shard.bad(place, f"{_NAME} is not a name", help)
    parts = PurePosixPath(listed)
    if parts.is_absolute() or ".." in parts.parts or "\\" in listed or "\0" in listed:
        raise shard.bad(place, f"{listed!r} leads out of the folder", help)
    name = str(PurePosixPath(shard.name).parent / parts)
    if name not in shard.files:
        raise shard.bad(place, f"there is no file {listed!r} that it could be", help)
    return name


def _joined(shard: OpenShard, batch: Batch, columns: list[str], files: list[dict[str, Value]]) -> Batch:
    kept = {name: values for name, values in batch.columns.items() if name not in columns}
    shapes = {name: shape for name, shape in batch.shapes.items() if name in kept}
    for name in dict.fromkeys(name for row in files for name in row):
        if name in kept:
            raise shard.bad("start", f"column {name!r} is there twice: in the table, and as the file")
        kept[name] = [row.get(name) for row in files]
        shapes[name] = _FILE
    return Batch(kept, batch.rows, shapes)


def read_folder(shard: OpenShard, types: Mapping[str, str]) -> Generator[Batch, None, None]:
    """Read the files of one folder, in C-locale order of their names. Raises InputError."""
    folder = PurePosixPath(shard.name).name
    label = None if folder in ("", "..") or folder.lower() in SPLITS else folder
    names: list[str] = []
    read: list[bytes] = []
    size = 0
    for name in shard.files:
        data = shard.beside(name)
        names.append(name)
        read.append(data)
        size += len(data)
        if size > BATCH_BYTES or len(names) == BATCH_ROWS:
            yield _labelled(names, read, label)
            names, read, size = [], [], 0
    yield _labelled(names, read, label)


def _labelled(names: list[str], read: list[bytes], label: str | None) -> Batch:
    columns: dict[str, list[Value]] = {}
    for kind in sorted({str(kind_of(name)) for name in names}):
        columns[kind] = [
            {"bytes": data, "path": PurePosixPath(name).name} if kind_of(name) == kind else None
            for name, data in zip(names, read, strict=True)
        ]
    shapes = dict.fromkeys(columns, _FILE)
    if label is not None:
        columns[LABEL] = [label] * len(names)
        shapes[LABEL] = TEXT
    return Batch(columns, len(names), shapes)
