"""Files that appear whole or not at all: temporary name, fsync, rename, fsync of the directory."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(path: Path, *, mode: int = 0o644) -> Iterator[BinaryIO]:
    """Yield a file that takes the place of `path` on success and vanishes on any error.

    Missing parent directories are created, durably. Raises OSError, which names `path`.
    """
    make_directories(path.parent)
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:32]}.", dir=path.parent)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
        os.replace(name, path)
    except BaseException as error:
        Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename == name:
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise
    fsync_directory(path.parent)


def write_bytes(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write `data` to `path` atomically and durably."""
    with replacing(path, mode=mode) as stream:
        stream.write(data)


def copy(source: Path, path: Path, *, mode: int = 0o644) -> None:
    """Make `path` a copy of the file `source`, atomically and durably. Nobody may write to `source` any more:
    on one file system the two share their bytes. Raises OSError.
    """
    make_directories(path.parent)
    name = path.with_name(f".{path.name[:32]}.{secrets.token_hex(8)}")
    try:
        os.link(source, name)
    except OSError:  # another file system, or one without links
        with replacing(path, mode=mode) as stream, source.open("rb") as old:
            shutil.copyfileobj(old, stream, 1 << 20)
        return
    try:
        with name.open("rb") as stream:
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
        os.replace(name, path)
    finally:
        name.unlink(missing_ok=True)
    fsync_directory(path.parent)


def make_directories(path: Path) -> None:
    """Create `path` and its missing parents, so that they survive a crash. Raises OSError."""
    if path.is_dir():
        return
    make_directories(path.parent)
    path.mkdir(exist_ok=True)
    fsync_directory(path.parent)


def fsync_directory(path: Path) -> None:
    """Make a rename or creation in `path` durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
