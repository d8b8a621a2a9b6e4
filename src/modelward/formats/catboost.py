"""CatBoost's binary models: a flatbuffer of trees and numbers, and tables after it. Nothing in them is
run.
"""

from __future__ import annotations

from modelward.core.errors import InputError
from modelward.formats.source import Source
from modelward.formats.window import Window

_MIN_TABLE = 4


def check(source: Source) -> int | None:
    """Where the core ends, or None if this is no CatBoost model. Raises InputError where it breaks off."""
    window = Window(source)
    if window.take(4) != b"CBM1":
        return None
    size = window.number(4)
    if size > window.left:
        raise InputError(f"its core of {size} bytes reaches past the end of the file")
    root = window.number(4)
    if not _MIN_TABLE <= root <= size - _MIN_TABLE:
        return None
    table = 8 + root
    back = int.from_bytes(source.read(table, 4), "little", signed=True)
    vtable = table - back
    if not 8 <= vtable <= 8 + size - 4:
        return None
    length = int.from_bytes(source.read(vtable, 2), "little")
    if length < 4 or length % 2 or vtable + length > 8 + size:
        return None
    return 8 + size
