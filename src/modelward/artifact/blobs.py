"""Where blobs lie: named bytes in a directory. `blobs_remote` has the same methods for object stores."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from modelward.artifact.walk import unreadable
from modelward.core.atomic import fsync_directory, replacing
from modelward.core.errors import InputError, Rejected

CHUNK_BYTES = 1 << 20


class Blobs(Protocol):
    """Named bytes. Keys are `part/part/part`, chosen by `Store`; nothing here is believed by it."""

    def holds(self, key: str, size: int) -> bool:
        """Whether a blob of `size` bytes lies under `key`, and will after a crash."""

    def exists(self, key: str) -> bool:
        """Whether anything lies under `key`."""

    def write(self, key: str, chunks: Iterable[bytes], size: int) -> None:
        """Put `chunks` under `key`, whole and durable, or (if the iterable raises) not at all."""

    def read(self, key: str) -> Iterator[bytes]:
        """The bytes under `key`, in chunks. Raises FileNotFoundError."""

    def delete(self, key: str) -> None:
        """Remove what lies under `key`, if anything does."""

    def list_keys(self) -> Iterator[str]:
        """All keys, in order, and whatever else lies there."""


class DirectoryBlobs:
    """Blobs as files under a directory, made when first written."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def holds(self, key: str, size: int) -> bool:
        """Whether a regular file of `size` bytes is there; its name is made durable."""
        path = self.root / key
        try:
            status = path.lstat()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise unreadable(str(path), error) from None
        if not stat.S_ISREG(status.st_mode) or status.st_size != size:
            return False
        # Whoever wrote it may have died between the rename and this.
        for directory in (path.parent, path.parent.parent, self.root):
            fsync_directory(directory)
        return True

    def exists(self, key: str) -> bool:
        """Whether there is such a file."""
        return os.path.lexists(self.root / key)

    def write(self, key: str, chunks: Iterable[bytes], size: int) -> None:
        """Write a file under a temporary name, fsync it, and rename it."""
        path = self.root / key
        try:
            with replacing(path, mode=0o444) as stream:
                for chunk in chunks:
                    stream.write(chunk)
        except OSError as error:
            raise InputError(
                f"cannot write the blob: {error.strerror}",
                where=str(path),
                help="check the free space and the permissions of the store",
            ) from None

    def read(self, key: str) -> Iterator[bytes]:
        """The file's bytes."""
        path = self.root / key
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise unreadable(str(path), error) from None
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise Rejected("a blob in the store is not a regular file", where=str(path))
            while chunk := os.read(descriptor, CHUNK_BYTES):
                yield chunk
        except OSError as error:
            raise unreadable(str(path), error) from None
        finally:
            os.close(descriptor)

    def delete(self, key: str) -> None:
        """Unlink the file, durably."""
        path = self.root / key
        try:
            path.unlink()
        except FileNotFoundError:
            return
        except OSError as error:
            raise InputError(f"cannot delete the blob: {error.strerror}", where=str(path)) from None
        fsync_directory(path.parent)

    def list_keys(self) -> Iterator[str]:
        """The files two directories down."""
        for top in _names(self.root):
            for middle in _names(self.root / top):
                for name in _names(self.root / top / middle):
                    yield f"{top}/{middle}/{name}"


def _names(directory: Path) -> list[str]:
    try:
        return sorted(os.listdir(directory))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise unreadable(str(directory), error) from None
