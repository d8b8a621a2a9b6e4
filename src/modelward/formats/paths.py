"""Names of other files that a file holds: whether they stay within the model's own folder."""

from __future__ import annotations

import re

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_DRIVE = re.compile(r"[A-Za-z]:")


def is_url(name: str) -> bool:
    """Whether a name is an address rather than a path (`file:` is a path)."""
    return _URL.match(name) is not None and not name.lower().startswith("file:")


def leaves(name: str) -> bool:
    """Whether a path leads out of the folder it is read from, on any system: absolute, upwards, a home."""
    parts = name.replace("\\", "/").split("/")
    return (
        parts[0] in ("", "~")
        or parts[0].startswith("~")
        or ".." in parts
        or _DRIVE.match(name) is not None
        or name.lower().startswith("file:")
    )
