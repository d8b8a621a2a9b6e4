"""Configuration of the working directory's own project; parent directories are never searched."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelward.core.errors import InputError

FILE = Path("modelward.toml")
PYPROJECT = Path("pyproject.toml")
REGISTRY_VARIABLE = "MODELWARD_REGISTRY"

#: Every setting, and what it means; docs/cli.md is written from this.
SETTINGS = {
    "registry": "the registry's directory; `MODELWARD_REGISTRY` and `--registry` win over it",
    "timestamp": "the http(s) URL of an RFC 3161 authority, asked for each statement that is signed, so that"
    " statements outlive the keys that signed them; the trust policy must know the authority"
    " (`modelward key trust --timestamp-authority NAME=FILE`)",
}


@dataclass(frozen=True, slots=True)
class Config:
    """What the environment, modelward.toml or [tool.modelward] of pyproject.toml say; see SETTINGS."""

    registry: Path | None = None
    timestamp: str | None = None


def load_config() -> Config:
    """Read the configuration. Unknown keys are errors. Raises InputError."""
    named = os.environ.get(REGISTRY_VARIABLE)
    if FILE.is_file():
        table, where = _read(FILE), str(FILE)
    elif PYPROJECT.is_file():
        tool = _read(PYPROJECT).get("tool", {})
        table, where = tool.get("modelward", {}) if isinstance(tool, dict) else {}, str(PYPROJECT)
    else:
        table, where = {}, ""
    if not isinstance(table, dict):
        raise InputError("tool.modelward must be a table", where=where)
    unknown = sorted(table.keys() - SETTINGS.keys())
    if unknown:
        raise InputError(
            f"unknown setting {unknown[0]!r}", where=where, help=f"settings are {sorted(SETTINGS)}"
        )
    for key, value in table.items():
        if not isinstance(value, str):
            raise InputError(f"{key} must be text in quotes", where=where)
    timestamp = table.get("timestamp")
    if timestamp is not None and not timestamp.startswith(("http://", "https://")):
        raise InputError(f"timestamp must be an http(s) URL, not {timestamp!r}", where=where)
    registry = named or table.get("registry")
    return Config(Path(registry) if registry else None, timestamp)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"cannot read settings: {error}", where=str(path)) from error
