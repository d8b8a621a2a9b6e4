"""Addresses of datasets in an object store, told from paths: `s3://`, `gs://` and `az://BUCKET/KEY`."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

from modelward.core.errors import UsageError

_ADDRESS = re.compile(r"(s3|gs|az)://([^/]+)/*(.*)\Z", re.DOTALL)


class Address(NamedTuple):
    """A bucket, with its scheme, and a key in it; an empty key means all of it."""

    bucket: str
    key: str
    folder: bool

    @property
    def name(self) -> str:
        """The last part of the key, or the bucket's name."""
        return self.key.rpartition("/")[2] or self.bucket.rpartition("/")[2]


def is_remote(place: str | os.PathLike[str]) -> bool:
    """Whether this is the address of objects in a store."""
    return isinstance(place, str) and _ADDRESS.match(place) is not None


def parse(text: str) -> Address:
    """Read an address; one that ends with `/` can only be a folder. Raises UsageError."""
    match = _ADDRESS.match(text)
    if match is None:
        raise UsageError("not the address of an object", where=text, help="write it as s3://BUCKET/KEY")
    key = match[3].rstrip("/")
    return Address(f"{match[1]}://{match[2]}", key, match[3] != key or not key)


def name_of(place: str | os.PathLike[str]) -> str:
    """What people call the dataset at a path or address: the last part of it."""
    return parse(place).name if isinstance(place, str) and is_remote(place) else Path(place).name


def beside(place: str | os.PathLike[str], suffix: str) -> Path:
    """Where a file about the dataset lies: beside it, or in the working directory if it is in a store."""
    if is_remote(place):
        return Path(name_of(place) + suffix)
    path = Path(place)
    whole = path if path.name not in ("", "..") else path.resolve()
    return whole.with_name(whole.name + suffix)
