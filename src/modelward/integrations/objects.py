"""`s3://`, `gs://` and `az://BUCKET/KEY`: objects of a store; a key that ends with `/` means all below it.

Region, endpoint and credentials come from the environment, as for the registry's blobs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError, PreconditionError

from modelward.artifact.blobs_remote import RemoteBlobs
from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.remote import Changed, Meter, RangeSource, RemoteArtifact, RemoteFile

MAX_OBJECTS = 100_000


def find(url: str) -> RemoteArtifact:
    """The object that `url` names, or all that begin with it if it ends with `/`. Raises InputError."""
    parts = urlsplit(url)
    key = parts.path.lstrip("/")
    store = RemoteBlobs(f"{parts.scheme}://{parts.netloc}", {}).store
    meter = Meter()
    with _errors(url):
        if key and not key.endswith("/"):
            found = [obstore.head(store, key)]
        else:
            found = [item for page in obstore.list(store, key or None, chunk_size=1000) for item in page]
    if not found or len(found) > MAX_OBJECTS:
        raise LimitExceeded(
            f"there are {len(found)} objects", where=url, help="name one, or a smaller prefix"
        )
    folder = key.rpartition("/")[0]
    files = [_file(store, item, folder, url, meter) for item in found]
    declared = f"etag:{found[0]['e_tag']}" if len(found) == 1 and found[0].get("e_tag") else None
    return RemoteArtifact(url, files, meter, declared)


def _file(store: Any, item: Any, folder: str, url: str, meter: Meter) -> RemoteFile:
    key, size, tag = item["path"], item["size"], item.get("e_tag")

    def fetch(offset: int, length: int) -> bytes:
        options: Any = {"range": (offset, offset + length)} | ({"if_match": tag} if tag else {})
        with _errors(url):
            data = bytes(obstore.get(store, key, options=options).bytes())
        meter.bytes += len(data)
        return data

    name = key.removeprefix(f"{folder}/") if folder else key
    return RemoteFile(name, size, lambda: RangeSource(size, fetch, f"{url} ({key})"))


@contextmanager
def _errors(url: str) -> Iterator[None]:
    try:
        yield
    except PreconditionError:
        raise Changed("it changed while it was being read", where=url, help="try again") from None
    except FileNotFoundError:
        raise InputError(
            "there is no such object", where=url, help="end the address of a folder with /"
        ) from None
    except BaseError as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(
            f"the object store does not answer as it should: {first}",
            where=url,
            help="check the address, the credentials and that the bucket exists",
        ) from None
