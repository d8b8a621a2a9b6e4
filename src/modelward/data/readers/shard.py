"""One shard of a dataset while it is read: its bytes, its bounds, and the errors that name its places."""

from __future__ import annotations

import hashlib
import io
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded, ModelwardError
from modelward.core.progress import Progress
from modelward.data.cells import Value
from modelward.data.readers.streams import BUFFER, HashingFile, Raw, changed
from modelward.data.shape import Shape
from modelward.formats.source import Source

#: A row larger than this, in bytes of the file, is refused.
MAX_ROW_BYTES = 16 << 20
#: So is a picture or a recording larger than this.
MAX_MEDIA_BYTES = 64 << 20
#: A batch ends after this many rows or bytes.
BATCH_ROWS = 8192
BATCH_BYTES = 16 << 20
#: A shard may have so many rows, and so many more for each of its bytes: rows of nulls need no bytes.
FREE_ROWS = 10_000_000
ROWS_PER_BYTE = 1000
#: Columns may unpack to so many bytes, and so many times as many as the file has.
FREE_BYTES = 8 << 30
MAX_RATIO = 1000

_BOM = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Batch:
    """Some rows, by column. `shapes` says what the columns hold where the format knows it."""

    columns: Mapping[str, list[Value]]
    rows: int
    shapes: dict[str, Shape] = field(default_factory=dict)


#: Opens another file of the dataset by its name.
OpenBeside = Callable[[str], AbstractContextManager["OpenShard"]]


class OpenShard:
    """A shard opened for reading. `name` is what errors call it.

    A shard of several files (pictures and the table that describes them) has their names in `files`; `raw` is
    the table, or None where there is none. Of a format that counts its rows, only those of `span` (the first,
    and the one after the last) are read where it is set.
    """

    def __init__(
        self, name: str, raw: Raw | None, files: tuple[str, ...] = (), open_beside: OpenBeside | None = None
    ) -> None:
        self.name = name
        self.files = files
        self.raw = raw
        self.size = raw.size if raw else 0
        self.span: tuple[int, int] | None = None
        self.stream = io.BufferedReader(raw or cast(io.RawIOBase, io.BytesIO()), BUFFER)
        self._open_beside = open_beside
        self._beside: dict[str, Digest] = {}
        self._spool: BinaryIO | None = None
        self._unpacked = 0

    def lines(self) -> Iterator[bytes]:
        """The lines with their ends, without a byte order mark. Raises LimitExceeded, InputError."""
        limit = MAX_ROW_BYTES + 1
        number = 0
        line = self._line(limit, number)
        if line.startswith(_BOM):
            line = line[len(_BOM) :]
        while line:
            number += 1
            if len(line) == limit:
                raise self.too_large(f"line {number}")
            yield line
            line = self._line(limit, number)

    def _line(self, limit: int, number: int) -> bytes:
        try:
            return self.stream.readline(limit)
        except ModelwardError as error:
            raise self.located(error, f"line {number + 1}") from None

    def at_random(self) -> BinaryIO:
        """The bytes for a format that jumps about in them: a copy on disk where the place allows no jumps."""
        if self.stream.seekable():
            return self.stream
        if self._spool is None:
            self._spool = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115
            try:
                shutil.copyfileobj(self.stream, self._spool, BUFFER)
            except ModelwardError as error:
                raise self.located(error, "while it was unpacked") from None
            self._spool.seek(0)
        return self._spool

    def beside(self, name: str) -> bytes:
        """The content of another of its files. Raises InputError, or LimitExceeded past MAX_MEDIA_BYTES."""
        if self._open_beside is None:
            raise InputError("there are no files beside it", where=self.name)
        with self._open_beside(name) as file:
            data = file.stream.read(MAX_MEDIA_BYTES + 1)
            if len(data) > MAX_MEDIA_BYTES:
                raise LimitExceeded(f"the file is over {MAX_MEDIA_BYTES >> 20} MiB", where=name)
            if self._beside.setdefault(name, file.digest()) != file.digest():
                raise changed(name)
        return data

    def too_large(self, place: str) -> LimitExceeded:
        """The error for a row past MAX_ROW_BYTES."""
        return LimitExceeded(f"the row is over {MAX_ROW_BYTES} bytes", where=f"{self.name}: {place}")

    def bad(self, place: str, message: str, help: str | None = None) -> InputError:
        """An error at a place of this shard."""
        return InputError(message, where=f"{self.name}: {place}", help=help)

    def located(self, error: ModelwardError, place: str) -> ModelwardError:
        """`error`, at a place of this shard unless it names one."""
        if error.where:
            return error
        return type(error)(error.message, where=f"{self.name}: {place}", help=error.help)

    def check_rows(self, rows: int) -> None:
        """Raise LimitExceeded if so many rows cannot honestly lie in so few bytes."""
        if rows > FREE_ROWS + ROWS_PER_BYTE * self.size:
            raise LimitExceeded(f"{rows} rows in a file of {self.size} bytes", where=self.name)

    def spend(self, count: int, row: int) -> None:
        """Count bytes that columns unpack to, up to this row. Raises LimitExceeded where it is a bomb."""
        self._unpacked += count
        if self._unpacked > FREE_BYTES and self._unpacked > MAX_RATIO * self.size:
            raise LimitExceeded(
                f"the rows unpack to over {MAX_RATIO} times the size of the file",
                where=f"{self.name}: row {row}",
            )

    def digest(self) -> Digest:
        """The SHA-256 of the file as it was read, first byte to last; of several, the dirHash over them.

        Raises InputError if a file was not the same throughout, or has not been read.
        """
        if self.raw is None or self.files:
            own = {self.name: self.raw.finish(self.name)} if self.raw else {}
            return listing_digest(own | self._beside)
        return self.raw.finish(self.name)

    def close(self) -> None:
        """Close the file, and remove the copy if there is one."""
        self.stream.close()
        if self._spool is not None:
            self._spool.close()


class SeekSource(Source):
    """A shard's bytes at any offset."""

    def __init__(self, shard: OpenShard) -> None:
        self.stream: BinaryIO = shard.at_random()
        self.size = self.stream.seek(0, 2)
        self.stream.seek(0)

    def read(self, offset: int, length: int) -> bytes:
        """See `Source.read`."""
        self.stream.seek(offset)
        return self.stream.read(max(length, 0))


def listing_digest(files: dict[str, Digest]) -> Digest:
    """The dirHash over files by name."""
    listing = hashlib.sha256()
    for name, digest in sorted(files.items()):
        listing.update(f"{digest.value}  {name}\n".encode())
    return Digest("dirHash", listing.hexdigest())


@contextmanager
def open_shard(path: Path, name: str, progress: Progress) -> Iterator[OpenShard]:
    """Open a shard that is one local file. Raises InputError if it cannot be read."""
    with opened(name, lambda: HashingFile(path, progress)) as shard:
        yield shard


@contextmanager
def opened(
    name: str,
    open_raw: Callable[[], Raw | None],
    files: tuple[str, ...] = (),
    open_beside: OpenBeside | None = None,
) -> Iterator[OpenShard]:
    """Open a shard, whose errors are ours from here on. Raises InputError if it cannot be read."""
    try:
        raw = open_raw()
    except OSError as error:
        raise _unreadable(name, error) from error
    shard = OpenShard(name, raw, files, open_beside)
    try:
        yield shard
    except InputError:
        if raw and raw.changed():  # what was found wrong may never have been in the file
            raise changed(name) from None
        raise
    except OSError as error:
        raise _unreadable(name, error) from error
    finally:
        shard.close()


def _unreadable(name: str, error: OSError) -> InputError:
    return InputError(
        f"cannot be read: {error.strerror or error}",
        where=name,
        help="check that it exists and that you may read it",
    )
