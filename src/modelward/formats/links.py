"""Symbolic links of a tree that lead out of it: whose they are.

A link to files of the machine makes a program that copies, packs or serves the model give them away. Links
that a person made to their own folders, or that a cache of the Hugging Face Hub consists of, are no attack.
"""

from __future__ import annotations

import os
from posixpath import dirname, join, normpath

from modelward.core.regex import regex
from modelward.formats.facts import PathEscape

_MACHINE = regex(
    r"/(?:etc|proc|sys|dev|root|boot|var/(?:run|log|lib|spool)|run|home/[^/]+/\.|Users/[^/]+/\.)(?:/|$|[^/]*)"
)
_BLOB = regex(r"(?:^|/)blobs/[0-9a-f]{40}(?:[0-9a-f]{24})?$")


def escape(root: str, name: str) -> PathEscape | None:
    """What the link `name` of the tree at `root` reaches on the machine, if it is a link that does."""
    try:
        target = os.readlink(join(root, name))
    except OSError:
        return None
    shown = os.fsencode(target).decode("utf-8", "backslashreplace")
    if _BLOB.search(shown):
        return None
    climbs = not shown.startswith("/") and normpath(join(dirname(name), shown)).startswith("..")
    if climbs or _MACHINE.match(normpath(shown)):
        return PathEscape("a link", shown, "whoever reads or copies the model reads what lies there")
    return None
