"""Files read once, into memory that nothing else maps, and hashed on the way (DESIGN 1.9).

What is returned are the very bytes that were hashed: whatever happens to the file meanwhile or later, they
stay what they are.
"""

from __future__ import annotations

import errno
import hashlib
import mmap
import os
import stat
from pathlib import Path

from modelward.artifact.walk import changed, unreadable
from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded, Rejected
from modelward.formats.source import Source

READ_BYTES = 1 << 20
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class MemorySource(Source):
    """A buffer to examine."""

    def __init__(self, view: memoryview) -> None:
        self.view = view
        self.size = view.nbytes

    def read(self, offset: int, length: int) -> bytes:
        """See `Source.read`."""
        return bytes(self.view[offset : offset + max(length, 0)])


def open_file(path: Path, name: str) -> int:
    """A descriptor of the file at `path`, called `name` in errors. Raises Rejected for a link, InputError."""
    try:
        return os.open(path, _FLAGS)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Rejected("is a link", where=name, help="put a copy in its place") from None
        raise unreadable(name, error) from None


def read_verified(descriptor: int, name: str, digest: Digest, max_bytes: int | None = None) -> memoryview:
    """The bytes of an open regular file, read-only, if their SHA-256 is `digest`. Needs its size in memory.

    Raises Rejected for other bytes or more than `max_bytes`, InputError if it is no file, cannot be read or
    shrinks meanwhile, LimitExceeded if there is no memory for it.
    """
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise InputError("this is not a file", where=name, help="put the released file in its place")
    size = status.st_size
    if max_bytes is not None and size > max_bytes:
        raise Rejected(f"it has {size} bytes, more than all of the release ({max_bytes})", where=name)
    view = _allocate(size, name)
    sha256 = hashlib.sha256()
    at = 0
    try:
        while at < size:
            read = os.readv(descriptor, [view[at : at + READ_BYTES]])
            if not read:
                raise changed(name)
            sha256.update(view[at : at + read])
            at += read
    except OSError as error:
        raise unreadable(name, error) from None
    if sha256.hexdigest() != digest.value:
        raise Rejected("the bytes are not those that were released", where=name)
    return view.toreadonly()


def _allocate(size: int, name: str) -> memoryview:
    """Private anonymous memory: a forked process gets its own copy when it writes."""
    if not size:
        return memoryview(bytearray())
    try:
        return memoryview(mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
    except (OSError, OverflowError, ValueError) as error:
        raise LimitExceeded(f"there is no memory for its {size} bytes", where=name) from error
