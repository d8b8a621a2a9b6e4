"""The writes a log makes, each one of which may fail: the seam at which the crash tests break them."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from modelward.core.errors import LimitExceeded

_NEW = ".new"


class Disk:
    """A log's directory. Names are relative to it, with `/`.

    Every method raises OSError as the system does. Only `append`, `sync` and `truncate` are durable when
    they return.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, name: str, limit: int) -> bytes:
        """The whole file. Raises LimitExceeded if it has more than `limit` bytes."""
        with (self.root / name).open("rb", buffering=0) as stream:
            # A raw read may return less than asked for.
            data = b""
            while chunk := stream.read(limit + 1 - len(data)):
                data += chunk
        if len(data) > limit:
            raise LimitExceeded(f"over {limit} bytes", where=str(self.root / name))
        return data

    def size(self, name: str) -> int:
        """The length of a file; 0 if there is none."""
        try:
            return os.stat(self.root / name).st_size
        except FileNotFoundError:
            return 0

    def write(self, name: str, data: bytes) -> None:
        """Replace a file, so that readers see the old or the new one whole. Not durable yet."""
        new, path = self.root / _NEW, self.root / name
        self._write_all(new, os.O_TRUNC, data)
        try:
            os.replace(new, path)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.replace(new, path)

    def append(self, name: str, data: bytes) -> None:
        """Add to the end of a file, durably."""
        self._write_all(self.root / name, os.O_APPEND, data, durable=True)

    def sync(self, names: Iterable[str]) -> None:
        """Make the named files durable, with the directories that lead to them."""
        directories = {self.root}
        for name in names:
            path = self.root / name
            _fsync(path, 0)
            while (path := path.parent) != self.root:
                directories.add(path)
        for directory in directories:
            _fsync(directory, os.O_DIRECTORY)

    def truncate(self, name: str) -> None:
        """Empty a file, durably."""
        descriptor = os.open(self.root / name, os.O_WRONLY)
        try:
            os.ftruncate(descriptor, 0)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def remove(self, name: str) -> None:
        """Remove a directory with all that is in it, if it is there."""
        shutil.rmtree(self.root / name, ignore_errors=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the directory alone: no other process, and no other `Disk`, is in here."""
        descriptor = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _write_all(self, path: Path, flags: int, data: bytes, *, durable: bool = False) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | flags, 0o644)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            if durable:
                os.fdatasync(descriptor)
        finally:
            os.close(descriptor)


def _fsync(path: Path, flags: int) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
