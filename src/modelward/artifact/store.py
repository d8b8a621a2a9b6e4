"""Bytes kept by their digest, in a directory or an object store.

The store is not trusted: its bytes are hashed on every read, and wrong ones are refused. Blobs
never change, so writing one twice is writing it once. Key: `sha256/ab/HEX`, `ab` being how HEX starts.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from modelward.artifact.blobs import CHUNK_BYTES, Blobs, DirectoryBlobs
from modelward.artifact.hashing import hash_file
from modelward.artifact.walk import unreadable
from modelward.core.atomic import replacing
from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded, Rejected, UsageError

#: What `get_bytes` holds in memory unless told otherwise.
MAX_BYTES = 64 << 20
SCHEMES = ("s3", "gs", "az")

_KEY = re.compile(r"sha256/([0-9a-f]{2})/(\1[0-9a-f]{62})\Z")


class Store:
    """A content-addressed store. Safe for many threads and processes at once."""

    def __init__(self, blobs: Blobs, location: str) -> None:
        self._blobs = blobs
        self.location = location

    @classmethod
    def open(cls, location: str | Path, **options: str) -> Store:
        """The store at a directory (made when first written) or an `s3://`, `gs://` or `az://` URL.

        `options` configure an object store and win over its environment variables (`AWS_*`, `GOOGLE_*`,
        `AZURE_*`); see `blobs_remote.RemoteBlobs`. Raises UsageError.
        """
        scheme, separator, _ = str(location).partition("://")
        if not separator:
            if options:
                raise UsageError("a store in a directory has no options", where=str(location))
            return cls(DirectoryBlobs(Path(location).absolute()), str(location))
        if scheme not in SCHEMES:
            raise UsageError(
                f"no store of the kind {scheme!r}",
                where=str(location),
                help=f"give a directory or one of {', '.join(f'{known}://' for known in SCHEMES)}",
            )
        from modelward.artifact.blobs_remote import RemoteBlobs

        return cls(RemoteBlobs(str(location), options), str(location))

    def put_bytes(self, data: bytes) -> Digest:
        """Keep `data`. When this returns, it is durable. Raises InputError."""
        digest = Digest.sha256(data)
        key = _key(digest)
        if not self._blobs.holds(key, len(data)):
            self._blobs.write(key, [data], len(data))
        return digest

    def put_file(self, path: str | os.PathLike[str], digest: Digest | None = None) -> Digest:
        """Keep the bytes of a file, streamed. When this returns, they are durable.

        `digest`, where it is known already, saves one reading of the file; nothing is stored under it but
        bytes that have it. Raises InputError (unreadable, changed meanwhile), or Rejected if the file
        does not have `digest`.
        """
        expected = digest or hash_file(path)
        key = _key(expected)
        try:
            size = os.stat(path).st_size
        except OSError as error:
            raise unreadable(os.fsdecode(path), error) from None
        if not self._blobs.holds(key, size):
            self._blobs.write(key, _checked_file(path, expected), size)
        return expected

    def get_bytes(self, digest: Digest, *, max_bytes: int = MAX_BYTES) -> bytes:
        """The bytes under `digest`, verified.

        Raises Rejected if they are others, LimitExceeded past `max_bytes`, InputError if there are none.
        """
        return b"".join(self._verified(digest, max_bytes))

    def get_file(self, digest: Digest, path: Path, *, max_bytes: int | None = None) -> None:
        """Write the bytes under `digest` to `path`, which appears only once they are verified.

        Raises as `get_bytes` does; `path` is then left as it was.
        """
        try:
            with replacing(path) as stream:
                for chunk in self._verified(digest, max_bytes):
                    stream.write(chunk)
        except OSError as error:
            raise InputError(f"cannot write it: {error.strerror}", where=str(path)) from None

    def verify(self, digest: Digest) -> None:
        """Read all bytes under `digest` and check them. Raises as `get_bytes` does."""
        self.get_head(digest, 0)

    def get_head(self, digest: Digest, size: int) -> bytes:
        """The first `size` bytes under `digest`, after all of them were read and verified."""
        head = bytearray()
        for chunk in self._verified(digest, None):
            head += chunk[: size - len(head)]
        return bytes(head)

    def exists(self, digest: Digest) -> bool:
        """Whether something lies under `digest`; only reading tells whether it is right."""
        return self._blobs.exists(_key(digest))

    def delete(self, digest: Digest) -> None:
        """Remove the bytes under `digest`, if there are any."""
        self._blobs.delete(_key(digest))

    def digests(self) -> Iterator[Digest]:
        """The digests of all blobs; anything else in the store is passed over."""
        for key in self._blobs.list_keys():
            match = _KEY.match(key)
            if match:
                yield Digest("sha256", match[2])

    def _verified(self, digest: Digest, max_bytes: int | None) -> Iterator[bytes]:
        """The chunks under `digest`; the iteration ends with an error unless all of them have it."""
        sha256 = hashlib.sha256()
        size = 0
        try:
            for chunk in self._blobs.read(_key(digest)):
                size += len(chunk)
                if max_bytes is not None and size > max_bytes:
                    raise LimitExceeded(f"the blob is over {max_bytes} bytes", where=str(digest))
                sha256.update(chunk)
                yield chunk
        except FileNotFoundError:
            raise InputError(
                f"the store {self.location} does not hold this blob",
                where=str(digest),
                help="push it again, or restore it from a backup",
            ) from None
        if sha256.hexdigest() != digest.value:
            raise Rejected(
                f"the store {self.location} holds other bytes under this digest",
                where=str(digest),
                help="the store is damaged or was tampered with: delete the blob and push it again",
            )


def _key(digest: Digest) -> str:
    if digest.algorithm != "sha256":
        raise InputError(
            "blobs are named by sha256",
            where=str(digest),
            help="a tree is kept as its manifest file and its files, each under its sha256",
        )
    return f"sha256/{digest.value[:2]}/{digest.value}"


def _checked_file(path: str | os.PathLike[str], expected: Digest) -> Iterator[bytes]:
    """The bytes of a file; raises Rejected in place of the end unless they have `expected`."""
    sha256 = hashlib.sha256()
    try:
        with open(path, "rb", buffering=0) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                sha256.update(chunk)
                yield chunk
    except OSError as error:
        raise unreadable(os.fsdecode(path), error) from None
    if sha256.hexdigest() != expected.value:
        raise Rejected(
            f"the file does not have the digest {expected.short}, or changed while it was read",
            where=os.fsdecode(path),
            help="stop whatever writes to it, then try again",
        )
