"""What a recorded function ran with: its code, and the packages of this process."""

from __future__ import annotations

import importlib.metadata
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from modelward.core import strict_json
from modelward.core.digest import Digest
from modelward.data.declaration import Thing


def of(function: Callable[..., Any]) -> dict[str, Any]:
    """The fields `code` and `environment` of a declaration."""
    code = _code(function)
    return {"code": (code,) if code else (), "environment": environment()}


def environment() -> Thing:
    """Every installed package and its version, by the digest of the list, as `modelward run` records it."""
    packages = {
        found.metadata["Name"].lower(): found.version
        for found in importlib.metadata.distributions()
        if found.metadata["Name"]
    }
    version = sys.version.split()[0]
    digest = Digest.sha256(strict_json.dumps(dict(sorted(packages.items()))))
    return Thing.of(f"packages of {sys.implementation.name} {version}", digest)


def _code(function: Callable[..., Any]) -> Thing | None:
    """The file that the function is in; in a notebook its own lines; None where neither is known."""
    name = getattr(function, "__qualname__", type(function).__name__)
    try:
        file = inspect.getsourcefile(function)
        if file is not None and Path(file).is_file():
            return Thing.of(f"{Path(file).name}:{name}", Digest.sha256(Path(file).read_bytes()))
        return Thing.of(name, Digest.sha256(inspect.getsource(function).encode("utf-8")))
    except (OSError, TypeError):
        return None
