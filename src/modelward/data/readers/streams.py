"""The bytes of one file while it is read, wherever it lies: what is hashed is what is parsed."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from abc import abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path

from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.core.progress import Progress, Silent

BUFFER = 1 << 20


class Raw(io.RawIOBase):
    """Bytes to read from the first to the last. `size` is their number before anything was read."""

    size: int

    def readable(self) -> bool:
        """It is."""
        return True

    @abstractmethod
    def finish(self, name: str) -> Digest:
        """The SHA-256 of all bytes. Raises InputError if they were not the same throughout."""

    def changed(self) -> bool:
        """Whether somebody wrote to the file since it was opened."""
        return False


class HashingFile(Raw):
    """A file that hashes what is read from it in order, and can be read at random as well."""

    def __init__(self, path: Path, progress: Progress) -> None:
        self._file = open(path, "rb", buffering=0, opener=_without_waiting)  # noqa: SIM115
        self._before = os.fstat(self._file.fileno())
        if not stat.S_ISREG(self._before.st_mode):
            self._file.close()
            raise InputError("not a regular file", where=str(path))
        self.size = self._before.st_size
        self._hash = hashlib.sha256()
        self._hashed = 0
        self._at = 0
        self._progress = progress

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """See `io.RawIOBase`."""
        self._at = self._file.seek(offset, whence)
        return self._at

    def readinto(self, buffer: object) -> int:
        """See `io.RawIOBase`."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        count = self._file.readinto(view) or 0
        if self._at == self._hashed:
            self._hash.update(view[:count])
            self._hashed += count
        self._at += count
        self._progress.advance(count)
        return count

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset` on, which are not hashed."""
        return os.pread(self._file.fileno(), size, offset)

    def finish(self, name: str) -> Digest:
        """See `Raw`."""
        if self._hashed < self.size:  # a format that is read at random
            self.seek(self._hashed)
            self._progress = Silent()
            scratch = bytearray(BUFFER)
            while self.readinto(scratch):
                pass
        if self.changed() or self._hashed != self.size:
            raise changed(name)
        return Digest("sha256", self._hash.hexdigest())

    def changed(self) -> bool:
        """See `Raw`."""
        return _state(os.fstat(self._file.fileno())) != _state(self._before)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


class Chunks(Raw):
    """Pieces that come one after the other, hashed as they come: an object of a store."""

    def __init__(self, pieces: Callable[[], Iterator[bytes]], size: int, progress: Progress) -> None:
        self.size = size
        self._pieces = pieces()
        self._piece = memoryview(b"")
        self._hash = hashlib.sha256()
        self._hashed = 0
        self._progress = progress

    def readinto(self, buffer: object) -> int:
        """See `io.RawIOBase`."""
        while not self._piece:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._hash.update(piece)
            self._hashed += len(piece)
            self._progress.advance(len(piece))
            self._piece = memoryview(piece)
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        count = min(len(view), len(self._piece))
        view[:count] = self._piece[:count]
        self._piece = self._piece[count:]
        return count

    def finish(self, name: str) -> Digest:
        """See `Raw`."""
        scratch = bytearray(BUFFER)
        while self.readinto(scratch):
            pass
        if self._hashed != self.size:
            raise changed(name)
        return Digest("sha256", self._hash.hexdigest())


def changed(name: str) -> InputError:
    """The error for a file that is not what it was a moment ago."""
    return InputError(
        "the file changed while it was read", where=name, help="wait until nothing writes to it"
    )


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # a pipe would wait for its writer


def _state(status: os.stat_result) -> tuple[int, int, int]:
    return (status.st_size, status.st_mtime_ns, status.st_ctime_ns)
