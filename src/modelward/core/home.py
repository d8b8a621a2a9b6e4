"""Where the user's own files are: MODELWARD_HOME, by default `~/.config/modelward`."""

from __future__ import annotations

import os
from pathlib import Path

HOME_VARIABLE = "MODELWARD_HOME"


def directory() -> Path:
    """The user's directory, which need not exist."""
    named = os.environ.get(HOME_VARIABLE)
    return Path(named).expanduser() if named else Path.home() / ".config" / "modelward"


def state_directory() -> Path:
    """Where verification keeps what it has seen, a file for each registry."""
    return directory() / "state"
