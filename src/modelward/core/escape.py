"""Untrusted text made safe to print."""

from __future__ import annotations

import unicodedata

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def escape(text: str, *, limit: int = 400) -> str:
    """`text` with control, format and private characters as escapes, cut at `limit` characters.

    A file name or a field of a statement may hold terminal escapes, direction overrides or
    newlines that would forge a line of output.
    """
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    if cut.isascii() and cut.isprintable():
        return cut
    return "".join(
        char.encode("unicode_escape").decode("ascii") if unicodedata.category(char) in _HIDDEN else char
        for char in cut
    )
