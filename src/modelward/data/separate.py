"""Some rows of a dataset taken out: two datasets in the format that it has, with rows as they were written.

Text is copied line by line, tables record batch by record batch: no value is written anew, so that the rows
keep their digests, which custody checks. Files that hold no rows go with the rows that stay.
"""

from __future__ import annotations

import csv
import lzma
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

import numpy as np

from modelward.core.errors import InputError, UsageError
from modelward.core.progress import Progress, Silent
from modelward.data import places
from modelward.data.arrow import pyarrow
from modelward.data.readers import arrow_ipc, arrow_layout, compressed, json_array, parquet
from modelward.data.readers.formats import suffix_of
from modelward.data.readers.layout import Part
from modelward.data.readers.shard import MAX_ROW_BYTES, OpenShard, SeekSource
from modelward.data.readers.streams import changed


class Separated(NamedTuple):
    """Where the two datasets were written, and how many rows each has."""

    kept: Path
    taken: Path
    kept_rows: int
    taken_rows: int


def separate(
    dataset: places.Dataset, rows: Any, kept: Path, taken: Path, progress: Progress | None = None
) -> Separated:
    """Write the rows of these numbers (sorted, from 0) to `taken`, all others to `kept`.

    A file becomes a file, a directory a directory. Neither path may be there. Raises InputError if the data
    cannot be read, is of a format that cannot be cut row by row, or has no such rows; UsageError for a name
    that promises another format. What was written by then stays.
    """
    for part in dataset.parts:
        _check_format(part)
    single = len(dataset.parts) == 1 and not (dataset.path is not None and dataset.path.is_dir())
    if single:
        _check_name(dataset.parts[0].name, kept)
        _check_name(dataset.parts[0].name, taken)
    progress = progress or Silent()
    progress.start(dataset.size)
    done = out = 0
    rows = np.asarray(rows, np.int64)
    try:
        for part in dataset.parts:
            places_of = (kept, taken) if single else (kept / part.name, taken / part.name)
            with dataset.open(part, progress) as shard:
                count, gone = _part(shard, part, places_of, rows[rows >= done] - done)
                shard.digest()  # refuses a file that changed meanwhile
            done, out = done + count, out + gone
    finally:
        progress.done()
    if out != len(rows):
        raise InputError(f"the data has {done:,} rows, and not all that were named", where=dataset.name)
    if not single:
        _copy_others(dataset, kept)
    return Separated(kept, taken, done - out, out)


def _check_format(part: Part) -> None:
    if not part.single or suffix_of(part.name) not in {*_TEXT, ".parquet", ".arrow", ".feather", ".ipc"}:
        raise InputError(
            "rows of this format cannot be taken out one by one",
            where=part.name,
            help="leave them out yourself, and sign it: modelward data custody --operation filter",
        )


def _check_name(name: str, path: Path) -> None:
    ends = "".join(
        Path(name).suffixes[-2:] if compressed.codec_of(name) else Path(name).suffixes[-1:]
    ).lower()
    if not path.name.lower().endswith(ends):
        raise UsageError(f"the format stays what it is: {ends}", where=str(path), help=f"name it *{ends}")


def _part(shard: OpenShard, part: Part, paths: tuple[Path, Path], rows: Any) -> tuple[int, int]:
    """Write the two files of a part; how many rows it has, and how many were taken. `rows` are its own."""
    suffix, codec = suffix_of(part.name), compressed.codec_of(part.name)
    with ExitStack() as stack:
        if codec is not None:
            shard = stack.enter_context(compressed.unpacked(shard, codec))
        if suffix not in _TEXT:
            return _tables(shard, suffix, paths, rows)
        try:
            return _texts(_TEXT[suffix](shard), codec, paths, rows)
        except (csv.Error, UnicodeDecodeError):  # it was read without them before
            raise changed(part.name) from None


# --- text -------------------------------------------------------------------------------------------------


class _Text(NamedTuple):
    """A file of text: what stands before the rows, the rows, what stands between them and after them."""

    head: bytes
    rows: Iterator[bytes]
    between: bytes = b""
    tail: bytes = b""


def _lines(shard: OpenShard) -> _Text:
    return _Text(b"", map(_ended, shard.lines()))


def _objects(shard: OpenShard) -> _Text:
    return _Text(b"", (_ended(line) for line in shard.lines() if line.strip(b" \t\r\n")))


def _array(shard: OpenShard) -> _Text:
    written = (text.encode() for _, text in json_array.objects(shard))
    return _Text(b"[\n", written, b",\n", b"\n]\n")


def _records(shard: OpenShard, delimiter: str = ",") -> _Text:
    rows = _raw_records(shard, delimiter)
    return _Text(next(rows, b""), rows)


def _raw_records(shard: OpenShard, delimiter: str) -> Iterator[bytes]:
    """The lines of each record, which are several where a quoted cell holds line ends."""
    if csv.field_size_limit() < MAX_ROW_BYTES:
        csv.field_size_limit(MAX_ROW_BYTES)
    lines: list[bytes] = []

    def noted() -> Iterator[str]:
        for line in shard.lines():
            lines.append(line)
            yield line.decode()

    for row in csv.reader(noted(), delimiter=delimiter, strict=True):
        if row:
            yield _ended(b"".join(lines))
        lines.clear()


def _ended(line: bytes) -> bytes:
    return line if line.endswith(b"\n") else line + b"\n"


_TEXT: dict[str, Callable[[OpenShard], _Text]] = {
    ".csv": _records,
    ".tsv": lambda shard: _records(shard, "\t"),
    ".jsonl": _objects,
    ".ndjson": _objects,
    ".json": _array,
    ".txt": _lines,
    ".md": _lines,
}


def _texts(text: _Text, codec: str | None, paths: tuple[Path, Path], rows: Any) -> tuple[int, int]:
    wanted = iter(rows.tolist())
    following = next(wanted, None)
    count = 0
    with ExitStack() as stack:
        sides = [_Side(stack, path, codec, text) for path in paths]
        sides[0].open()
        for number, record in enumerate(text.rows):
            if number == following:
                sides[1].write(record)
                following = next(wanted, None)
            else:
                sides[0].write(record)
            count += 1
        for side in sides:
            side.end()
    return count, sides[1].rows


class _Side:
    """One of the two files. It is made with its first row."""

    def __init__(self, stack: ExitStack, path: Path, codec: str | None, text: _Text) -> None:
        self._stack, self._path, self._codec, self._text = stack, path, codec, text
        self._stream: BinaryIO | None = None
        self.rows = 0

    def open(self) -> BinaryIO:
        """The stream, with what stands before the rows."""
        if self._stream is None:
            self._stream = self._stack.enter_context(_written(self._path, self._codec))
            self._stream.write(self._text.head)
        return self._stream

    def write(self, record: bytes) -> None:
        """Add a row."""
        stream = self.open()
        stream.write(self._text.between + record if self.rows else record)
        self.rows += 1

    def end(self) -> None:
        """Write what stands after the rows."""
        if self._stream is not None:
            self._stream.write(self._text.tail)


@contextmanager
def _written(path: Path, codec: str | None) -> Iterator[BinaryIO]:
    """A new file, packed as `codec` says."""
    with _new(path) as stream:
        if codec is None:
            yield stream
        elif codec == "xz":
            with lzma.open(stream, "wb") as packed:
                yield cast(BinaryIO, packed)
        else:
            named = {"bzip2": "bz2"}.get(codec, codec)
            with (
                os.fdopen(os.dup(stream.fileno()), "wb") as own,  # which is closed with the packing
                pyarrow().CompressedOutputStream(own, named) as packed,
            ):
                yield packed


@contextmanager
def _new(path: Path) -> Iterator[BinaryIO]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror or error}", where=str(path)) from None


# --- tables -----------------------------------------------------------------------------------------------


def _tables(shard: OpenShard, suffix: str, paths: tuple[Path, Path], rows: Any) -> tuple[int, int]:
    arrow = pyarrow()
    try:
        schema, batches, writer = (_parquet if suffix == ".parquet" else _ipc)(shard)
        count = out = 0
        with ExitStack() as stack:
            sinks: list[Any] = [stack.enter_context(_sink(paths[0], schema, writer)), None]
            for batch in batches:
                batch = batch.cast(schema) if batch.schema != schema else batch
                here = rows[(rows >= count) & (rows < count + batch.num_rows)] - count
                mask = np.zeros(batch.num_rows, bool)
                mask[here] = True
                sinks[0].write_batch(batch.filter(arrow.array(~mask)))
                if len(here):
                    sinks[1] = sinks[1] or stack.enter_context(_sink(paths[1], schema, writer))
                    sinks[1].write_batch(batch.filter(arrow.array(mask)))
                count, out = count + batch.num_rows, out + len(here)
        return count, out
    except (arrow.ArrowException, ValueError) as error:
        raise InputError(f"cannot be written anew: {error}", where=shard.name) from None


@contextmanager
def _sink(path: Path, schema: Any, writer: Callable[[Any, Any], Any]) -> Iterator[Any]:
    with _new(path) as stream, writer(stream, schema) as sink:
        yield sink


def _parquet(shard: OpenShard) -> tuple[Any, Iterator[Any], Callable[[Any, Any], Any]]:
    arrow = pyarrow()
    file = parquet.open_file(shard)
    metadata = file.metadata
    packed = (
        metadata.row_group(0).column(0).compression
        if metadata.num_row_groups and metadata.num_columns
        else ""
    )
    codec = "none" if packed in ("", "UNCOMPRESSED") else packed

    def writer(stream: Any, schema: Any) -> Any:
        return arrow.parquet.ParquetWriter(stream, schema, compression=codec)

    return file.schema_arrow, parquet.batches(shard, file), writer


def _ipc(shard: OpenShard) -> tuple[Any, Iterator[Any], Callable[[Any, Any], Any]]:
    arrow = pyarrow()
    source = SeekSource(shard)
    batches = arrow_ipc.batches(source)
    make = arrow.ipc.new_file if arrow_layout.is_file(source) else arrow.ipc.new_stream
    return next(batches), batches, make


# --- other files ------------------------------------------------------------------------------------------


def _copy_others(dataset: places.Dataset, kept: Path) -> None:
    """The files of a directory that hold no rows, as they are."""
    if not isinstance(dataset, places.Folder) or dataset.manifest is None or dataset.path is None:
        return
    parts = {name for part in dataset.parts for name in part.files}
    for entry in dataset.manifest.entries:
        if entry.name in parts:
            continue
        with _new(kept / entry.name) as copy, (dataset.path / entry.name).open("rb") as stream:
            shutil.copyfileobj(stream, copy, 1 << 20)
