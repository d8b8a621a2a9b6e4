"""The front matter of a README: the flat part of its YAML, read as data without a YAML parser.

Only `key: scalar`, `key: [a, b]` and `key:` with a list of scalars are understood; anything nested is left
out, never guessed at. Keys are those of Hugging Face model cards.
"""

from __future__ import annotations

import re

MAX_BYTES = 1 << 20
MAX_VALUES = 200

_KEY = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*):(?:[ \t]+(.*))?\Z")
_ITEM = re.compile(r"[ ]{0,8}-[ \t]+(.*)\Z")


def parse(text: str) -> tuple[dict[str, tuple[str, ...]], str]:
    """The front matter's flat keys with their values, and the text that follows it."""
    lines = text[:MAX_BYTES].replace("\r\n", "\n").split("\n")
    if not lines or lines[0].strip() != "---":
        return {}, text
    end = next((number for number, line in enumerate(lines[1:], 1) if line.strip() in ("---", "...")), None)
    if end is None:
        return {}, text
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in lines[1:end]:
        key, item = _KEY.match(line), _ITEM.match(line)
        if key:
            current = found.setdefault(key[1], [])
            current += _values(key[2] or "")
        elif item and current is not None and (value := _scalar(item[1])):
            current.append(value)
    flat = {key: tuple(values[:MAX_VALUES]) for key, values in found.items() if values}
    return flat, "\n".join(lines[end + 1 :])


def first_paragraph(body: str, *, limit: int = 500) -> str:
    """The first paragraph of Markdown that is prose, cut at `limit` characters, or an empty string."""
    for block in re.split(r"\n[ \t]*\n", body[:MAX_BYTES]):
        lines = [line.strip() for line in block.strip().split("\n") if not line.lstrip().startswith("#")]
        text = " ".join(line for line in lines if line)
        if text and text[0] not in "<|![`-*>":
            return text[:limit]
    return ""


def _values(text: str) -> list[str]:
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        return [value for part in text[1:-1].split(",") if (value := _scalar(part))]
    value = _scalar(text)
    return [value] if value else []


def _scalar(text: str) -> str:
    """A plain or quoted scalar; an empty string for what is nested, a block, an anchor or null."""
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    text = re.split(r"[ \t]#", text, maxsplit=1)[0].strip()
    if not text or text[0] in "{[|>&*!%@`#\"'" or text in ("null", "~") or re.search(r":(?:\s|\Z)", text):
        return ""
    return text
