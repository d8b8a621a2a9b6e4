"""Configuration of the working directory's own project; parent directories are never searched."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
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
    "suppress": "tables of findings that a scan does not show: `rule`, `digest` of the file or tree,"
    " `reason`, and a date `until`; see [scan.md](scan.md)",
    "data": "`engine`: who does the work on datasets (`local`, `local:N`, `tcp://HOST:PORT`);"
    " `MODELWARD_DATA_ENGINE` and `--engine` win over it; see [data.md](data.md)",
    "scan": "`[[scan.pin]]`: globals that pickles with a `digest` may use besides the known ones:"
    " `globals`, `reason`; see [scan.md](scan.md)",
}


@dataclass(frozen=True, slots=True)
class Config:
    """What the environment, modelward.toml or [tool.modelward] of pyproject.toml say; see SETTINGS."""

    registry: Path | None = None
    timestamp: str | None = None
    data: Any = field(default_factory=dict)
    suppress: Any = field(default_factory=list)
    scan: Any = field(default_factory=dict)


def config_file() -> Path | None:
    """The file that holds the configuration: modelward.toml, or else a pyproject.toml."""
    return next((path for path in (FILE, PYPROJECT) if path.is_file()), None)


def load_config(path: Path | None = None) -> Config:
    """Read the configuration (from another file than `config_file` says). Unknown keys are errors.

    The tables of `suppress` and `scan` are for `modelward.scan.settings` to read. Raises InputError.
    """
    named = os.environ.get(REGISTRY_VARIABLE)
    path = path or config_file()
    table = {} if path is None else _read(path)
    where = str(path)
    if path is not None and path.name == PYPROJECT.name:
        tool = table.get("tool", {})
        table = tool.get("modelward", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise InputError("tool.modelward must be a table", where=where)
    unknown = sorted(table.keys() - SETTINGS.keys())
    if unknown:
        raise InputError(
            f"unknown setting {unknown[0]!r}", where=where, help=f"settings are {sorted(SETTINGS)}"
        )
    for key in ("registry", "timestamp"):
        if not isinstance(table.get(key, ""), str):
            raise InputError(f"{key} must be text in quotes", where=where)
    timestamp = table.get("timestamp")
    if timestamp is not None and not timestamp.startswith(("http://", "https://")):
        raise InputError(f"timestamp must be an http(s) URL, not {timestamp!r}", where=where)
    registry = named or table.get("registry")
    return Config(
        Path(registry) if registry else None,
        timestamp,
        _data(table.get("data", {}), where),
        table.get("suppress", []),
        table.get("scan", {}),
    )


def _data(data: Any, where: str) -> dict[str, str]:
    if not isinstance(data, dict) or data.keys() - {"engine"}:
        raise InputError("data is a table with one setting, engine", where=where)
    if not isinstance(data.get("engine", ""), str):
        raise InputError("engine must be text in quotes", where=where)
    return data


def _read(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"cannot read settings: {error}", where=str(path)) from error
