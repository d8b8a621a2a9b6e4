"""Orders and code that a text holds in a coding: base64, hexadecimal digits, rot13, escapes.

What decodes to data (a picture, a hash, a token) is none; what decodes to words is told from what decodes to
orders and code.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re

from modelward.core.regex import regex
from modelward.data.checks.orders import ordered

#: A run of so many letters and digits may be a coding.
SHORTEST = 16
_BASE64 = regex(r"(?<![\w+/=-])(?:[A-Za-z0-9+/]{20,}|[A-Za-z0-9_-]{20,})={0,2}")
_HEX = regex(r"(?<![0-9A-Za-z])(?:0x)?((?:[0-9a-f]{2}){12,}|(?:[0-9A-F]{2}){12,})(?![0-9A-Za-z])")
_ESCAPES = regex(r"(?:\\u00[0-9a-fA-F]{2}|\\x[0-9a-fA-F]{2}|%[0-9a-fA-F]{2}|&#x?[0-9a-fA-F]{2,3};){8,}")
_ESCAPE = regex(r"(?:\\u00|\\x|%|&#x?)([0-9a-fA-F]{2,3});?")
_CODE = regex(
    r"\b(?:import\s+\w+|os\.(?:system|popen)|subprocess|eval\(|exec\(|curl\s|wget\s"
    r"|powershell|/bin/(?:ba)?sh|rm\s-rf|<script|document\.|fetch\(|require\(|nc\s-e|/dev/tcp"
    r"|chmod\s|function\s*\()"
)
#: Words of orders, as rot13 writes them.
ROTATED = frozenset(
    codecs.encode(word, "rot13")
    for word in (
        "ignore",
        "instructions",
        "disregard",
        "previous",
        "system",
        "prompt",
        "password",
        "reveal",
        "execute",
        "delete",
        "assistant",
        "override",
        "secret",
        "download",
        "output",
        "guidelines",
        "respond",
        "follow",
    )
)
_TEXT = re.compile(r"[\x20-\x7e\s]+")
_MOST = 8


def decoded(text: str) -> str:
    """What a text says in a coding, if that is an order to a model or code; or nothing."""
    for said in _sayings(text):
        if _CODE.search(said) or ordered(said):
            return said[:200]
    return ""


def _sayings(text: str) -> list[str]:
    found = []
    for match in list(_BASE64.finditer(text))[:_MOST]:
        run = match[0].rstrip("=").replace("-", "+").replace("_", "/")
        try:
            found.append(base64.b64decode(run + "=" * (-len(run) % 4), validate=True))
        except binascii.Error:
            continue
    found += [bytes.fromhex(match[1]) for match in list(_HEX.finditer(text))[:_MOST]]
    for match in list(_ESCAPES.finditer(text))[:_MOST]:
        base = 10 if "&#" in match[0] and "&#x" not in match[0] else 16
        found.append(bytes(min(int(each, base), 255) for each in _ESCAPE.findall(match[0])))
    said = [each.decode("ascii", "replace") for each in found]
    said = [each for each in said if _TEXT.fullmatch(each)]
    lower = text.lower()
    if sum(word in lower for word in ROTATED) >= 2:
        said.append(codecs.encode(text, "rot13"))
    return said
