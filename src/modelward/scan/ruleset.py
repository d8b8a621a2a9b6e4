"""The digest of what decides: any change to a reader, list or rule changes it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from modelward.core.digest import Digest

_PACKAGES = ("formats", "scan")


@cache
def ruleset() -> Digest:
    """The SHA-256 over the names and bytes of all files of the packages that decide, in order of name."""
    root = Path(__file__).parents[1]
    total = hashlib.sha256()
    for package in _PACKAGES:
        for name in sorted(_files(root / package)):
            data = (root / package / name).read_bytes()
            total.update(f"modelward.{package}/{name} {len(data)}\n".encode())
            total.update(data)
    return Digest("sha256", total.hexdigest())


def _files(folder: Path) -> Iterator[str]:
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        inner = Path(here).relative_to(folder)
        yield from ((inner / name).as_posix() for name in names if not name.endswith((".pyc", ".so")))
