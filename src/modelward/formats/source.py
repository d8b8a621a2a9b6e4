"""Bytes to examine, read at an offset: a file, a part of one, or bytes in memory. Never all at once."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator

from modelward.core.errors import InputError

CHUNK_BYTES = 1 << 20
#: A file of up to so many bytes is read at once: most are looked at by many readers.
SMALL_BYTES = 64 << 10


class Source(ABC):
    """Something of a known size in bytes. A read past the end is short, never an error."""

    size: int

    @abstractmethod
    def read(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset`; fewer only at the end. Raises InputError."""

    def chunks(self, offset: int = 0) -> Iterator[bytes]:
        """The bytes from `offset` to the end, in pieces."""
        while offset < self.size:
            chunk = self.read(offset, CHUNK_BYTES)
            if not chunk:
                return
            yield chunk
            offset += len(chunk)

    def windows(self, overlap: int) -> Iterator[tuple[int, bytes]]:
        """The whole in pieces, each with its offset, that share so many bytes with the next.

        What is no longer than they share is wholly in one of them.
        """
        offset = 0
        while offset < self.size:
            chunk = self.read(offset, CHUNK_BYTES)
            if not chunk:
                return
            yield offset, chunk
            offset += len(chunk)
            if offset < self.size:
                offset -= min(overlap, len(chunk) - 1)


class FileSource(Source):
    """An open descriptor of a regular file, which stays the caller's to close. A small one is read once."""

    def __init__(self, descriptor: int, label: str) -> None:
        self.descriptor = descriptor
        self.label = label
        self.size = os.fstat(descriptor).st_size
        self._held: bytes | None = None

    def read(self, offset: int, length: int) -> bytes:
        """See `Source.read`."""
        if self.size > SMALL_BYTES:
            return self._read(offset, length)
        if self._held is None:
            self._held = self._read(0, self.size)
        return self._held[offset : offset + max(length, 0)]

    def _read(self, offset: int, length: int) -> bytes:
        parts = []
        try:
            while length > 0 and (part := os.pread(self.descriptor, length, offset)):
                parts.append(part)
                offset += len(part)
                length -= len(part)
        except OSError as error:
            raise InputError(f"cannot read it: {error.strerror}", where=self.label) from None
        return parts[0] if len(parts) == 1 else b"".join(parts)


class BytesSource(Source):
    """Bytes in memory."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)

    def read(self, offset: int, length: int) -> bytes:
        """See `Source.read`."""
        return self.data[offset : offset + max(length, 0)]


class Slice(Source):
    """A part of another source."""

    def __init__(self, source: Source, start: int, length: int) -> None:
        self.source = source
        self.start = start
        self.size = max(0, min(length, source.size - start))

    def read(self, offset: int, length: int) -> bytes:
        """See `Source.read`."""
        return self.source.read(self.start + offset, min(length, self.size - offset))


def is_padding(source: Source) -> bool:
    """Whether it is nothing but zeros, as writers fill blocks with."""
    return not any(chunk.strip(b"\0") for chunk in source.chunks())
