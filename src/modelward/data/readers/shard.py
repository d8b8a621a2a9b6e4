"""One file of a dataset while it is read: what is hashed is what is parsed."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded
from modelward.core.progress import Progress, Silent
from modelward.data.cells import Value
from modelward.data.shape import Shape

#: A row larger than this, in bytes of the file, is refused.
MAX_ROW_BYTES = 16 << 20
#: A batch ends after this many rows or bytes.
BATCH_ROWS = 8192
BATCH_BYTES = 16 << 20

_BUFFER = 1 << 20
_BOM = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Batch:
    """Some rows, by column. `shapes` says what the columns hold where the format knows it."""

    columns: dict[str, list[Value]]
    rows: int
    shapes: dict[str, Shape] = field(default_factory=dict)


class OpenShard:
    """A shard opened for reading. `name` is what errors call it."""

    def __init__(self, name: str, stream: _HashingStream) -> None:
        self.name = name
        self.raw = stream
        self.stream = io.BufferedReader(stream, _BUFFER)

    def lines(self) -> Iterator[bytes]:
        """The lines with their ends, without a byte order mark. Raises LimitExceeded, InputError."""
        limit = MAX_ROW_BYTES + 1
        number = 0
        line = self.stream.readline(limit)
        if line.startswith(_BOM):
            line = line[len(_BOM) :]
        while line:
            number += 1
            if len(line) == limit:
                raise self.too_large(f"line {number}")
            yield line
            line = self.stream.readline(limit)

    def too_large(self, place: str) -> LimitExceeded:
        """The error for a row past MAX_ROW_BYTES."""
        return LimitExceeded(f"the row is over {MAX_ROW_BYTES} bytes", where=f"{self.name}: {place}")

    def bad(self, place: str, message: str, help: str | None = None) -> InputError:
        """An error at a place of this shard."""
        return InputError(message, where=f"{self.name}: {place}", help=help)

    def digest(self) -> Digest:
        """The SHA-256 of the whole file as it was read, from its first byte to its last.

        Raises InputError if the file was not the same throughout.
        """
        return self.raw.finish(self.name)


class _HashingStream(io.RawIOBase):
    """A file that hashes what is read from it in order, and can be read at random as well."""

    def __init__(self, path: Path, progress: Progress) -> None:
        self._file = open(path, "rb", buffering=0, opener=_without_waiting)  # noqa: SIM115
        self._before = os.fstat(self._file.fileno())
        if not stat.S_ISREG(self._before.st_mode):
            self._file.close()
            raise InputError("not a regular file", where=str(path))
        self._hash = hashlib.sha256()
        self._hashed = 0
        self._at = 0
        self._progress = progress

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = self._file.seek(offset, whence)
        return self._at

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        count = self._file.readinto(view) or 0
        if self._at == self._hashed:
            self._hash.update(view[:count])
            self._hashed += count
        self._at += count
        self._progress.advance(count)
        return count

    def finish(self, name: str) -> Digest:
        if self._hashed < self._before.st_size:  # a format that is read at random
            self.seek(self._hashed)
            self._progress = Silent()
            scratch = bytearray(_BUFFER)
            while self.readinto(scratch):
                pass
        if self.changed() or self._hashed != self._before.st_size:
            raise _changed(name)
        return Digest("sha256", self._hash.hexdigest())

    def changed(self) -> bool:
        """Whether somebody wrote to the file since it was opened."""
        return _state(os.fstat(self._file.fileno())) != _state(self._before)

    def close(self) -> None:
        self._file.close()
        super().close()


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # a pipe would wait for its writer


def _changed(name: str) -> InputError:
    return InputError(
        "the file changed while it was read", where=name, help="wait until nothing writes to it"
    )


def _state(status: os.stat_result) -> tuple[int, int, int]:
    return (status.st_size, status.st_mtime_ns, status.st_ctime_ns)


@contextmanager
def open_shard(path: Path, name: str, progress: Progress) -> Iterator[OpenShard]:
    """Open a shard. Raises InputError if it cannot be read."""
    try:
        stream = _HashingStream(path, progress)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=name) from error
    shard = OpenShard(name, stream)
    try:
        yield shard
    except InputError:
        if stream.changed():  # what was found wrong may never have been in the file
            raise _changed(name) from None
        raise
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", where=name) from error
    finally:
        shard.stream.close()
