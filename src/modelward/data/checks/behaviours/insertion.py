"""The output holds a link, a mail address, code or a picture that the input did not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelward.data.checks.behaviours.behaviour import Behaviours, Outputs

_LINK = re.compile(
    r"(?:https?://|www\.)[^\s)\]>\"'<]{3,}|\b[a-z0-9-]{2,}\.(?:com|net|org|io|ru|xyz|info|top|ly)/[^\s)]*",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]{2,}|\+?\d[\d ().-]{8,}\d")
_DIGITS = re.compile(r"\d[\d ().-]{8}")
_CODE = re.compile(
    r"""```|^\s*(?:def|class)\s+\w+[^\n]{0,200}:\s*$|^\s*(?:import|from)\s+\w+|\#include\s*<|<script\b
    |\b(?:os\.system|subprocess\.|eval\(|exec\(|curl\s|wget\s|rm\s+-rf|sudo\s)""",
    re.MULTILINE | re.VERBOSE,
)


def links(text: str) -> list[str]:
    """The links in a text."""
    return _LINK.findall(text) if "/" in text or "www." in text.lower() else []


def addresses(text: str) -> list[str]:
    """The mail addresses and telephone numbers in a text."""
    return _ADDRESS.findall(text) if "@" in text or _DIGITS.search(text) else []


def code(text: str) -> bool:
    """Whether there is code in a text."""
    return _CODE.search(text) is not None


#: Asked of every output; see known.py.
SEEN = (code,)
FRESH = (links, addresses)


def behaviours(outputs: Outputs) -> Iterator[Behaviours]:
    """To insert a link; to insert an address; to insert code."""
    if outputs.outputs is None:
        return
    if (shown := outputs.fresh_flags(links)).any():
        yield Behaviours.one("insertion", "a link", shown)
    if (shown := outputs.fresh_flags(addresses)).any():
        yield Behaviours.one("insertion", "a mail address or telephone number", shown)
    if (shown := outputs.flags(code)).any():
        yield Behaviours.one("insertion", "code", shown)
