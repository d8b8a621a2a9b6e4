"""TIFF: where the last thing ends that its directories speak of (TIFF 6.0, section 2)."""

from __future__ import annotations

from typing import Literal

from modelward.core.errors import InputError
from modelward.formats.source import Source

MAX_DIRECTORIES = 10_000
_WIDTHS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
#: Where parts of the picture are, and the tag that says how long each is: strips, tiles, an old JPEG.
_PARTS = {273: 279, 324: 325, 513: 514}
#: Other directories: parts, and what cameras write.
_DIRECTORIES = (330, 34665, 34853, 40965)


def end(source: Source) -> int | None:
    """None where a part has no length. Raises InputError."""
    order: Literal["little", "big"] = "little" if source.read(0, 2) == b"II" else "big"
    todo, seen, last = [int.from_bytes(source.read(4, 4), order)], set[int](), 8
    while todo:
        at = todo.pop()
        if not at or at in seen or at >= source.size:
            continue
        if len(seen) >= MAX_DIRECTORIES:
            raise InputError(f"it has over {MAX_DIRECTORIES} directories")
        seen.add(at)
        count = int.from_bytes(source.read(at, 2), order)
        entries = source.read(at + 2, 12 * count)
        after = at + 2 + 12 * count
        last = max(last, after + 4)
        todo.append(int.from_bytes(source.read(after, 4), order))
        values: dict[int, list[int]] = {}
        for begin in range(0, len(entries) - 11, 12):
            entry = entries[begin : begin + 12]
            tag, kind = (int.from_bytes(entry[place : place + 2], order) for place in (0, 2))
            width = _WIDTHS.get(kind, 0)
            length = width * int.from_bytes(entry[4:8], order)
            where = int.from_bytes(entry[8:], order) if length > 4 else at + 2 + begin + 8
            last = max(last, where + length)
            if tag in _PARTS or tag in _PARTS.values() or tag in _DIRECTORIES:
                data = source.read(where, length)
                values[tag] = [
                    int.from_bytes(data[n : n + width], order) for n in range(0, len(data), width or 1)
                ]
        for tag in _DIRECTORIES:
            todo += values.get(tag, [])
        for tag, lengths in _PARTS.items():
            begins = values.get(tag, [])
            if len(begins) > len(values.get(lengths, [])):
                return None
            ends = [begin + length for begin, length in zip(begins, values.get(lengths, []), strict=False)]
            last = max([last, *ends])
    return last
