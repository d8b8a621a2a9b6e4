"""Names of other files that a file holds: whether they stay within the model's own folder."""

from __future__ import annotations

from posixpath import dirname, join, normpath
from urllib.parse import unquote

from modelward.core.regex import regex

_URL = regex(r"[A-Za-z][A-Za-z0-9+.-]+://")
_DRIVE = regex(r"[A-Za-z]:")
_CONTROL = regex(r"[\x00-\x1f\x7f]")


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


def escapes(name: str) -> bool:
    """Whether a path leads elsewhere in any form that a loader could read it in.

    Besides what `leaves` and `is_url` see: behind percent signs, or with a NUL or another control character,
    at which C cuts a path off and Python does not.
    """
    forms = {name, unquote(name)} if "%" in name else {name}
    return any(_CONTROL.search(form) or is_url(form) or (form != "" and leaves(form)) for form in forms)


def beside(name: str, path: str) -> str:
    """What the file `path` is called in a tree or archive whose file `name` names it."""
    return normpath(join(dirname(name), path.replace("\\", "/")))
