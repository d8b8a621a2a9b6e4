"""The digest of what decides: any change to a reader, list or rule changes it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from functools import cache

from modelward.core.digest import Digest

_PACKAGES = ("formats", "scan")


@cache
def ruleset() -> Digest:
    """The SHA-256 over the names and bytes of all files of the packages that decide, in order of name."""
    root = os.path.dirname(os.path.dirname(__file__))
    total = hashlib.sha256()
    for package in _PACKAGES:
        for name, path in sorted(_files(os.path.join(root, package))):
            with open(path, "rb", buffering=0) as file:
                data = file.read()
            total.update(f"modelward.{package}/{name} {len(data)}\n".encode())
            total.update(data)
    return Digest("sha256", total.hexdigest())


def _files(folder: str, prefix: str = "") -> Iterator[tuple[str, str]]:
    """The names, relative to the package, and the paths of its files."""
    with os.scandir(folder) as entries:
        for entry in entries:
            name = prefix + entry.name
            if not entry.is_dir():
                if not name.endswith((".pyc", ".so")):
                    yield name, entry.path
            elif entry.name != "__pycache__":
                yield from _files(entry.path, f"{name}/")
