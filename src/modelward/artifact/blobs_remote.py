"""Blobs in S3, Google Cloud Storage or Azure, through obstore."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import from_url

from modelward.artifact.blobs import CHUNK_BYTES
from modelward.core.errors import InputError, UsageError

#: Up to here a blob is one conditional PUT. Above, it is a multipart upload, which appears when it is
#: completed; two writers of one key write the same bytes.
SINGLE_PUT_BYTES = 16 << 20
_PART_BYTES = 8 << 20
_MAX_PARTS = 9_000  # S3 allows 10,000
_IN_FLIGHT_BYTES = 48 << 20

# The default ends a request, body included, after 30 s; what matters is that bytes keep coming.
_CLIENT: dict[str, Any] = {"connect_timeout": "10s", "read_timeout": "60s", "timeout": "24h"}
_open: Any = from_url  # its overloads want a literal scheme
# Options of the client among those of the store make obstore panic.
_CLIENT_OPTIONS = {
    "allow_http",
    "allow_invalid_certificates",
    "connect_timeout",
    "default_content_type",
    "http1_only",
    "http2_keep_alive_interval",
    "http2_keep_alive_timeout",
    "http2_keep_alive_while_idle",
    "http2_only",
    "pool_idle_timeout",
    "pool_max_idle_per_host",
    "proxy_ca_certificate",
    "proxy_excludes",
    "proxy_url",
    "randomize_addresses",
    "read_timeout",
    "root_certificate",
    "timeout",
    "user_agent",
}
_RETRY = {"max_retries": 4, "retry_timeout": timedelta(seconds=60)}


class RemoteBlobs:
    """Blobs as objects under `url` (`s3://bucket/prefix`, `gs://...`, `az://...`).

    `options` are obstore's, for that kind of store (`endpoint`, `region`, `access_key_id`, ...) and for its
    HTTP client (`allow_http` for a server without TLS, `proxy_url`, ...). What is not given comes from the
    environment: `AWS_*`, `GOOGLE_*`, `AZURE_*`. Raises UsageError for an option that there is not.
    """

    def __init__(self, url: str, options: dict[str, str]) -> None:
        config = {name: value for name, value in options.items() if name not in _CLIENT_OPTIONS}
        client = _CLIENT | {name: value for name, value in options.items() if name in _CLIENT_OPTIONS}
        client.setdefault("allow_http", os.environ.get("AWS_ALLOW_HTTP", "false"))
        self.url = url
        try:
            self.store = _open(url, config=config, client_options=client, retry_config=_RETRY)
        except (BaseError, ValueError) as error:
            raise UsageError(_first_line(error), where=url, help="check the store's options") from None

    def holds(self, key: str, size: int) -> bool:
        """Whether there is an object of `size` bytes."""
        return self._size(key) == size

    def exists(self, key: str) -> bool:
        """Whether there is such an object."""
        return self._size(key) is not None

    def write(self, key: str, chunks: Iterable[bytes], size: int) -> None:
        """Upload; an error in `chunks` aborts it and leaves no object."""
        with self._errors(key):
            if size > SINGLE_PUT_BYTES:
                part = max(_PART_BYTES, -(-size // _MAX_PARTS))
                obstore.put(
                    self.store,
                    key,
                    iter(chunks),
                    chunk_size=part,
                    max_concurrency=max(1, _IN_FLIGHT_BYTES // part),
                )
                return
            data = b"".join(chunks)
            try:
                obstore.put(self.store, key, data, mode="create")
            except AlreadyExistsError:
                if self._size(key) != size:  # not these bytes, whatever they are
                    obstore.put(self.store, key, data, use_multipart=False)

    def read(self, key: str) -> Iterator[bytes]:
        """The object's bytes."""
        with self._errors(key):
            for chunk in obstore.get(self.store, key).stream(min_chunk_size=CHUNK_BYTES):
                yield bytes(chunk)

    def delete(self, key: str) -> None:
        """Delete the object."""
        with self._errors(key):
            try:
                obstore.delete(self.store, key)
            except FileNotFoundError:
                return

    def list_keys(self) -> Iterator[str]:
        """All objects under the prefix, as the store orders them."""
        with self._errors(""):
            for page in obstore.list(self.store, chunk_size=1000):
                for item in page:
                    yield item["path"]

    def _size(self, key: str) -> int | None:
        with self._errors(key):
            try:
                return obstore.head(self.store, key)["size"]
            except FileNotFoundError:
                return None

    @contextmanager
    def _errors(self, key: str) -> Iterator[None]:
        try:
            yield
        except BaseError as error:
            raise InputError(
                f"the object store does not answer as it should: {_first_line(error)}",
                where=f"{self.url}/{key}",
                help="check its address, the credentials and that the bucket exists",
            ) from None


def _first_line(error: Exception) -> str:
    """The message without the debug dump that obstore adds."""
    return (str(error).splitlines() or [type(error).__name__])[0]
